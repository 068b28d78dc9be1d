"""Keep what the outputs of a transform give, for tests to read after the run."""

from collections import defaultdict
from itertools import count
from typing import Any

import apache_beam as beam

_kept: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
_numbers = count()


def collect(outputs: Any) -> int:
    """Collect each output of a NamedTuple of PCollections.

    Return the number to ask `collected` with.
    """
    number = next(_numbers)
    for name, rows in outputs._asdict().items():
        _ = rows | f"Keep {name}" >> beam.Map(_keep, number, name)
    return number


def collected(number: int) -> dict[str, list[Any]]:
    """Return the rows by output; one without rows is empty."""
    return _kept.pop(number, defaultdict(list))


def _keep(row: Any, number: int, name: str) -> None:
    _kept[number][name].append(row)
