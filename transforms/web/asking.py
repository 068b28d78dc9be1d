"""A DoFn that asks the web for its elements: requests start as elements come, answers go out as they complete."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.util import ReshufflePerKey
from apache_beam.utils.windowed_value import WindowedValue

from transforms.core.urls import registrable_domain
from transforms.web.backlog import Backlog
from transforms.web.client import Wish, shared_client
from transforms.web.options import Response, WebError, WebOptions
from transforms.web.turns import Ticket

In = TypeVar("In")


@dataclass(frozen=True, slots=True)
class Asked(Generic[In]):
    """An element with its answer, or the error instead of one; `fetched_at` is the real time."""

    item: In
    answer: Response | WebError
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class _Placed(Generic[In]):
    """What was asked, and where in the stream it belongs."""

    asked: Asked[In]
    timestamp: Any
    window: Any


@dataclass
class GatherDomains(beam.PTransform[PCollection[In], PCollection[In]]):
    """Keep a domain's elements together, so that its pace holds whatever the workers; `url_of` gives their links."""

    url_of: Callable[[In], str]

    def expand(self, pcoll: PCollection[In]) -> PCollection[In]:
        """Shuffle by registrable domain."""
        gathered: PCollection[In] = (
            pcoll
            | "Key by domain" >> beam.Map(_by_domain, self.url_of).with_output_types(tuple[str, Any])
            | "Gather" >> ReshufflePerKey()
            | "Drop key" >> beam.Values()
        )
        return gathered


def _by_domain(item: In, url_of: Callable[[In], str]) -> tuple[str, In]:
    return registrable_domain(url_of(item)), item


class AskingDoFn(beam.DoFn, Generic[In]):
    """Waits for no answer until the bundle ends, so that slow sites keep no others waiting."""

    main = ""
    """The tag of the main output."""

    def __init__(self, web: WebOptions) -> None:
        self._web = web
        self._backlog: Backlog[_Placed[In]] | None = None

    @abstractmethod
    def outputs(self, asked: Asked[In]) -> Iterable[tuple[str, object]]:
        """Return what comes of an answer, each value with the tag of its output."""

    def start_bundle(self) -> None:
        """Begin with nothing open; a failed bundle may have left some."""
        if self._backlog is not None:
            self._backlog.cancel()
        self._client = shared_client(self._web)
        self._backlog = Backlog(self._client, held=2 * self._web.concurrency)

    def ask(self, item: In, url: str, wish: Wish, timestamp: Any, window: Any) -> None:
        """Start the request for an element."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        self._backlog.add(partial(self._get, item, url, wish, timestamp, window))

    def finish_bundle(self) -> Iterator[Any]:
        """Give out all results of the bundle."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        for placed in self._backlog.drain():
            for tag, value in self.outputs(placed.asked):
                yield self.tagged(tag, WindowedValue(value, placed.timestamp, (placed.window,)))

    def tagged(self, tag: str, value: object) -> object:
        """Return a value as it goes to the output of that tag."""
        return value if tag == self.main else TaggedOutput(tag, value)

    async def _get(self, item: In, url: str, wish: Wish, timestamp: Any, window: Any, ticket: Ticket) -> _Placed[In]:
        answer: Response | WebError
        try:
            answer = await self._client.fetch(url, replace(wish, deadline=self._web.deadline, ticket=ticket))
        except WebError as error:
            answer = error
        return _Placed(Asked(item, answer, datetime.now(UTC)), timestamp, window)
