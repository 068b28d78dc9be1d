"""A DoFn that asks the web for its elements: requests start as elements come, answers go out as they complete.

It counts, in Beam's counters, by names that stay. NAMESPACE is `fetch` for pages and `feeds` for feeds:

- `NAMESPACE.STATUS`: elements by what came of them, STATUS being a value of `fetches.status`: ok, not_modified,
  http_error, timeout, dns, tls, refused, robots, too_large, not_html, skipped
- `NAMESPACE.E_...`: elements without an answer that can be used, by the reason of their reject
- `NAMESPACE.redirects`: redirects on the way; `NAMESPACE.downgraded`: answers to which one led from https to http
- `NAMESPACE.bytes`: of the bodies that came, unpacked
- `robots.STATUS`: looks at a robots.txt, likewise; `robots.redirects`: redirects on the way to one

They end in `runs.metrics`. The reasons are E_FETCH_ with DEADLINE, PATIENCE (left to a later run), ROBOTS,
ROBOTS_UNREACHABLE, REFUSED, DNS, CONNECT, TLS, TIMEOUT, PROTOCOL, REDIRECTS, ENCODING, TOO_LARGE, NOT_HTML, HTTP_nnn.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

import apache_beam as beam
from apache_beam.metrics.metric import Metrics
from apache_beam.pvalue import PCollection, TaggedOutput
from apache_beam.transforms.util import ReshufflePerKey
from apache_beam.utils.windowed_value import WindowedValue

from transforms.clock import Moment, RunClock
from transforms.core.urls import registrable_domain
from transforms.records import Fetch
from transforms.web.backlog import Backlog
from transforms.web.client import FetchRequest, shared_client
from transforms.web.rate_limiter import Permit
from transforms.web.request_log import sub_request_rows
from transforms.web.web_options import Response, WebError, WebOptions

In = TypeVar("In")


@dataclass(frozen=True, slots=True)
class Exchange(Generic[In]):
    """An element with its answer, or the error instead of one; `fetched_at` is the real time, `moment` the run's."""

    item: In
    answer: Response | WebError
    fetched_at: datetime
    moment: Moment


@dataclass(frozen=True, slots=True)
class Windowed(Generic[In]):
    """What was asked, and where in the stream it belongs."""

    asked: Exchange[In]
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
            | "Key by domain"
            >> beam.Map(_by_domain, self.url_of).with_output_types(tuple[str, Any])
            | "Gather" >> ReshufflePerKey()
            | "Drop key" >> beam.Values()
        )
        return gathered


def _by_domain(item: In, url_of: Callable[[In], str]) -> tuple[str, In]:
    return registrable_domain(url_of(item)), item


class AsyncFetchDoFn(beam.DoFn, Generic[In]):
    """Waits for no answer until the bundle ends, so that slow sites keep no others waiting."""

    main = ""
    """The tag of the main output."""
    kind = ""
    """What is asked for, as in `fetches.kind`."""
    counted = ""
    """The namespace of its counters."""

    def __init__(self, web: WebOptions, clock: RunClock) -> None:
        self._web = web
        self._clock = clock
        self._backlog: Backlog[Windowed[In]] | None = None

    @abstractmethod
    def outputs(self, asked: Exchange[In]) -> Iterable[tuple[str, object]]:
        """Return what comes of an answer, each value with the tag of its output."""

    def start_bundle(self) -> None:
        """Begin with nothing open; a failed bundle may have left some."""
        if self._backlog is not None:
            self._backlog.cancel()
        self._client = shared_client(self._web)
        self._backlog = Backlog(self._client, held=2 * self._web.concurrency)

    def ask(self, item: In, url: str, wish: FetchRequest, timestamp: Any, window: Any) -> None:
        """Start the request for an element."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        self._backlog.add(partial(self._get, item, url, wish, timestamp, window))

    def finish_bundle(self) -> Iterator[Any]:
        """Give out all results of the bundle."""
        for placed in self.answers():
            for tag, value in self.outputs(placed.asked):
                yield self.tagged(tag, WindowedValue(value, placed.timestamp, (placed.window,)))

    def answers(self) -> Iterator["Windowed[In]"]:
        """Wait for all that is open, and yield it as it completes."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        return self._backlog.drain()

    def log(self, asked: Exchange[In], whole: Fetch) -> Iterator[tuple[str, Fetch]]:
        """Count a request, whose row is `whole`, and return that row and those of the requests on its way."""
        answer = asked.answer
        self._count(whole.status)
        if whole.error_class is not None:
            self._count(whole.error_class)
        if isinstance(answer, Response):
            self._count("bytes", len(answer.content))
            self._count("downgraded", int(answer.is_downgraded))
        yield "fetches", whole
        for row in sub_request_rows(
            answer.trail, asked.moment.run_id, self.kind, whole.feed_id, whole.attempt
        ):
            namespace = "robots" if row.kind == "robots" else self.counted
            Metrics.counter(namespace, "redirects" if row.is_redirect else row.status).inc()
            yield "fetches", row

    def _count(self, name: str, n: int = 1) -> None:
        if n:
            Metrics.counter(self.counted, name).inc(n)

    def tagged(self, tag: str, value: object) -> object:
        """Return a value as it goes to the output of that tag."""
        return value if tag == self.main else TaggedOutput(tag, value)

    async def _get(
        self, item: In, url: str, wish: FetchRequest, timestamp: Any, window: Any, ticket: Permit
    ) -> Windowed[In]:
        answer: Response | WebError
        try:
            answer = await self._client.fetch(
                url, replace(wish, deadline=self._web.deadline, ticket=ticket)
            )
        except WebError as error:
            answer = error
        asked = Exchange(item, answer, datetime.now(UTC), self._clock.at(timestamp))
        return Windowed(asked, timestamp, window)
