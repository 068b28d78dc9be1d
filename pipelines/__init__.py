"""newsbeam: news feeds and archives to clean articles, coded events and Parquet.

The public API is what `__all__` names; it is described in `pipelines.api`. The transforms, for
pipelines of your own, are in `transforms`. Names are imported when they are first used, so that the
command line starts without Beam.
"""

from pipelines.import_path import is_starting, leave_working_folder

# Before any other import, which may find a file of the working folder.
if is_starting():
    leave_working_folder()

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.api import (
        Article,
        BackfillPlan,
        EventMention,
        IngestPlan,
        Plan,
        Progress,
        RebuildPlan,
        ReplayPlan,
        Reporter,
        RevisitPlan,
        RunOptions,
        RunSummary,
        code_events,
        extract,
        open_lake,
        run_job,
    )

__version__ = "0.1.0"
__all__ = [
    "Article",
    "BackfillPlan",
    "EventMention",
    "IngestPlan",
    "Plan",
    "Progress",
    "RebuildPlan",
    "ReplayPlan",
    "Reporter",
    "RevisitPlan",
    "RunOptions",
    "RunSummary",
    "code_events",
    "extract",
    "open_lake",
    "run_job",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("pipelines.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
