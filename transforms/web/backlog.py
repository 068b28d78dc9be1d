"""The open requests of a bundle, whose results are returned in the order they complete."""

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from typing import Generic, TypeVar

from transforms.web.client import WebClient
from transforms.web.rate_limiter import Permit

T = TypeVar("T")

# How often the consumer wakes to see whether the network thread is still alive.
_LIVENESS_CHECK_S = 5.0


class Backlog(Generic[T]):
    """Coroutines on the client's loop, of which at most `max_results` results are in memory.

    The order of the results differs from run to run; no output may depend on it.
    """

    def __init__(self, client: WebClient, *, max_results: int) -> None:
        self._client = client
        self._gate = asyncio.Semaphore(max_results)
        self._done: queue.SimpleQueue[tuple[Permit, T | BaseException]] = queue.SimpleQueue()
        self._open: set[Future[None]] = set()
        self._count = 0

    def add(self, work: Callable[[Permit], Awaitable[T]]) -> None:
        """Start a coroutine, which must acquire its permit before its request."""
        self._count += 1
        future = self._client.submit(self._run(work))
        self._open.add(future)
        future.add_done_callback(self._open.discard)

    def drain(self) -> Iterator[T]:
        """Yield all results as they complete; raise an exception that the work did not handle."""
        while self._count:
            permit, result = self._next()
            self._count -= 1
            try:
                if isinstance(result, BaseException):
                    raise result
                yield result
            finally:
                self._client.loop.call_soon_threadsafe(permit.release)

    def cancel(self) -> None:
        """Cancel what is still open: the bundle failed."""
        for future in tuple(self._open):
            future.cancel()
        self._count = 0

    def _next(self) -> tuple[Permit, "T | BaseException"]:
        while True:
            try:
                return self._done.get(timeout=_LIVENESS_CHECK_S)
            except queue.Empty:
                if not self._client.is_alive:
                    raise RuntimeError("the network thread has died") from None

    async def _run(self, work: Callable[[Permit], Awaitable[T]]) -> None:
        permit = Permit(self._gate)
        try:
            self._done.put((permit, await work(permit)))
        except asyncio.CancelledError:
            permit.release()
            raise
        except Exception as error:
            self._done.put((permit, error))
