"""Do the rows of a file keep what each row promises: order, folder, words, forms, ranges, times?"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.core.extract.page_dates import AHEAD, OLDEST
from transforms.core.ids import MAX_SAMPLE_IDS
from transforms.core.lake.checks.arrays import Mask, is_null, mask_of, numbers, owners
from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.checks.parquet_files import RowBatch
from transforms.core.lake.schema.schema import TIME, Table
from transforms.core.lake.schema.tables import RUNS

Broken = tuple[str, Mask, str]
"""A code, the rows that break its promise, and what is wrong with them."""
_DAY_US = 86_400_000_000
_WORDS = re.compile(r"[a-z0-9_]+(?:\|[a-z0-9_]+)+")
_ID = "^[0-9a-f]{32}$"
_FORMS = {
    **dict.fromkeys(
        ("article_id", "mention_id", "event_id", "story_id", "url_key", "fetch_id", "reject_id"),
        _ID,
    ),
    **dict.fromkeys(
        ("duplicate_of", "first_article_id", "canonical_mention_id", "block_hash", "fact_hash"), _ID
    ),
    **dict.fromkeys(("body_sha256", "content_sha256", "config_sha256"), "^[0-9a-f]{64}$"),
    **dict.fromkeys(
        ("actor_country", "recipient_country", "claimant_country", "top_country"), "^[A-Z]{3}$"
    ),
}
_EVENT_COUNTRY = {"event_mentions", "events", "persons"}
_SETS = {
    "articles": ("feed_ids", "tags", "flags"),
    "sightings": ("feed_ids",),
    "site_blocks": ("article_ids",),
    "persons": ("article_ids",),
    "events": ("previous_ids", "claimed_by", "denied_by"),
    "stories": ("previous_ids", "languages"),
    "feeds": ("tags",),
}
_SLACK = 1e-6
_RANGES: dict[str, tuple[float, float]] = {
    **dict.fromkeys(("confidence", "language_score", "boilerplate_ratio"), (0, 1)),
    **{"score": (-10, 10), "lat": (-90, 90), "lon": (-180, 180), "http_status": (100, 999)},
    **dict.fromkeys(
        ("version", "event", "mention_count", "article_count", "source_count", "origin_count"),
        (1, np.inf),
    ),
    **dict.fromkeys(
        ("word_count", "removed_chars", "event_count", "attempt", "duration_ms", "bytes"),
        (0, np.inf),
    ),
    **dict.fromkeys(
        ("chars_added", "chars_removed", "dead", "injured", "size", "items_seen"), (0, np.inf)
    ),
    **dict.fromkeys(
        ("items_new", "moved_count", "consecutive_failures", "feeds", "articles_new"), (0, np.inf)
    ),
    **dict.fromkeys(("articles_rejected", "events_new", "poll_interval_s"), (0, np.inf)),
    "articles_seen": (0, MAX_SAMPLE_IDS),
}
_DAY_OF = {
    "articles": ("published_at", "first_seen_at"),
    "event_mentions": ("published_at",),
    "events": ("first_published_at",),
    "stories": ("first_at",),
    "rejects": ("rejected_at",),
    "runs": ("started_at",),
}
"""The time whose UTC day is the table's date, and the one that stands in for it."""
_IN_ORDER = {
    "articles": (("first_seen_at", "seen_at"),),
    "sightings": (("first_seen_at", "last_seen_at"),),
    "site_blocks": (("first_seen_at", "last_seen_at"),),
    "persons": (("first_date", "last_date"),),
    "events": (("first_published_at", "last_published_at"),),
    "stories": (("first_at", "last_at"),),
    "feeds": (("first_seen_at", "snapshot_at"),),
    "runs": (("started_at", "ended_at"), ("window_start_at", "window_end_at")),
}
_NOT_OF_A_RUN = {"next_revisit_at", "next_due_at", "last_item_at", "fetched_at"}
"""Times that are planned, one that feeds say, and one that the machine's own clock told."""
_EVENTS = {"event_mentions", "events"}


def check_values(batch: RowBatch, before: pa.Table | None, ledger: Ledger) -> None:
    """Check each row by itself, and against the row before it.

    `before` is the last row of the batch before.
    """
    for check in (
        _order,
        _folder,
        _words,
        _forms,
        _sets,
        _ranges,
        _days,
        _times,
        _places,
        _periods,
        _actors,
    ):
        found = check(batch, before) if check is _order else check(batch)
        for code, mask, message in found:
            if mask.any():
                rows = np.flatnonzero(mask)
                ledger.add_all(code, rows, partial(batch.finding, code, message))


