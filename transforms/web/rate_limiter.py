"""Whose turn is it? Requests wait for their domain's pace first, and hold a shared slot only while they run."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from transforms.core.fetch.pacer import Arrival, Pacer
from transforms.web.shared_pace import Lease, UnsharedPace
from transforms.web.web_options import WebError


@dataclass
class Permit:
    """The right to hold one answer in memory: taken when a request starts, given back when the answer is passed on."""

    gate: asyncio.Semaphore | None = None
    held: bool = False

    async def take(self) -> None:
        """Wait for room, once."""
        if self.gate is not None and not self.held:
            await self.gate.acquire()
            self.held = True

    def give_back(self) -> None:
        """Make room; to be called on the loop."""
        if self.gate is not None and self.held:
            self.held = False
            self.gate.release()


@dataclass
class _DomainQueue:
    """A domain's places, and how many requests have come and not started yet."""

    places: asyncio.Semaphore
    waiting: int = 0

    @contextmanager
    def queue(self) -> Iterator[None]:
        """Count one more as waiting."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


class RateLimiter:
    """Lets requests start: `per_domain` at once and spaced in each domain, `concurrency` in all.

    The first two hold for all processes that share a pace.

    Who waits, for a domain's lane or for its pace, holds no ticket: those who hold the lane may be waiting for one.
    """

    def __init__(
        self,
        pacer: Pacer,
        shared: UnsharedPace,
        *,
        concurrency: int,
        per_domain: int,
        max_wait_s: float,
    ) -> None:
        self._pacer = pacer
        self._shared = shared
        self._slots = asyncio.Semaphore(concurrency)
        self._per_domain = per_domain
        self._max_wait_s = max_wait_s
        self._lanes: WeakValueDictionary[str, _DomainQueue] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, domain: str, ticket: Permit) -> AsyncIterator[None]:
        """Wait for the turn of a request to the domain and hold it while the request lasts.

        Raises WebError E_FETCH_PATIENCE where the site asks for a longer wait than we have.
        """
        lane = self._lane(domain)
        arrival = self._pacer.arrive(domain, time.monotonic())
        self._check_patience(domain, arrival, lane.waiting)
        with lane.queue():
            lease = await self._start(domain, lane, arrival, ticket)
        try:
            yield
        finally:
            lease.release()
            self._slots.release()
            lane.places.release()

    def hold(self, domain: str, seconds: float) -> None:
        """Let the domain rest, as it asks."""
        self._pacer.hold(domain, time.monotonic(), seconds)
        self._shared.hold(domain, seconds)

    def _lane(self, domain: str) -> _DomainQueue:
        lane = self._lanes.get(domain)
        if lane is None:
            lane = self._lanes[domain] = _DomainQueue(asyncio.Semaphore(self._per_domain))
        return lane

    async def _start(
        self, domain: str, lane: _DomainQueue, arrival: Arrival, ticket: Permit
    ) -> Lease:
        """Take a place in the lane, then a ticket, a slot, and a place among all processes."""
        await lane.places.acquire()
        try:
            while (lease := await self._started(domain, arrival, ticket)) is None:
                ticket.give_back()
        except BaseException:
            lane.places.release()
            raise
        return lease

    async def _started(self, domain: str, arrival: Arrival, ticket: Permit) -> Lease | None:
        """Wait for pace, ticket and slot; return None where the domain may no longer be asked once all are there."""
        await self._pause(domain, arrival)
        await ticket.take()
        await self._slots.acquire()
        lease = self._enter(domain)
        if lease is None:
            self._slots.release()
        return lease

    def _enter(self, domain: str) -> Lease | None:
        """Take the domain's turn from all processes, or learn how long the others keep it."""
        now = time.monotonic()
        if self._pacer.delay(domain, now) > 0:
            return None
        found = self._shared.enter(domain, self._pacer.spacing(domain))
        if isinstance(found, Lease):
            self._pacer.take(domain, now)
            return found
        if found.held:
            self._pacer.hold(domain, now, found.seconds)
        else:
            self._pacer.defer(domain, now, found.seconds)
        return None

    async def _pause(self, domain: str, arrival: Arrival) -> None:
        """Sleep until the domain may be asked."""
        while (delay := self._pacer.delay(domain, time.monotonic())) > 0:
            self._check_patience(domain, arrival)
            await asyncio.sleep(delay)

    def _check_patience(self, domain: str, arrival: Arrival, ahead: int = 0) -> None:
        now = time.monotonic()
        if self._pacer.patience(domain, arrival, now, ahead) > self._max_wait_s:
            raise WebError.patience(domain, math.ceil(self._pacer.queue_s(domain, now, ahead)))
