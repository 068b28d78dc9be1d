"""Feeds: which to poll, when, and what their documents say.

The files in the order of the data: `lists` (and `list_writers`) are the feeds of the user, `states`
what the lake knows of them, with `moves`, `retry_queue` and `domain_backoff`; a stream keeps them
in `shards`. `poll` decides, on the values of `poll_types`: `parse` reads a document (`bounds`,
`parsed`, `feed_dates`, `json_feed`, `hints`; `not_a_feed` names other documents), `document_faults`
says what is wrong with it, `intervals` and `health` what follows, `poll_failures` what a failure
changes. `discover` finds the feeds of a site.
"""
