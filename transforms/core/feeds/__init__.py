"""Feeds: which to poll, when, and how their documents are parsed.

The files in the order of the data: `lists` reads the user's feeds (`list_writers` writes them),
`states` has what the lake knows of each, with `moves`, `retry_queue` and `domain_backoff`; a stream
keeps states in `shards`. `poll` makes requests and decides on responses, as `poll_types`. `parse`
reads a document (`bounds`, `parsed`, `feed_dates`, `xml_feed`, `json_feed`, `hints`; `not_a_feed`
names other documents), `document_faults` describes its faults, `intervals` and `health` give the
next poll and the feed's health, `poll_failures` the same after a failure. `discover` finds the
feeds of a site.
"""
