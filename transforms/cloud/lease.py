"""The writers' lock of a lake in a bucket: a lease that its holder renews, and that another writer
takes over when it has expired. Runs that ask publishers have another (`transforms.run_lease`).

The lease is one object, `_meta/lock`, written only if its token is unchanged. No two clocks are
compared: a writer considers a lease expired when it has seen the same token for the lease's whole
duration, by its own clock.

A holder that was paused may not know that it lost the lease. `transforms.cloud.bucket_store`
explains why it can do no harm. For that, the next holder must know how the last one ended: with all
its requests complete, or with some that may still be carried out.
"""

import json
import logging
import random
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass

from transforms.cloud.bucket import Bucket, BusyError, RetryingBucket
from transforms.core.lake.log.store import LostRaceError
from transforms.errors import LakeError

LOCK = "_meta/lock"
FREE, NONE = "free", "none"
"""States of a lease: released with all requests complete; absent, as in a new lake."""
_HELD, _LEFT = "held", "left"
"""States of a lease: held; released, but requests of its holder may still be carried out."""
# CLOCK_MONOTONIC stops on Linux while the machine is suspended: a holder that wakes up would take
# an expired lease for a fresh one.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
# Renewals in a lease's duration. A judgement: three may fail before the lease expires; each is a
# request that the bucket's owner pays for.
_RENEWALS = 4
# A waiting writer reads the lease this often in its duration, at least every half second. A
# judgement: how long a released lease stays unused, against requests.
_POLLS, _MAX_POLL_S = 20, 0.5
# Longest time for which a lease is left to a job. A judgement: a cancelled job blocks others for
# less than a working day. A time further ahead than that, and than clocks differ, is no newsbeam's.
_MAX_LEFT_S, _SKEW_S = 6 * 3600.0, 600.0
# Bound of a duration that a lake from elsewhere may give: far above that of any newsbeam, and no
# longer than somebody waits before asking why.
_MAX_S = 600.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _LeaseRecord:
    """The content of a lease object."""

    holder: str
    state: str
    seconds: float
    """Duration without a renewal. It is read from the object, since each writer may have its own.
    """
    note: str = ""
    """What the holder says of itself, for people."""
    until: float = 0
    """When a lease expires that is left to a job, in seconds since the epoch; 0 for one that is
    renewed."""


