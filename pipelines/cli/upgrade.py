"""`newsbeam upgrade`: a lake that an older newsbeam made, or one that has lost files, is made fit to be written to."""

from typing import Annotated

import typer
from rich.console import Console

from pipelines.cli.arguments import StoredLake
from pipelines.cli.shared import must_be_filled
from transforms.errors import LakeError


def upgrade(
    lake: StoredLake,
    force: Annotated[
        bool,
        typer.Option("--force", help="Go on without files that are gone: their rows are lost."),
    ] = False,
) -> None:
    """Give the files of an older lake the columns that newsbeam writes now, null in their rows.

    Stop writers of an older newsbeam first; readers need not stop. An upgrade that is cut short goes on when it is run
    again.
    """
    from transforms.core.lake.lake import Lake
    from transforms.core.lake.log.migrate import upgrade as run
    from transforms.core.lake.log.preflight import check_is_ours
    from transforms.stores import open_store

    must_be_filled(lake)
    store = open_store(lake)
    try:
        check_is_ours(store)
        count = run(store, force=force)
        Lake(store).prepare()
    except LakeError as error:
        raise LakeError(f"{lake}: {error}", reason=error.reason) from error
    Console(soft_wrap=True).print(
        f"{count} files upgraded" if count else "the lake is up to date", highlight=False
    )
