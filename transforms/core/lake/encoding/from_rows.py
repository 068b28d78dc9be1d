"""Records from the rows of tables."""

import dataclasses

from transforms.core.lake.encoding.arrow_rows import Row
from transforms.core.lake.encoding.to_rows import ARTICLE_FIELDS
from transforms.core.markdown import read_marks
from transforms.core.urls import url_key
from transforms.records import (
    Article,
    FeedSource,
    FeedState,
    PendingPage,
    PersonFact,
    RemovedBlock,
    SiteBlock,
)

_SOURCE_FIELDS = [f.name for f in dataclasses.fields(FeedSource)]
_STATE_FIELDS = {f.name for f in dataclasses.fields(FeedState)} - {"source", "pending"}
_BLOCK_FIELDS = [f.name for f in dataclasses.fields(SiteBlock)]
_PERSON_FIELDS = [f.name for f in dataclasses.fields(PersonFact)]


def article_of(row: Row) -> Article:
    """Return the article of a row, without its subheadings, which the lake does not keep."""
    fields = {name: row[name] for name in ARTICLE_FIELDS}
    for name, value in fields.items():
        if isinstance(value, list):
            fields[name] = tuple(value)
    fields["removed"] = tuple(RemovedBlock(**block) for block in row["removed"])
    # A file of an older lake lacks the column.
    marks = read_marks(row.get("body_markdown"), row["body"])
    return Article(**fields, url_key=url_key(row["url"]), marks=marks)


def feed_state(row: Row) -> FeedState:
    """Return the state of a feed's row."""
    source_fields = {name: row[name] for name in _SOURCE_FIELDS}
    source = FeedSource(**source_fields | {"tags": tuple(row["tags"])})
    pending = tuple(PendingPage(feed_id=source.feed_id, **page) for page in row["pending"])
    # A file of an older lake may lack some of the columns: those fields have their defaults.
    fields = {name: row[name] for name in _STATE_FIELDS & row.keys()}
    return FeedState(source=source, pending=pending, **fields)


def site_block(row: Row) -> SiteBlock:
    """Return the site's block of a row."""
    fields = {name: row[name] for name in _BLOCK_FIELDS}
    return SiteBlock(**fields | {"article_ids": tuple(row["article_ids"])})


def person_fact(row: Row) -> PersonFact:
    """Return the fact on a person that a row holds."""
    fields = {name: row[name] for name in _PERSON_FIELDS}
    return PersonFact(**fields | {"article_ids": tuple(row["article_ids"])})