class Lease:
    """A lease for one turn of one writer, with a `note` on who holds it.

    Renewals go to `raw`, which must not wait and retry while the server is busy: the lease could
    expire meanwhile.
    """

    def __init__(
        self,
        raw: Bucket,
        *,
        seconds: float,
        timeout_s: float,
        path: str = LOCK,
        note: str = "",
        holder: str | None = None,
    ) -> None:
        self._raw, self._bucket = raw, RetryingBucket(raw)
        self._seconds, self._timeout_s = seconds, timeout_s
        self._path, self._note = path, note
        self._holder, self._until = holder or uuid.uuid4().hex, 0.0
        self._is_job = holder is not None
        # The renewing thread and the writer both change the token: one request at a time.
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._renewer = threading.Thread(
            target=self._renew_until_end, name="newsbeam-lease", daemon=True
        )
        self._token: str | None = None
        self._seen_token: str | None = None
        self._seen_since = _now()
        self.is_other_alive = False
        """Whether the holder wrote the lease between two attempts."""
        self.other_note = ""
        """The note of the holder, as of the last attempt."""
        self._renewals = 0
        self._confirmed_at = 0.0
        self._lost = False

    def acquire(self) -> str:
        """Wait for the lease, take it, and return its state before: FREE, NONE where there was no
        lease, or another where the last holder may still be at work.

        Raise LakeError after the timeout.
        """
        deadline = _now() + self._timeout_s
        while True:
            state = self.attempt()
            if state is not None:
                return state
            if _now() > deadline:
                raise self._timeout_error()
            # Random, so that writers that wait do not all take a released lease at once.
            time.sleep(min(_MAX_POLL_S, self._seconds / _POLLS) * random.uniform(0.5, 1))

    def attempt(self) -> str | None:
        """Take the lease if it is free, or has expired since earlier attempts; return its state
        before, None if another holds it.
        """
        found = self._bucket.get(self._path)
        data, token = found if found else (None, None)
        record = _parse(data)
        self.other_note = record.note
        if token != self._seen_token:
            self.is_other_alive = self._seen_token is not None
            self._seen_token, self._seen_since = token, _now()
        is_expired = _now() - self._seen_since >= record.seconds
        if record.until:
            # A job does not renew its lease, and takes hours: clocks of different machines will do.
            left_s = record.until - time.time()
            is_expired = not 0 < left_s < _MAX_LEFT_S + _SKEW_S
            self.is_other_alive = True
        if (record.state != _HELD or is_expired) and self._try_take(token):
            self._renewer.start()
            return record.state
        return None

    def leave_to_job(self, seconds: float) -> None:
        """Leave the lease held, to a job that outlives this process and has the same holder."""
        self._ended.set()
        self._renewer.join()
        self._until = time.time() + min(seconds, _MAX_LEFT_S)
        # A local engine has ended the job by now, which released the lease.
        with suppress(LostRaceError):
            self._write(self._bucket, _HELD)

    def extend(self, seconds: float) -> None:
        """Extend the lease of a job; do nothing if the job does not have it."""
        if self._is_own():
            self._until = time.time() + min(seconds, _MAX_LEFT_S)
            with suppress(LostRaceError):
                self._put(self._bucket, _HELD)

    def end(self) -> None:
        """Release the lease of a job; do nothing if the job does not have it."""
        if self._is_own():
            with suppress(LostRaceError):
                self._put(self._bucket, FREE)

    def _is_own(self) -> bool:
        found = self._bucket.get(self._path)
        if found is None:
            return False
        record = _parse(found[0])
        # The number of a write changes its bytes, also between processes.
        self._token, self._renewals = found[1], time.time_ns()
        return record.holder == self._holder and record.state == _HELD

    def check(self) -> None:
        """Raise LostRaceError where the lease is known to be lost.

        The server is asked only where a renewal is overdue, so that a check costs no request.
        """
        # Half the duration: one renewal has failed, and the lease has not yet expired.
        if self._lost or _now() - self._confirmed_at >= self._seconds / 2:
            self.verify()

    def verify(self) -> None:
        """Read the lease from the server; raise LostRaceError where another writer holds it."""
        with self._writing:
            self._reread(self._bucket)

    def release(self, *, done: bool) -> None:
        """Release the lease. Unless `done`, requests may still be carried out, against which the
        next holder must set a fence.
        """
        self._ended.set()
        # Else a renewal could follow, and the lease would seem held until it expires.
        self._renewer.join()
        try:
            self._write(self._bucket, FREE if done else _LEFT)
        except LostRaceError:
            _LOG.warning(
                "%s: another writer took the lease over before this one was done", self._raw.address
            )
        except LakeError as error:
            _LOG.warning(
                "the lease was not released (%s); the next writer waits %.0f s",
                error,
                self._seconds,
            )

    def _try_take(self, token: str | None) -> bool:
        """Write the lease if its token is unchanged; return whether this writer holds it."""
        self._token = token
        try:
            self._put(self._bucket, _HELD)
            if self._raw.settle_s:
                time.sleep(self._raw.settle_s)
                self._reread(self._bucket)
        except LostRaceError:
            # `_reread` sets it, but a lease that was never held is not lost.
            self._lost = False
            return False
        return True

    def _renew_until_end(self) -> None:
        """Renew the lease until it is released.

        Errors are only logged: `check` finds the renewal overdue before the next write.
        """
        while not self._ended.wait(self._seconds / _RENEWALS):
            try:
                self._write(self._raw, _HELD)
            except LostRaceError:
                return
            except (BusyError, LakeError) as error:
                _LOG.info("%s: the lease was not renewed: %s", self._raw.address, error)

    def _write(self, bucket: Bucket, state: str) -> None:
        """Write the lease while this writer holds it."""
        with self._writing:
            try:
                self._put(bucket, state)
            except LostRaceError:
                # A renewal whose response was lost has changed the token, and looks like another
                # writer's: read the token, then write again.
                self._reread(bucket)
                self._put(bucket, state)

    def _put(self, bucket: Bucket, state: str) -> None:
        self._renewals += 1
        # The number changes the bytes: on S3 a token is an ETag, a hash of the bytes, so a renewal
        # with the same bytes would look like none.
        record = {
            "holder": self._holder,
            "state": state,
            "seconds": self._seconds,
            "beat": self._renewals,
            "note": self._note,
            "until": self._until,
        }
        # The time before the request: the server may carry it out at once and respond late, and
        # others count the duration from when they see it.
        sent_at = _now()
        self._token = bucket.put(self._path, json.dumps(record).encode(), self._token)
        self._confirmed_at = sent_at

    def _reread(self, bucket: Bucket) -> None:
        """Read the lease's token; raise LostRaceError where another writer holds it."""
        sent_at, found = _now(), bucket.get(self._path)
        record = _parse(found[0] if found else None)
        is_ended = self._is_job and record.state != _HELD
        if found is None or record.holder != self._holder or is_ended:
            self._lost = True
            raise LostRaceError(
                f"{self._raw.address}: another writer took the lake's lease over; merge again"
            )
        self._token, self._confirmed_at = found[1], sent_at

    def _timeout_error(self) -> LakeError:
        return LakeError(
            f"{self._raw.address} is locked by another writer for over {self._timeout_s:.0f} s; "
            "wait for it to end, or stop it, and run again",
            reason="E_LAKE_LOCKED",
        )


def _parse(data: bytes | None) -> _LeaseRecord:
    """Return the content of a lease object.

    A damaged one can be taken over, but its holder may still be at work.
    """
    if data is None:
        return _LeaseRecord("", NONE, 0)
    try:
        fields = json.loads(data)
        return _LeaseRecord(
            str(fields["holder"]),
            str(fields["state"]),
            min(_MAX_S, float(fields["seconds"])),
            str(fields.get("note", "")),
            float(fields.get("until", 0)),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return _LeaseRecord("", _LEFT, 0)


def _now() -> float:
    """Return seconds of a clock that counts the time a machine is suspended, where it has one."""
    return time.clock_gettime(_CLOCK)
