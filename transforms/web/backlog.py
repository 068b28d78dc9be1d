"""A bundle's requests: started as elements come, taken in the order they complete."""

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

from transforms.web.client import WebClient
from transforms.web.rate_limiter import Permit

T = TypeVar("T")


class Backlog(Generic[T]):
    """Work on the client's loop, of which at most `held` answers are in memory at once.

    The order in which results come differs from run to run; what is written must not depend on it.
    """

    def __init__(self, client: WebClient, *, held: int) -> None:
        self._client = client
        self._gate = asyncio.Semaphore(held)
        self._done: queue.SimpleQueue[tuple[Permit, T | BaseException]] = queue.SimpleQueue()
        self._open: set[Future[None]] = set()
        self._count = 0

    def add(self, work: Callable[[Permit], Awaitable[T]]) -> None:
        """Start a piece of work, which must hold its ticket from the request on."""
        self._count += 1
        future = self._client.submit(self._run(work))
        self._open.add(future)
        future.add_done_callback(self._open.discard)

    def drain(self) -> Iterator[T]:
        """Yield all results as they complete; an exception that is none of the errors it handles is raised here."""
        while self._count:
            ticket, result = self._next()
            self._count -= 1
            try:
                if isinstance(result, BaseException):
                    raise result
                yield result
            finally:
                self._client.loop.call_soon_threadsafe(ticket.give_back)

    def cancel(self) -> None:
        """Give up what is still open: the bundle failed."""
        for future in tuple(self._open):
            future.cancel()
        self._count = 0

    def _next(self) -> tuple[Permit, "T | BaseException"]:
        while True:
            try:
                return self._done.get(timeout=5.0)
            except queue.Empty:
                if not self._client.is_alive:
                    raise RuntimeError("the network thread has died") from None

    async def _run(self, work: Callable[[Permit], Awaitable[T]]) -> None:
        ticket = Permit(self._gate)
        try:
            self._done.put((ticket, await work(ticket)))
        except asyncio.CancelledError:
            ticket.give_back()
            raise
        except Exception as error:
            self._done.put((ticket, error))
