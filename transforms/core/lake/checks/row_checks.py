"""Check each row by itself: its order and folder, allowed values, formats, ranges, and times."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transforms.core.dates.parsed_time import AHEAD
from transforms.core.extract.page_dates import OLDEST
from transforms.core.ids import MAX_SAMPLE_IDS
from transforms.core.lake.checks.arrays import Mask, is_null, mask_of, numbers, owners
from transforms.core.lake.checks.findings import Ledger
from transforms.core.lake.checks.parquet_files import RowBatch
from transforms.core.lake.schema.columns import description
from transforms.core.lake.schema.schema import TIME, Table
from transforms.core.lake.schema.tables import RUNS, STAMPED

Violation = tuple[str, Mask, str]
"""A code, the rows that violate it, and what is wrong with them."""
_DAY_US = 86_400_000_000  # microseconds, the unit of the lake's times
# A column's description lists its allowed values as `one|another`.
_ALLOWED_VALUES = re.compile(r"[a-z0-9_]+(?:\|[a-z0-9_]+)+")
_ID = "^[0-9a-f]{32}$"
_SHA256 = "^[0-9a-f]{64}$"
_COUNTRY = "^[A-Z]{3}$"
_FORMATS = {
    "article_id": _ID,
    "mention_id": _ID,
    "event_id": _ID,
    "story_id": _ID,
    "url_key": _ID,
    "fetch_id": _ID,
    "reject_id": _ID,
    "duplicate_of": _ID,
    "replaced_by": _ID,
    "first_article_id": _ID,
    "canonical_mention_id": _ID,
    "block_hash": _ID,
    "fact_hash": _ID,
    "body_sha256": _SHA256,
    "content_sha256": _SHA256,
    "config_sha256": _SHA256,
    "actor_country": _COUNTRY,
    "recipient_country": _COUNTRY,
    "claimant_country": _COUNTRY,
    "top_country": _COUNTRY,
}
# Tables whose `country` is an ISO 3166 code. That of feeds is as the feed list gives it.
_CODED_COUNTRY = {"event_mentions", "events", "persons"}
# Lists that hold a set. The others keep the order of the page or the text.
_SETS = {
    "articles": ("feed_ids", "tags", "flags"),
    "sightings": ("feed_ids",),
    "site_blocks": ("article_ids",),
    "persons": ("article_ids",),
    "events": ("previous_ids", "claimed_by", "denied_by"),
    "stories": ("previous_ids", "languages"),
    "feeds": ("tags",),
}
# Columns are float32, which holds 0.1 as 0.100000001.
_ROUNDING = 1e-6
_SHARE = (0.0, 1.0)
_COUNT = (0.0, np.inf)
_COUNT_FROM_ONE = (1.0, np.inf)
_RANGES: dict[str, tuple[float, float]] = {
    "confidence": _SHARE,
    "language_score": _SHARE,
    "boilerplate_ratio": _SHARE,
    "score": (-10, 10),
    "lat": (-90, 90),
    "lon": (-180, 180),
    # Three digits (RFC 9110, section 15); servers send some above the 599 that it defines.
    "http_status": (100, 999),
    "version": _COUNT_FROM_ONE,
    "event": _COUNT_FROM_ONE,
    "mention_count": _COUNT_FROM_ONE,
    "article_count": _COUNT_FROM_ONE,
    "source_count": _COUNT_FROM_ONE,
    "origin_count": _COUNT_FROM_ONE,
    "word_count": _COUNT,
    "removed_chars": _COUNT,
    "event_count": _COUNT,
    "attempt": _COUNT,
    "duration_ms": _COUNT,
    "bytes": _COUNT,
    "chars_added": _COUNT,
    "chars_removed": _COUNT,
    "dead": _COUNT,
    "injured": _COUNT,
    "size": _COUNT,
    "items_seen": _COUNT,
    "items_new": _COUNT,
    "moved_count": _COUNT,
    "consecutive_failures": _COUNT,
    "feeds": _COUNT,
    "articles_new": _COUNT,
    "articles_rejected": _COUNT,
    "events_new": _COUNT,
    "poll_interval_s": _COUNT,
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
"""The time whose UTC day is the date of the row's folder, and the one used if that is null."""
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
"""Times that are not bound to a run's clock: two are planned, `last_item_at` is as feeds state it,
and `fetched_at` is by the clock of the machine that fetched."""
_BY_THE_LAKES_CLOCK = {"updated_at", "deleted_at"}
"""Times that are the start of a run: of the newest one then."""
_AHEAD_US = int(AHEAD.total_seconds()) * 1_000_000
_EVENTS = {"event_mentions", "events"}


