"""Fetching: which addresses are public, when a site may be requested again, how much is read.

The files in the order of a request: `addresses` refuses what must not be connected to; `robots`,
`pacer` and `backoff` say whether and when; `headers`, `codings` and `bodies` read the response.
"""
