"""Match rules against a sentence, and choose among several matches.

`conditions` and `match` find the matches; `competition` keeps one for each event.
"""
