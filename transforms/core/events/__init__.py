"""Who did what to whom, where, when, and who says so: events by the PLOVER ontology, each with its
evidence.
"""
