"""Columns as NumPy arrays, so that the ids of millions of rows fit in memory and are compared at
once.

A text is kept as the 64 bits of its xxh3 hash. The chance that any two of a million ids have the
same hash is 1 in 37 million (n²/2 pairs over 2⁶⁴).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

Hashes = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
UNKNOWN = np.iinfo(np.int64).min
"""A null among numbers. Among hashes, 0 is a null."""
MIX = np.uint64(0x9E3779B97F4A7C15)
"""The multiplier that combines hashes: 2**64 over the golden ratio, as in SplitMix64. It is odd, so
that multiplying loses no bits."""


def hashes(column: Any) -> Hashes:
    """Return the hash of each text of a column, 0 for null."""
    # Dictionary-encoded, so that a text that is in many rows is hashed once.
    coded = pc.dictionary_encode(
        column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    )
    texts = coded.dictionary.cast(pa.binary()).to_pylist()
    values = np.fromiter(
        (xxhash.xxh3_64_intdigest(t) for t in (b"", *texts)), np.uint64, len(texts) + 1
    )
    values[0] = 0
    return values[np.asarray(pc.fill_null(coded.indices, -1), np.int64) + 1]


def text_hash(text: str) -> np.uint64:
    """Return the hash of a text."""
    return np.uint64(xxhash.xxh3_64_intdigest(text.encode()))


def row_hashes(data: pa.Table, names: Sequence[str]) -> Hashes:
    """Return the hash of each row's values in these columns, which are texts and numbers.

    Of a single column of texts, the same as `hashes`.
    """
    parts = [_bits(data[name]) for name in names]
    total = parts[0]
    for part in parts[1:]:
        # Products carry only upwards; the shift lets high bits change low ones too.
        total = (total ^ (total >> np.uint64(29))) * MIX + part
    return total


def _bits(column: Any) -> Hashes:
    if pa.types.is_string(column.type):
        return hashes(column)
    if pa.types.is_floating(column.type):
        return np.asarray(pc.fill_null(column, np.nan), np.float64).view(np.uint64)
    return numbers(column).view(np.uint64)


def numbers(column: Any) -> Numbers:
    """Return times in microseconds, dates in days, integers and booleans; UNKNOWN for null."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.int64())
    elif pa.types.is_date32(kind):
        column = column.cast(pa.int32()).cast(pa.int64())
    else:
        column = column.cast(pa.int64())
    return np.asarray(pc.fill_null(column, int(UNKNOWN)), np.int64)


def mask_of(column: Any) -> Mask:
    """Return booleans as an array; null is false."""
    return np.asarray(pc.fill_null(column, False), np.bool_)


def is_null(column: Any) -> Mask:
    """Return where a column is null."""
    return np.asarray(column.is_null(), np.bool_)


def owners(column: Any) -> Numbers:
    """Return, for each element of a column of lists, the number of its row."""
    return np.asarray(pc.list_parent_indices(column.combine_chunks()), np.int64)


class Index:
    """Finds the row of a hash; the first of several."""

    def __init__(self, keys: Hashes) -> None:
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def find(self, keys: Hashes) -> Numbers:
        """Return the row of each hash, -1 if there is none."""
        if not len(self._keys):
            return np.full(len(keys), -1, np.int64)
        at = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        return np.where(self._keys[at] == keys, self._order[at], -1)


def count_distinct(groups: Numbers, values: Hashes, size: int) -> Numbers:
    """Return the number of distinct values of each group from 0 to `size`."""
    distinct_groups, _ = _distinct(groups, values)
    return np.bincount(distinct_groups, minlength=size).astype(np.int64)


def sum_distinct(groups: Numbers, values: Hashes, size: int) -> Hashes:
    """Return the sum, modulo 2**64, of each group's distinct values: equal sets have equal sums."""
    distinct_groups, distinct_values = _distinct(groups, values)
    total = np.zeros(size, np.uint64)
    np.add.at(total, distinct_groups, distinct_values)
    return total


def _distinct(groups: Numbers, values: Hashes) -> tuple[Numbers, Hashes]:
    """Return the distinct pairs of group and value."""
    order = np.lexsort((values, groups))
    g, v = groups[order], values[order]
    is_first = np.ones(len(g), np.bool_)
    is_first[1:] = (g[1:] != g[:-1]) | (v[1:] != v[:-1])
    return g[is_first], v[is_first]


def least(groups: Numbers, values: Numbers, size: int) -> Numbers:
    """Return the least value of each group; the greatest 64-bit integer if it has none."""
    found = np.full(size, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(found, groups, values)
    return found


def greatest(groups: Numbers, values: Numbers, size: int) -> Numbers:
    """Return the greatest value of each group; UNKNOWN if it has none."""
    found = np.full(size, UNKNOWN, np.int64)
    np.maximum.at(found, groups, values)
    return found