def check_values(batch: RowBatch, before: pa.Table | None, ledger: Ledger) -> None:
    """Check each row by itself, and its order after the previous row.

    `before` is the last row of the previous batch.
    """
    for check in (
        _order,
        _folder,
        _allowed,
        _formats,
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
    """Check that no time set by a run is later than `latest`, in microseconds since 1970."""
    if batch.table is RUNS:
        return
    for field in batch.table.schema:
        if field.type == TIME and field.name not in _NOT_OF_A_RUN:
            is_exact = field.name in _BY_THE_LAKES_CLOCK
            rows = np.flatnonzero(
                numbers(batch.data[field.name]) > (latest - _AHEAD_US if is_exact else latest)
            )
            late = "" if is_exact else "more than 48 hours "
            message = f"{field.name} is {late}after the newest run"
            ledger.add_all("C_TIME", rows, partial(batch.finding, "C_TIME", message))


def _order(batch: RowBatch, before: pa.Table | None = None) -> Iterator[Violation]:
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
        f"is out of the order by {', '.join(names)}",
    )


def _before(a: pa.Array, b: pa.Array) -> pa.Array:
    """Return where a value sorts before another; null sorts last."""
    return pc.or_(pc.fill_null(pc.less(a, b), False), pc.and_(pc.is_valid(a), b.is_null()))


def _same(a: pa.Array, b: pa.Array) -> pa.Array:
    return pc.or_(pc.fill_null(pc.equal(a, b), False), pc.and_(a.is_null(), b.is_null()))


def _folder(batch: RowBatch) -> Iterator[Violation]:
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


def _allowed(batch: RowBatch) -> Iterator[Violation]:
    for name, values in allowed_values(batch.table).items():
        column = batch.data[name]
        unknown = pc.invert(pc.is_in(column, pa.array(values)))
        wrong = mask_of(pc.and_(pc.is_valid(column), unknown))
        yield "C_WORD", wrong, f"{name} is not one of {', '.join(values)}"


def allowed_values(table: Table) -> dict[str, list[str]]:
    """Return the allowed values of each column whose description lists them."""
    allowed = {}
    for field in table.schema:
        match = _ALLOWED_VALUES.search(description(field))
        if match and field.type == pa.string():
            allowed[field.name] = match.group().split("|")
    return allowed


def _formats(batch: RowBatch) -> Iterator[Violation]:
    for field in batch.table.schema:
        if field.type != pa.string():
            continue
        column = batch.data[field.name]
        empty = mask_of(pc.equal(column, ""))
        yield "C_FORM", empty, f"{field.name} is an empty text; unknown is null"
        pattern = _format_of(batch.table, field.name)
        if pattern is not None:
            wrong = mask_of(pc.invert(pc.match_substring_regex(column, pattern)))
            yield "C_FORM", wrong, f"{field.name} does not match {pattern}"


def _format_of(table: Table, name: str) -> str | None:
    if name == "country" and table.name in _CODED_COUNTRY:
        return _COUNTRY
    return _FORMATS.get(name)


def _sets(batch: RowBatch) -> Iterator[Violation]:
    for name in _SETS.get(batch.table.name, ()):
        column = batch.data[name].combine_chunks()
        row, values = owners(batch.data[name]), pc.list_flatten(column)
        wrong = np.zeros(batch.data.num_rows, np.bool_)
        if len(values) > 1:
            is_less = mask_of(pc.less(values[:-1], values[1:]))
            is_same_row = row[:-1] == row[1:]
            wrong[row[1:][~is_less & is_same_row]] = True
        yield "C_LIST", wrong, f"{name} is not sorted, or has an element twice"


def _ranges(batch: RowBatch) -> Iterator[Violation]:
    for field in batch.table.schema:
        if field.name not in _RANGES:
            continue
        low, high = _RANGES[field.name]
        known = pc.fill_null(batch.data[field.name].cast(pa.float64()), max(low, 0))
        values = np.asarray(known, np.float64)
        within = (values >= low - _ROUNDING) & (values <= high + _ROUNDING)
        yield "C_RANGE", ~within, f"{field.name} is not between {low:g} and {high:g}"
    if "article_ids" in batch.table.schema.names:
        length = pc.list_value_length(batch.data["article_ids"])
        wrong = mask_of(pc.not_equal(length, batch.data["articles_seen"]))
        yield "C_RANGE", wrong, "articles_seen is not the length of article_ids"


