"""Which rules match a sentence, and which of several matches stand."""
