"""When a request may start: after its domain's pace, and while one of the shared slots is free."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from transforms.core.fetch.pacer import Arrival, Pacer
from transforms.web.responses import WebError
from transforms.web.shared_pace import Lease, UnsharedPace


@dataclass
class Permit:
    """The right to hold one response in memory.

    Acquired when a request starts, released when its response has been passed on.
    """

    gate: asyncio.Semaphore | None = None
    is_held: bool = False

    async def acquire(self) -> None:
        """Wait for room; does nothing if the permit is held already."""
        if self.gate is not None and not self.is_held:
            await self.gate.acquire()
            self.is_held = True

    def release(self) -> None:
        """Make room; to be called on the loop."""
        if self.gate is not None and self.is_held:
            self.is_held = False
            self.gate.release()


@dataclass
class _DomainQueue:
    """A domain's slots, and how many requests have arrived and not started yet."""

    slots: asyncio.Semaphore
    waiting: int = 0

    @contextmanager
    def joined(self) -> Iterator[None]:
        """Count one more request as waiting."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1


class RateLimiter:
    """Lets requests start: `per_domain` at once and spaced in each domain, `concurrency` in all.

    The limits of a domain hold for all processes that share a pace.

    A request that waits for its domain's slot or pace holds no permit: the requests that occupy the
    domain may be waiting for one, and neither could go on.
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
        self._queues: WeakValueDictionary[str, _DomainQueue] = WeakValueDictionary()

    @asynccontextmanager
    async def slot(self, domain: str, permit: Permit) -> AsyncIterator[None]:
        """Wait until a request to the domain may start, and hold its slot while the request lasts.

        Raises WebError E_FETCH_MAX_WAIT if the site asks for a longer wait than `max_wait_s`.
        """
        queue = self._queue(domain)
        arrival = self._pacer.arrive(domain, time.monotonic())
        self._check_max_wait(domain, arrival, queue.waiting)
        with queue.joined():
            lease = await self._start(domain, queue, arrival, permit)
        try:
            yield
        finally:
            lease.release()
            self._slots.release()
            queue.slots.release()

    def back_off(self, domain: str, seconds: float) -> None:
        """Let no request to the domain start for the time that it asks for."""
        self._pacer.back_off(domain, time.monotonic(), seconds)
        self._shared.back_off(domain, seconds)

    def _queue(self, domain: str) -> _DomainQueue:
        queue = self._queues.get(domain)
        if queue is None:
            queue = self._queues[domain] = _DomainQueue(asyncio.Semaphore(self._per_domain))
        return queue

    async def _start(
        self, domain: str, queue: _DomainQueue, arrival: Arrival, permit: Permit
    ) -> Lease:
        """Acquire a slot of the domain, then a permit, a shared slot and a lease."""
        await queue.slots.acquire()
        try:
            while True:
                lease = await self._try_start(domain, arrival, permit)
                if lease is not None:
                    return lease
                permit.release()
        except BaseException:
            queue.slots.release()
            raise

    async def _try_start(self, domain: str, arrival: Arrival, permit: Permit) -> Lease | None:
        """Wait for pace, permit and slot; None if the domain has to wait once all are there."""
        await self._wait_for_pace(domain, arrival)
        await permit.acquire()
        await self._slots.acquire()
        lease = self._lease(domain)
        if lease is None:
            self._slots.release()
        return lease

    def _lease(self, domain: str) -> Lease | None:
        """Acquire the domain's lease among all processes, or record how long it is blocked."""
        now = time.monotonic()
        if self._pacer.delay(domain, now) > 0:
            return None
        granted = self._shared.enter(domain, self._pacer.spacing(domain))
        if isinstance(granted, Lease):
            self._pacer.record_start(domain, now)
            return granted
        if granted.is_backoff:
            self._pacer.back_off(domain, now, granted.seconds)
        else:
            self._pacer.defer(domain, now, granted.seconds)
        return None

    async def _wait_for_pace(self, domain: str, arrival: Arrival) -> None:
        """Sleep until the domain's pace lets a request start."""
        while (delay := self._pacer.delay(domain, time.monotonic())) > 0:
            self._check_max_wait(domain, arrival)
            await asyncio.sleep(delay)

    def _check_max_wait(self, domain: str, arrival: Arrival, ahead: int = 0) -> None:
        now = time.monotonic()
        if self._pacer.site_wait_s(domain, arrival, now, ahead) > self._max_wait_s:
            raise WebError.max_wait(domain, math.ceil(self._pacer.queue_s(domain, now, ahead)))
