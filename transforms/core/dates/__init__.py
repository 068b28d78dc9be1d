"""Read the dates that feeds, pages, sitemaps and rows state or print, in any language.

`stated` reads a field that holds a time, `printed` finds the stamps of a line, with their labels.
Both use `days` (day, month and year in tokens) and `clocks` (time of day and zone); `names`,
`words`, `zones`, `orders` and `calendars` have what languages and countries differ in. Nothing is
taken from the machine's clock: what a text does not say is not filled in.
"""
