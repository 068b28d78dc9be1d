"""The stages as Beam transforms; their logic is in `core`, and their rules are data in `rules`.

The public API is what `__all__` names: transforms from records to records (`transforms.records`),
each with type hints that Beam checks when a graph is built. Names are imported at their first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transforms.archives import ReadArchives
    from transforms.clean import StripBoilerplate
    from transforms.events import CodeEvents
    from transforms.extract import ExtractArticles
    from transforms.feeds import PollFeeds
    from transforms.fetch import FetchPages
    from transforms.lake import MergeIntoLake
    from transforms.pool import PoolOptions
    from transforms.seen import DropSeen, PickUnseen
    from transforms.web import WebOptions

_MODULES = {
    "CodeEvents": "transforms.events",
    "DropSeen": "transforms.seen",
    "ExtractArticles": "transforms.extract",
    "FetchPages": "transforms.fetch",
    "MergeIntoLake": "transforms.lake",
    "PickUnseen": "transforms.seen",
    "PollFeeds": "transforms.feeds",
    "PoolOptions": "transforms.pool",
    "ReadArchives": "transforms.archives",
    "StripBoilerplate": "transforms.clean",
    "WebOptions": "transforms.web",
}
__all__ = [
    "CodeEvents",
    "DropSeen",
    "ExtractArticles",
    "FetchPages",
    "MergeIntoLake",
    "PickUnseen",
    "PollFeeds",
    "PoolOptions",
    "ReadArchives",
    "StripBoilerplate",
    "WebOptions",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
