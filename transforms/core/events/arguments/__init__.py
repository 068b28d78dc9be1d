"""Read the arguments of a match.

`event_arguments` combines them: who (`participants`: `actor`, `recipient` and its
`recipient_slots`), where (`places`), when (`event_dates`, by `time_expressions` and
`time_resolution`), how many (`quantities`), the source (`attribution`, `quote_speakers`), whether
it happened (`modality`, `speech_acts`) and the words that prove it (`evidence`). `carried_dates`
completes the mentions of a whole article.
"""
