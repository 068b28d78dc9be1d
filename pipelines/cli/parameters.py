"""Parameters in the form `--name=value`, as schedulers and templates give them."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.errors import ConfigError

LISTS = frozenset({"feeds", "sources", "allow_net"})
FLAGS = frozenset({"keep_raw", "revisit"})
VALUES = frozenset(
    {
        "lake",
        "now",
        "run_id",
        "spacing",
        "deadline",
        "user_agent",
        "contact",
        "workers",
        "metrics_file",
    }
    | {"every", "window", "until"}
    | {"from", "to", "sites", "published_at", "batch_pages", "stage", "reason"}
)
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was asked for: the task, newsbeam's own parameters in order, and Beam's options as they came."""

    task: str
    own: tuple[tuple[str, str], ...]
    beam: tuple[str, ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Return the items of a list, however often it was named."""
        return tuple(item for key, value in self.own if key == name for item in value.split())

    def one(self, name: str) -> str | None:
        """Return the last value of a parameter; None where there is none."""
        return next((value for key, value in reversed(self.own) if key == name), None)

    def flag(self, name: str, default: bool) -> bool:
        """Return whether a flag is set; raise ConfigError for what is neither true nor false."""
        value = (self.one(name) or str(default)).lower()
        if value not in (*_TRUE, *_FALSE):
            raise ConfigError(f"{name}={value}: write true or false")
        return value in _TRUE


def parse(args: Sequence[str]) -> Parameters:
    """Return the parameters that arguments give; an empty value counts as none. Raises ConfigError for other words."""
    own: list[tuple[str, str]] = []
    beam = []
    for arg in args:
        name, has_value, value = arg.removeprefix("--").partition("=")
        if not arg.startswith("--"):
            raise ConfigError(f"{arg!r}: parameters are --name=value")
        if name not in {"task", *LISTS, *FLAGS, *VALUES}:
            beam.append(arg)
        elif value or not has_value:
            own.append((name, value if has_value else "true"))
    task = next((value for name, value in reversed(own) if name == "task"), "ingest")
    return Parameters(task, tuple(pair for pair in own if pair[0] != "task"), tuple(beam))
