"""The lake's memory of sites and persons: proof is merged under the lock, and each touched site
judged anew.
"""

from collections import defaultdict

from transforms.core.clean.site_memory import with_verdicts
from transforms.core.lake.encoding.arrow_rows import Row, as_stored, key_of
from transforms.core.lake.encoding.from_rows import site_block
from transforms.core.lake.encoding.to_rows import person_row, site_block_row
from transforms.core.lake.merge.conflicts import merged, resolve_person, resolve_site_block
from transforms.core.lake.merge.overlay import Overlay
from transforms.core.lake.schema.tables import PERSONS, SITE_BLOCKS
from transforms.records import Batch

MAX_FACTS = 50_000
"""Rows of one folder of `persons`; there are 16."""


def merge_site_blocks(ws: Overlay, batch: Batch) -> None:
    """Merge what a slice's articles prove; blocks that are not worth keeping go."""
    new = merged(
        SITE_BLOCKS, as_stored(SITE_BLOCKS, [site_block_row(b) for b in batch.site_blocks])
    )
    for folder, sites in _by_folder(list(new.values())).items():
        rows = {key_of(SITE_BLOCKS, r): r for r in ws.where(SITE_BLOCKS, folder, "site", sites)}
        here = {k: r for k, r in new.items() if r["site"] in sites}
        after = rows | {
            k: resolve_site_block(rows[k], r) if k in rows else r for k, r in here.items()
        }
        by_site = defaultdict[str, list[Row]](list)
        for row in after.values():
            by_site[row["site"]].append(row)
        for _, found in sorted(by_site.items()):
            for row in map(site_block_row, with_verdicts(map(site_block, found))):
                key = key_of(SITE_BLOCKS, row)
                after.pop(key)
                if row != rows.get(key):
                    ws.put(SITE_BLOCKS, row)
        for key in after:
            ws.delete(SITE_BLOCKS, folder, key)


def merge_persons(ws: Overlay, batch: Batch) -> None:
    """Merge what a slice's articles say of persons.

    Of a full folder, those told of longest ago go.
    """
    new = merged(PERSONS, as_stored(PERSONS, [person_row(p) for p in batch.persons]))
    ws.prefetch(PERSONS, new.values())
    for key, row in new.items():
        old = ws.get(PERSONS, PERSONS.folder.name(row), key)
        ws.put(PERSONS, resolve_person(old, row) if old else row)
    for folder in sorted({PERSONS.folder.name(row) for row in new.values()}):
        told = ws.now(PERSONS, folder, ("last_date", *PERSONS.key))
        oldest = told.sort_by([(c, "ascending") for c in told.schema.names])
        for row in oldest.slice(0, max(0, told.num_rows - MAX_FACTS)).to_pylist():
            ws.delete(PERSONS, folder, key_of(PERSONS, row))


def _by_folder(rows: list[Row]) -> dict[str, set[str]]:
    sites: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        sites[SITE_BLOCKS.folder.name(row)].add(row["site"])
    return sites
