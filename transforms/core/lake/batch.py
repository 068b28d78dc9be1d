"""The batch that a commit merges: records sorted into its fields."""

from collections.abc import Iterable
from dataclasses import is_dataclass, replace
from typing import Any, get_args, get_origin, get_type_hints

from transforms.records import Batch, DequeuedPage, FeedEntry, Sighting


def fill_batch(batch: Batch, records: Iterable[Any]) -> Batch:
    """Return the batch with each record in the field of its type; raise KeyError without one."""
    fields: dict[str, list[Any]] = {name: [] for name in _FIELD_OF.values()}
    for record in records:
        fields[_FIELD_OF[type(record)]].append(record)
    filled: dict[str, Any] = {name: tuple(found) for name, found in fields.items()}
    return replace(batch, **filled)


def _fields_by_type() -> dict[type, str]:
    """Return the names of the fields of a `Batch` that hold tuples of records, by record type."""
    fields: dict[type, str] = {}
    for name, hint in get_type_hints(Batch).items():
        element = get_args(hint)[0] if get_origin(hint) is tuple else None
        if not (isinstance(element, type) and is_dataclass(element)):
            continue
        if element in fields:
            raise TypeError(f"Batch.{name} and Batch.{fields[element]} hold the same type")
        fields[element] = name
    return fields


_FIELD_OF = _fields_by_type()


def sighting_of(entry: FeedEntry) -> Sighting:
    """Return the sighting of an entry's link."""
    return Sighting(
        url_key=entry.url_key,
        url=entry.url,
        feed_ids=(entry.feed_id,) if entry.feed_id else (),
        first_seen_at=entry.first_seen_at,
        last_seen_at=entry.first_seen_at,
    )


def dequeued_page(entry: FeedEntry) -> DequeuedPage:
    """Return the page to remove from its feed's retry queue, for an entry that came from there."""
    return DequeuedPage(feed_id=entry.feed_id or "", url=entry.url, attempt=entry.attempt)
