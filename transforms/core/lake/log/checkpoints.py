"""The cursor of a backfill: a file of its own, written by the commit whose position it holds."""

import dataclasses
import json
from datetime import datetime

from transforms.core.lake.log.commit_file import NewFile
from transforms.errors import LakeError
from transforms.records import Batch, Cursor

_FOLDER = "_meta/backfills"


def cursor_path(key: str) -> str:
    """Return the path of the cursor of a backfill."""
    return f"{_FOLDER}/{key}.json"


def cursor_file(batch: Batch) -> list[NewFile]:
    """Return the file with the position of the backfill after a batch; none for other runs."""
    cursor = batch.cursor
    if cursor is None:
        return []
    fields = dataclasses.asdict(cursor) | {"now": cursor.now.isoformat()}
    return [NewFile(cursor_path(cursor.key), json.dumps(fields, sort_keys=True).encode(), 0)]


def read_cursor(data: bytes) -> Cursor:
    """Return the cursor of a file; raise LakeError for a damaged one."""
    try:
        fields = json.loads(data)
        offset, skip = fields["place"]
        fields["now"] = datetime.fromisoformat(fields["now"])
        fields["place"] = int(offset), int(skip)
        return Cursor(**fields)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise LakeError(
            f"a file in {_FOLDER} is damaged ({error}); delete it, and the backfill starts again",
            reason="E_LAKE_DAMAGED",
        ) from error