def _days(batch: RowBatch) -> Iterator[Violation]:
    times = _DAY_OF.get(batch.table.name)
    if times and batch.table.folder.column:
        at = pc.coalesce(*(batch.data[n] for n in times))
        wrong = numbers(at) // _DAY_US != numbers(batch.data[batch.table.folder.column])
        yield "C_DAY", wrong, f"{batch.table.folder.column} is not the day of {' or '.join(times)}"


def _times(batch: RowBatch) -> Iterator[Violation]:
    for first, last in _IN_ORDER.get(batch.table.name, ()):
        wrong = mask_of(pc.greater(batch.data[first], batch.data[last]))
        yield "C_TIME", wrong, f"{first} is after {last}"
    if batch.table in STAMPED:
        # A file of an older lake has neither, or in stories the time alone.
        unknown = is_null(batch.data["updated_at"]) & ~is_null(batch.data["updated_run_id"])
        yield "C_TIME", unknown, "updated_at is unknown, but updated_run_id is not"
    if batch.table.name == "articles":
        yield from _publication(batch)


def _publication(batch: RowBatch) -> Iterator[Violation]:
    """Yield the articles whose dates `extract.page_dates` would have refused: before 1990, or more
    than 48 hours after the run.
    """
    data = batch.data
    known = np.maximum(numbers(data["seen_at"]), numbers(data["ingested_at"]))
    latest = known + _AHEAD_US
    oldest = int((OLDEST - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000
    for name in ("published_at", "modified_at"):
        at, is_given = numbers(data[name]), ~is_null(data[name])
        yield "C_TIME", is_given & (at < oldest), f"{name} is before {OLDEST.year}"
        message = f"{name} is more than 48 hours after the article was seen"
        yield "C_TIME", is_given & (at > latest), message
    has_precision = mask_of(pc.not_equal(data["published_precision"], "none"))
    wrong = has_precision == is_null(data["published_at"])
    yield "C_TIME", wrong, "one of published_at and published_precision is unknown"


def _places(batch: RowBatch) -> Iterator[Violation]:
    if batch.table.name not in _EVENTS:
        return
    lat, lon = is_null(batch.data["lat"]), is_null(batch.data["lon"])
    is_exact = mask_of(pc.is_in(batch.data["geo_precision"], pa.array(["point", "city"])))
    yield "C_PLACE", lat != lon, "one of lat and lon is null"
    message = "has coordinates, but geo_precision is neither point nor city"
    yield "C_PLACE", ~is_exact & ~(lat & lon), message
    # Latitude and longitude 0 are in the sea off Africa: a place there is one without coordinates.
    is_zero = pc.and_(pc.equal(batch.data["lat"], 0.0), pc.equal(batch.data["lon"], 0.0))
    yield "C_PLACE", mask_of(is_zero), "lat and lon are 0"


def _periods(batch: RowBatch) -> Iterator[Violation]:
    if batch.table.name not in _EVENTS:
        return
    day, precision = batch.data["date"], batch.data["date_precision"]
    is_none = mask_of(pc.equal(precision, "none"))
    is_month_or_year = mask_of(pc.is_in(precision, pa.array(["month", "year"])))
    is_year = mask_of(pc.equal(precision, "year"))
    yield "C_PERIOD", is_none != is_null(day), "one of date and date_precision is unknown"
    wrong = is_month_or_year & mask_of(pc.not_equal(pc.day(day), 1))
    yield "C_PERIOD", wrong, "date is not the first of its month"
    wrong = is_year & mask_of(pc.not_equal(pc.month(day), 1))
    yield "C_PERIOD", wrong, "date is not the first of its year"


def _actors(batch: RowBatch) -> Iterator[Violation]:
    if batch.table.name not in _EVENTS:
        return
    for role in ("actor", "recipient"):
        column = batch.data[role].combine_chunks()
        row = owners(batch.data[role])
        # The position of each row's first element among all elements; masked for an empty list.
        firsts = np.flatnonzero(np.diff(row, prepend=-1))
        at = np.full(batch.data.num_rows, -1)
        at[row[firsts]] = firsts
        first = pc.list_flatten(column).take(pa.array(at, mask=at < 0))
        for name in ("name", "country", "sector"):
            flat = batch.data[f"{role}_{name}"].combine_chunks()
            wrong = ~mask_of(_same(flat, pc.struct_field(first, name)))
            yield "C_ACTOR", wrong, f"{role}_{name} is not that of the first {role}"
