"""What the stages decide, in plain Python: no Beam, network, clock or changing global."""
