"""Whose turn is it? Requests wait for their domain's pace first, and hold a shared slot only while they run."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from weakref import WeakValueDictionary

from transforms.core.fetch.pacing import Pacer


@dataclass
class Ticket:
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


class Turns:
    """Lets requests start: `per_domain` at once and spaced in each domain, `concurrency` in all."""

    def __init__(self, pacer: Pacer, *, concurrency: int, per_domain: int) -> None:
        self._pacer = pacer
        self._slots = asyncio.Semaphore(concurrency)
        self._per_domain = per_domain
        self._domains: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, domain: str, ticket: Ticket) -> AsyncIterator[None]:
        """Wait for the turn of a request to the domain and hold it while the request lasts."""
        lane = self._domains.get(domain)
        if lane is None:
            lane = self._domains[domain] = asyncio.Semaphore(self._per_domain)
        async with lane:
            await self._start(domain, ticket)
            try:
                yield
            finally:
                self._slots.release()

    async def _start(self, domain: str, ticket: Ticket) -> None:
        while True:
            if await self._paused(domain):
                continue
            await ticket.take()
            await self._slots.acquire()
            if self._pacer.delay(domain, time.monotonic()) <= 0:
                self._pacer.take(domain, time.monotonic())
                return
            self._slots.release()

    async def _paused(self, domain: str) -> bool:
        """Sleep until the domain may be asked; return whether there was anything to wait for."""
        delay = self._pacer.delay(domain, time.monotonic())
        if delay > 0:
            await asyncio.sleep(delay)
        return delay > 0
