"""Merge what is learned of sites and persons: `site_blocks` and `persons`.

The articles that prove a block are merged under the lock, and each site with a changed block is
judged again.
"""

from collections import defaultdict
from collections.abc import Iterable

from transforms.core.clean.site_memory import with_verdicts
from transforms.core.lake.encoding.arrow_rows import Row, as_stored, key_of
from transforms.core.lake.encoding.from_rows import site_block
from transforms.core.lake.encoding.to_rows import person_row, site_block_row
from transforms.core.lake.merge.conflicts import merged, resolve_person, resolve_site_block
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.tables import PERSONS, SITE_BLOCKS
from transforms.records import Batch

MAX_FACTS = 50_000
"""Rows in one of the 16 folders of `persons`; of more, those not mentioned for longest are dropped.

A judgement: every run reads the table whole, and a name in the news again is learned again.
"""


def merge_site_blocks(ws: Overlay, batch: Batch) -> None:
    """Merge the blocks that a batch's articles prove; delete those that are not worth keeping."""
    rows = as_stored(SITE_BLOCKS, [site_block_row(block) for block in batch.site_blocks])
    by_site = _rows_by_site(merged(SITE_BLOCKS, rows).values())
    for folder, sites in _sites_by_folder(rows).items():
        stored = _rows_by_site(ws.where(SITE_BLOCKS, folder, "site", sites))
        for site in sorted(sites):
            _merge_site(ws, folder, stored[site], by_site[site])


def _merge_site(ws: Overlay, folder: str, stored: list[Row], incoming: list[Row]) -> None:
    before = {key_of(SITE_BLOCKS, row): row for row in stored}
    after = dict(before)
    for row in incoming:
        key = key_of(SITE_BLOCKS, row)
        after[key] = resolve_site_block(before[key], row) if key in before else row
    dropped = set(after)
    for row in map(site_block_row, with_verdicts(map(site_block, after.values()))):
        key = key_of(SITE_BLOCKS, row)
        dropped.discard(key)
        if row != before.get(key):
            ws.put(SITE_BLOCKS, row)
    for key in dropped:
        ws.delete(SITE_BLOCKS, folder, key)


def merge_persons(ws: Overlay, batch: Batch) -> None:
    """Merge what a batch's articles say of persons.

    From a folder with over `MAX_FACTS` rows, those with the oldest last mention are deleted.
    """
    new = merged(PERSONS, as_stored(PERSONS, [person_row(p) for p in batch.persons]))
    ws.prefetch(PERSONS, new.values())
    for key, row in new.items():
        old = ws.get(PERSONS, PERSONS.folder.name(row), key)
        ws.put(PERSONS, resolve_person(old, row) if old else row)
    for folder in sorted({PERSONS.folder.name(row) for row in new.values()}):
        facts = ws.now(PERSONS, folder, ("last_date", *PERSONS.key))
        oldest = facts.sort_by([(c, "ascending") for c in facts.schema.names])
        for row in oldest.slice(0, max(0, facts.num_rows - MAX_FACTS)).to_pylist():
            ws.delete(PERSONS, folder, key_of(PERSONS, row))


def _rows_by_site(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_site: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_site[row["site"]].append(row)
    return by_site


def _sites_by_folder(rows: Iterable[Row]) -> dict[str, set[str]]:
    sites: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        sites[SITE_BLOCKS.folder.name(row)].add(row["site"])
    return sites
