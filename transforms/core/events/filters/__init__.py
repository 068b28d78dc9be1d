"""Reject matches that are not reportable events.

`accidents` and `noise` (idioms, opinions) look at the words, `guards` at the parties; `reportable`
combines them.
"""
