"""Transforms: the stages on Beam, and beside them their logic in `core` and their rules as data."""
