"""The lake that jobs use: preparing it, and merging batches into it."""

import contextlib
import uuid
from collections.abc import Iterator

from transforms.core.lake.encoding.arrow_rows import Row, to_parquet
from transforms.core.lake.log.checkpoints import cursor_file, cursor_path
from transforms.core.lake.log.commit import write_commit
from transforms.core.lake.log.commit_file import NewFile
from transforms.core.lake.log.preflight import (
    check_columns,
    check_is_a_lake,
    check_is_ours,
    check_is_there,
    check_version,
    ensure_files,
    write_if_changed,
)
from transforms.core.lake.log.recovery import recover
from transforms.core.lake.log.store import LakeStore, LostRaceError
from transforms.core.lake.merge.merge import merge_batch
from transforms.core.lake.merge.overlay import Overlay, path_of
from transforms.core.lake.merge.raw_parts import delete_parts, place_raw_pages
from transforms.core.lake.merge.stamps import stamp_changes
from transforms.core.lake.queries import RACES, LakeQueries
from transforms.core.lake.schema.views import VIEWS_PATH, views_sql
from transforms.errors import LakeError
from transforms.records import Batch


class Lake(LakeQueries):
    """The tables behind a store. Writers take turns; readers need nothing but Parquet."""

    def __init__(self, store: LakeStore) -> None:
        super().__init__(store)
        self._store: LakeStore = store

    def prepare(self) -> None:
        """Create what a lake needs, or finish what a killed writer left.

        Raises LakeError if the folder is not a lake, has lost files, or has another schema.
        Columns that an older lake lacks are not added here: `upgrade` does that.
        """
        check_is_ours(self._store)
        with self._store.locked():
            check_version(self._store)
            recover(self._store)
            ensure_files(self._store)
            check_columns(self._store)
            write_if_changed(self._store, VIEWS_PATH, views_sql().encode())

    def merge(self, batch: Batch) -> Row:
        """Merge a batch in one commit, and return the run's row."""
        for _ in range(RACES):
            # Before the lock, whose file would make the folder anew.
            check_is_a_lake(self._store)
            with contextlib.suppress(LostRaceError), self._store.locked():
                check_is_there(self._store)
                recover(self._store)
                placed, raw = place_raw_pages(self._store, batch)
                overlay = Overlay(self.read)
                run = merge_batch(overlay, placed)
                stamp_changes(overlay, placed.run, self.newest_start())
                files = [*_changed_files(overlay), *raw, *cursor_file(batch)]
                deletes = [cursor_path(batch.done)] if batch.done else []
                write_commit(self._store, files, deletes, attempt=uuid.uuid4().hex, run=run)
                # The batch is committed; parts that remain are deleted after the next commit.
                with contextlib.suppress(LostRaceError):
                    delete_parts(self._store, batch.run.run_id)
                return run
        raise LakeError(
            f"other writers were faster {RACES} times in a row; run again when fewer write to this "
            "lake"
        )


def _changed_files(overlay: Overlay) -> Iterator[NewFile]:
    """Yield the files to write; a folder that lost all its rows gets a tombstone."""
    for table, folder, data in overlay.files():
        is_tombstone = not data.num_rows and folder != table.folder.placeholder
        yield NewFile(path_of(table, folder), to_parquet(data), data.num_rows, is_tombstone)
