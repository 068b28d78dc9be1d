"""The demo: invented papers, served on this machine, are ingested into a lake. No network."""
