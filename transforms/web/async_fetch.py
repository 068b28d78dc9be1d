"""A DoFn that makes a request for each element, and outputs results as they complete.

It counts in Beam's counters. NAMESPACE is `fetch` for pages and `feeds` for feeds:

- `NAMESPACE.STATUS`: elements by outcome, STATUS being a value of `fetches.status`: ok,
  not_modified, http_error, timeout, dns, tls, refused, robots, too_large, not_html, skipped
- `NAMESPACE.E_...`: elements without a usable response, by the reason of their reject
- `NAMESPACE.redirects`: redirects that were followed
- `NAMESPACE.downgraded`: responses to which a redirect led from https to http
- `NAMESPACE.bytes`: bytes of the bodies, decompressed
- `robots.STATUS`: fetches of robots.txt by outcome; `robots.redirects`: their redirects

They are stored in `runs.metrics`. The reasons are E_FETCH_ with DEADLINE, MAX_WAIT (left to a later
run), ROBOTS, ROBOTS_UNREACHABLE, REFUSED, DNS, CONNECT, TLS, TIMEOUT, PROTOCOL, REDIRECTS,
ENCODING, PARTIAL (a part of the document, which was not requested), TOO_LARGE, NOT_HTML, HTTP_nnn.
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

from transforms.activity import Part, activity
from transforms.clock import Moment, RunClock
from transforms.core.urls import registrable_domain
from transforms.records import Fetch
from transforms.web.backlog import Backlog
from transforms.web.fetch_request import FetchRequest
from transforms.web.rate_limiter import Permit
from transforms.web.request_log import sub_request_rows
from transforms.web.responses import FetchResult, Response, WebError
from transforms.web.shared_clients import shared_client
from transforms.web.web_options import WebOptions

In = TypeVar("In")

# Results in memory, as a multiple of `concurrency`: as many wait to be output as are being fetched.
_RESULTS_PER_REQUEST = 2


@dataclass(frozen=True, slots=True)
class Exchange(Generic[In]):
    """An element and the result of its request.

    `fetched_at` is the real time, `moment` the run's.
    """

    item: In
    result: FetchResult
    fetched_at: datetime
    moment: Moment


@dataclass(frozen=True, slots=True)
class Windowed(Generic[In]):
    """An exchange with its element's timestamp and window."""

    exchange: Exchange[In]
    timestamp: Any
    window: Any


@dataclass
class GatherDomains(beam.PTransform[PCollection[In], PCollection[In]]):
    """Keep a domain's elements on one worker, so that its pace holds; `url_of` gives their URLs."""

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
    """Makes requests without waiting until the bundle ends, so that slow sites delay no others."""

    main = ""
    """The tag of the main output."""
    kind = ""
    """The kind of the requests, a value of `fetches.kind`."""
    namespace = ""
    """The namespace of the counters."""
    part: Part | None = Part.FETCHING
    """The part of the run's work that the requests are; None if the subclass counts them."""

    def __init__(self, web: WebOptions, clock: RunClock) -> None:
        self._web = web
        self._clock = clock
        self._backlog: Backlog[Windowed[In]] | None = None

    @abstractmethod
    def outputs(self, exchange: Exchange[In]) -> Iterable[tuple[str, object]]:
        """Return the outputs for a result, each value with its output's tag."""

    def start_bundle(self) -> None:
        """Cancel what a failed bundle left open."""
        if self._backlog is not None:
            self._backlog.cancel()
        self._client = shared_client(self._web)
        self._backlog = Backlog(
            self._client, max_results=_RESULTS_PER_REQUEST * self._web.concurrency
        )

    def start_request(
        self, item: In, url: str, request: FetchRequest, timestamp: Any, window: Any
    ) -> None:
        """Start the request for an element."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        if self.part is not None:
            activity.begin(self.part)
        self._backlog.add(partial(self._fetch, item, url, request, timestamp, window))

    def finish_bundle(self) -> Iterator[Any]:
        """Yield the outputs of all requests of the bundle."""
        for windowed in self.completed():
            for tag, value in self.outputs(windowed.exchange):
                output = WindowedValue(value, windowed.timestamp, (windowed.window,))
                yield output if tag == self.main else TaggedOutput(tag, output)

    def completed(self) -> Iterator[Windowed[In]]:
        """Wait for all open requests, and yield them as they complete."""
        assert self._backlog is not None  # noqa: S101 - start_bundle made it
        return self._backlog.drain()

    def log(self, exchange: Exchange[In], row: Fetch) -> Iterator[tuple[str, Fetch]]:
        """Count a request, and yield its row and those of its sub-requests."""
        self.count_request(exchange, row)
        yield "fetches", row
        yield from self.log_sub_requests(exchange, row)

    def count_request(self, exchange: Exchange[In], row: Fetch) -> None:
        """Count a request by its status, its error and what its response brought."""
        self._count(row.status)
        if row.error_class is not None:
            self._count(row.error_class)
        if isinstance(exchange.result, Response):
            self._count("bytes", len(exchange.result.content))
            self._count("downgraded", int(exchange.result.is_downgraded))

    def log_sub_requests(self, exchange: Exchange[In], row: Fetch) -> Iterator[tuple[str, Fetch]]:
        """Count and yield the rows of a request's redirects and fetches of robots.txt."""
        rows = sub_request_rows(
            exchange.result.sub_requests,
            exchange.moment.run_id,
            self.kind,
            row.feed_id,
            row.attempt,
        )
        for sub_row in rows:
            namespace = "robots" if sub_row.kind == "robots" else self.namespace
            name = "redirects" if sub_row.is_redirect else sub_row.status
            Metrics.counter(namespace, name).inc()
            yield "fetches", sub_row

    def _count(self, name: str, n: int = 1) -> None:
        # A counter that was incremented by 0 would show up in `runs.metrics`.
        if n:
            Metrics.counter(self.namespace, name).inc(n)

    async def _fetch(
        self,
        item: In,
        url: str,
        request: FetchRequest,
        timestamp: Any,
        window: Any,
        permit: Permit,
    ) -> Windowed[In]:
        request = replace(request, deadline=self._web.deadline, permit=permit)
        result: FetchResult
        try:
            result = await self._client.fetch(url, request)
        except WebError as error:
            result = error
        if self.part is not None:
            activity.finish(self.part)
        exchange = Exchange(item, result, datetime.now(UTC), self._clock.at(timestamp))
        return Windowed(exchange, timestamp, window)
