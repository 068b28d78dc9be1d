"""The writers' lock of a lake in a bucket: a lease that its holder renews, and that another takes
over when the renewals stop.

The lease is one object, `_meta/lock`, written only if its token is unchanged. No two clocks are
compared: a writer considers a lease expired when it has seen the same token for the length of the
lease, by its own clock.

A holder that was paused may not know that it lost the lease. `transforms.cloud.bucket_store`
explains why it can do no harm; for that, a new holder must know how the last one left: with all
requests done, or not.
"""

import json
import logging
import random
import threading
import time
import uuid
from dataclasses import dataclass

from transforms.cloud.bucket import Bucket, BusyError, PatientBucket
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

LOCK = "_meta/lock"
FREE, NONE = "free", "none"
_HELD, _LEFT = "held", "left"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a lease says: its holder, its state, and the seconds it is good for without being
    renewed.
    """

    holder: str
    state: str
    seconds: float


class Lease:
    """One writer's turn.

    `raw` must not wait for a busy server: the lease would run out meanwhile.
    """

    def __init__(self, raw: Bucket, *, seconds: float, timeout_s: float) -> None:
        self._raw, self._bucket = raw, PatientBucket(raw)
        self._seconds, self._timeout_s = seconds, timeout_s
        self._holder = uuid.uuid4().hex
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="newsbeam-lease", daemon=True)
        self._token: str | None = None
        self._beat = 0
        self._confirmed = 0.0
        self._lost = False

    def acquire(self) -> str:
        """Wait for the turn; return what the lease said before: FREE, NONE where there was none, or
        neither.

        Raise LakeError after the timeout.
        """
        deadline, seen, since = _now() + self._timeout_s, "", _now()
        while True:
            found = self._bucket.get(LOCK)
            said, token = _read(found[0] if found else None), found[1] if found else None
            if token != seen:
                seen, since = token or "", _now()
            if (said.state != _HELD or _now() - since >= said.seconds) and self._take(token):
                self._keeper.start()
                return said.state
            if _now() > deadline:
                raise self._too_long()
            time.sleep(min(0.5, self._seconds / 20) * random.uniform(0.5, 1))

    def check(self) -> None:
        """Raise LostRaceError where the lease is known to be another's.

        Ask the server where renewal is overdue.
        """
        if self._lost or _now() - self._confirmed >= self._seconds / 2:
            self.verify()

    def verify(self) -> None:
        """Ask the server; raise LostRaceError where the lease is another's."""
        with self._writing:
            self._find_mine(self._bucket)

    def release(self, *, done: bool) -> None:
        """End the turn. Where it is not `done`, requests may still be under way that the next
        holder must shut out.
        """
        self._ended.set()
        self._keeper.join()
        try:
            self._write(self._bucket, FREE if done else _LEFT)
        except LostRaceError:
            _LOG.warning(
                "%s: another writer took the lease over before this one was done", self._raw.address
            )
        except LakeError as error:
            _LOG.warning(
                "the lease was not given back (%s); the next writer waits %.0f s",
                error,
                self._seconds,
            )

    def _take(self, token: str | None) -> bool:
        self._token = token
        try:
            self._put(self._bucket, _HELD)
            if self._raw.settle_s:
                time.sleep(self._raw.settle_s)
                self._find_mine(self._bucket)
        except LostRaceError:
            self._lost = False
            return False
        return True

    def _keep(self) -> None:
        """Renew the lease until the turn ends.

        What fails here, `check` meets again before the next write.
        """
        while not self._ended.wait(self._seconds / 4):
            try:
                self._write(self._raw, _HELD)
            except LostRaceError:
                return
            except (BusyError, LakeError) as error:
                _LOG.info("%s: the lease was not renewed: %s", self._raw.address, error)

    def _write(self, bucket: Bucket, state: str) -> None:
        """Write the lease while it is ours.

        A renewal whose answer was lost has changed the token: then find it.
        """
        with self._writing:
            try:
                self._put(bucket, state)
            except LostRaceError:
                self._find_mine(bucket)
                self._put(bucket, state)

    def _put(self, bucket: Bucket, state: str) -> None:
        self._beat += 1
        said = {
            "holder": self._holder,
            "state": state,
            "seconds": self._seconds,
            "beat": self._beat,
        }
        asked = _now()
        self._token = bucket.put(LOCK, json.dumps(said).encode(), self._token)
        self._confirmed = asked

    def _find_mine(self, bucket: Bucket) -> None:
        asked, found = _now(), bucket.get(LOCK)
        if found is None or _read(found[0]).holder != self._holder:
            self._lost = True
            raise LostRaceError(
                f"{self._raw.address}: another writer took the lake's lease over; merge again"
            )
        self._token, self._confirmed = found[1], asked

    def _too_long(self) -> LakeError:
        return LakeError(
            f"{self._raw.address} is locked by another writer for over {self._timeout_s:.0f} s; "
            "wait for it to end, or stop it, and run again",
            reason="E_LAKE_LOCKED",
        )


def _read(data: bytes | None) -> _Said:
    """Return what a lease says.

    What is no lease may be taken, but nobody said that they were done.
    """
    if data is None:
        return _Said("", NONE, 0)
    try:
        said = json.loads(data)
        return _Said(str(said["holder"]), str(said["state"]), float(said["seconds"]))
    except (ValueError, KeyError, TypeError):
        return _Said("", _LEFT, 0)


def _now() -> float:
    """Return seconds that go on while the machine sleeps, where the system knows them."""
    return time.clock_gettime(_CLOCK)