def check_future(batch: RowBatch, latest: int, ledger: Ledger) -> None:
    """Check that no time that a run tells is behind the latest, in microseconds since 1970."""
    if batch.table is RUNS:
        return
    for field in batch.table.schema:
        if field.type == TIME and field.name not in _NOT_OF_A_RUN:
            rows = np.flatnonzero(numbers(batch.data[field.name]) > latest)
            message = f"{field.name} is more than 48 hours after the newest run"
            ledger.add_all("C_TIME", rows, partial(batch.finding, "C_TIME", message))


def _order(batch: RowBatch, before: pa.Table | None = None) -> Iterator[Broken]:
    names = list(batch.table.sort)
    data = batch.data.select(names)
    both = pa.concat_tables([before, data]).combine_chunks() if before is not None else data
    less = pa.array([False] * (both.num_rows - 1), pa.bool_())
    equal = pc.invert(less)
    for name in names:
        a, b = both[name].slice(0, both.num_rows - 1), both[name].slice(1)
        less = pc.or_(less, pc.and_(equal, _before(a, b)))
        equal = pc.and_(equal, _same(a, b))
    wrong = ~mask_of(pc.or_(less, equal))
    first = np.zeros(0 if before is not None else 1, np.bool_)
    yield (
        "C_ORDER",
        np.concatenate([first, wrong]),
        f"stands before its place in the order by {', '.join(names)}",
    )


def _before(a: pa.Array, b: pa.Array) -> pa.Array:
    """Return where a value sorts before another; null sorts last."""
    return pc.or_(pc.fill_null(pc.less(a, b), False), pc.and_(pc.is_valid(a), b.is_null()))


def _same(a: pa.Array, b: pa.Array) -> pa.Array:
    return pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(a.is_null(), b.is_null()))


def _folder(batch: RowBatch) -> Iterator[Broken]:
    folder = batch.table.folder
    if folder.column is None:
        return
    column = batch.data[folder.column]
    if folder.kind == "day":
        wrong = mask_of(
            pc.not_equal(column, date.fromisoformat(batch.file.folder.removeprefix("day=")))
        )
    else:
        names = {
            value: folder.name({folder.column: value}) if value else ""
            for value in column.unique().to_pylist()
        }
        wrong = np.array(
            [names[value] != batch.file.folder for value in column.to_pylist()], np.bool_
        )
    yield "C_FOLDER", wrong, f"its {folder.column} belongs to another folder"


def _words(batch: RowBatch) -> Iterator[Broken]:
    for name, words in words_of(batch.table).items():
        column = batch.data[name]
        wrong = mask_of(pc.and_(pc.is_valid(column), pc.invert(pc.is_in(column, pa.array(words)))))
        yield "C_WORD", wrong, f"{name} is none of {', '.join(words)}"


def words_of(table: Table) -> dict[str, list[str]]:
    """Return the words that each column with a fixed choice may hold: those that its description
    lists.
    """
    found = {
        f.name: _WORDS.search(f.metadata[b"description"].decode())
        for f in table.schema
        if f.type == pa.string()
    }
    return {name: match.group().split("|") for name, match in found.items() if match}


def _forms(batch: RowBatch) -> Iterator[Broken]:
    for field in batch.table.schema:
        if field.type != pa.string():
            continue
        column = batch.data[field.name]
        yield (
            "C_FORM",
            mask_of(pc.equal(column, "")),
            f"{field.name} is an empty text; unknown is null",
        )
        form = (
            "^[A-Z]{3}$" if field.name == "country" and batch.table.name in _EVENT_COUNTRY else None
        )
        form = form or _FORMS.get(field.name)
        if form:
            yield (
                "C_FORM",
                mask_of(pc.invert(pc.match_substring_regex(column, form))),
                f"{field.name} is not {form}",
            )


def _sets(batch: RowBatch) -> Iterator[Broken]:
    for name in _SETS.get(batch.table.name, ()):
        column = batch.data[name].combine_chunks()
        row, values = owners(batch.data[name]), pc.list_flatten(column)
        wrong = np.zeros(batch.data.num_rows, np.bool_)
        if len(values) > 1:
            falls = ~mask_of(pc.less(values[:-1], values[1:])) & (row[:-1] == row[1:])
            wrong[row[1:][falls]] = True
        yield "C_LIST", wrong, f"{name} is not sorted, or has an element twice"


