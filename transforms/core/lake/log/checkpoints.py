"""How far has a backfill come? A file of the lake's own, written with the commit that it tells of."""

import dataclasses
import json
from datetime import datetime

from transforms.core.lake.log.commit import NewFile
from transforms.errors import LakeError
from transforms.records import Batch, Cursor

_FOLDER = "_meta/backfills"


def cursor_path(key: str) -> str:
    """Return the path of the cursor of a backfill."""
    return f"{_FOLDER}/{key}.json"


def cursor_file(batch: Batch) -> list[NewFile]:
    """Return the file that says how far a slice has brought its backfill; none for other runs."""
    if batch.cursor is None:
        return []
    said = dataclasses.asdict(batch.cursor) | {"now": batch.cursor.now.isoformat()}
    return [NewFile(cursor_path(batch.cursor.key), json.dumps(said, sort_keys=True).encode(), 0)]


def read_cursor(data: bytes) -> Cursor:
    """Return the cursor that a file holds; raise LakeError for a damaged one."""
    try:
        said = json.loads(data)
        offset, skip = said["place"]
        return Cursor(
            **said | {"now": datetime.fromisoformat(said["now"]), "place": (int(offset), int(skip))}
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"a file in {_FOLDER} is damaged ({error}); delete it, and the backfill begins anew",
            reason="E_LAKE_DAMAGED",
        ) from error