def _ranges(batch: RowBatch) -> Iterator[Broken]:
    for name in batch.table.schema.names:
        if name in _RANGES and not pa.types.is_string(batch.table.schema.field(name).type):
            low, high = _RANGES[name]
            values = np.asarray(
                pc.fill_null(batch.data[name].cast(pa.float64()), max(low, 0)), np.float64
            )
            within = (values >= low - _SLACK) & (values <= high + _SLACK)
            yield "C_RANGE", ~within, f"{name} is not between {low:g} and {high:g}"
    if "article_ids" in batch.table.schema.names:
        wrong = mask_of(
            pc.not_equal(
                pc.list_value_length(batch.data["article_ids"]), batch.data["articles_seen"]
            )
        )
        yield "C_RANGE", wrong, "articles_seen is not the length of article_ids"


def _days(batch: RowBatch) -> Iterator[Broken]:
    times = _DAY_OF.get(batch.table.name)
    if times and batch.table.folder.column:
        at = pc.coalesce(*(batch.data[n] for n in times))
        wrong = numbers(at) // _DAY_US != numbers(batch.data[batch.table.folder.column])
        yield "C_DAY", wrong, f"{batch.table.folder.column} is not the day of {' or '.join(times)}"


def _times(batch: RowBatch) -> Iterator[Broken]:
    for first, last in _IN_ORDER.get(batch.table.name, ()):
        yield (
            "C_TIME",
            mask_of(pc.greater(batch.data[first], batch.data[last])),
            f"{first} is after {last}",
        )
    if batch.table.name == "articles":
        yield from _publication(batch)


def _publication(batch: RowBatch) -> Iterator[Broken]:
    """Yield what `extract.dates` never lets through: dates before 1990, or more than 48 hours ahead
    of the run.
    """
    data = batch.data
    known = np.maximum(numbers(data["seen_at"]), numbers(data["ingested_at"]))
    latest = known + int(AHEAD.total_seconds()) * 1_000_000
    oldest = int((OLDEST - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000
    for name in ("published_at", "modified_at"):
        at, there = numbers(data[name]), ~is_null(data[name])
        yield "C_TIME", there & (at < oldest), f"{name} is before {OLDEST.year}"
        yield (
            "C_TIME",
            there & (at > latest),
            f"{name} is more than 48 hours after the article was seen",
        )
    dated = mask_of(pc.not_equal(data["published_precision"], "none"))
    yield (
        "C_TIME",
        dated == is_null(data["published_at"]),
        "published_precision is none without published_at, and only so",
    )


def _places(batch: RowBatch) -> Iterator[Broken]:
    if batch.table.name not in _EVENTS:
        return
    lat, lon = is_null(batch.data["lat"]), is_null(batch.data["lon"])
    exact = mask_of(pc.is_in(batch.data["geo_precision"], pa.array(["point", "city"])))
    zero = mask_of(pc.and_(pc.equal(batch.data["lat"], 0.0), pc.equal(batch.data["lon"], 0.0)))
    yield "C_PLACE", lat != lon, "one of lat and lon is null"
    yield (
        "C_PLACE",
        ~exact & ~(lat & lon),
        "has coordinates, but geo_precision is neither point nor city",
    )
    yield "C_PLACE", zero, "lat and lon are 0"


def _periods(batch: RowBatch) -> Iterator[Broken]:
    if batch.table.name not in _EVENTS:
        return
    day, precision = batch.data["date"], batch.data["date_precision"]
    none = mask_of(pc.equal(precision, "none"))
    months = mask_of(pc.is_in(precision, pa.array(["month", "year"])))
    years = mask_of(pc.equal(precision, "year"))
    yield "C_PERIOD", none != is_null(day), "date_precision is none without a date, and only so"
    yield (
        "C_PERIOD",
        months & mask_of(pc.not_equal(pc.day(day), 1)),
        "date is not the first of its month",
    )
    yield (
        "C_PERIOD",
        years & mask_of(pc.not_equal(pc.month(day), 1)),
        "date is not the first of its year",
    )


def _actors(batch: RowBatch) -> Iterator[Broken]:
    if batch.table.name not in _EVENTS:
        return
    for role in ("actor", "recipient"):
        column = batch.data[role].combine_chunks()
        row = owners(batch.data[role])
        firsts = np.flatnonzero(np.diff(row, prepend=-1))
        at = np.full(batch.data.num_rows, -1)
        at[row[firsts]] = firsts
        first = pc.list_flatten(column).take(pa.array(at, mask=at < 0))
        for name in ("name", "country", "sector"):
            wrong = ~mask_of(
                _same(batch.data[f"{role}_{name}"].combine_chunks(), pc.struct_field(first, name))
            )
            yield "C_ACTOR", wrong, f"{role}_{name} is not that of the first {role}"
