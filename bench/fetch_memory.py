"""Memory that a hostile HTTP response costs the client, for each kind of large response.

    python -m bench.fetch_memory [--size-mb 1024] [--json] [--together]

The figure is the growth of the process's resident memory: its peak during the request minus its
value before. Each kind is fetched in a new process, so that none finds memory already allocated.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.helpers.web_site import (
    PACKERS,
    Answer,
    bomb,
    endless,
    huge,
    raw,
    respond,
    serve,
    without_end,
)

CAP_MB = 10
"""The client's limit for a body (`max_bytes`); the figures should stay near it."""
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def kinds(size: int) -> dict[str, Answer]:
    """Return the hostile responses by kind; `size` is their uncompressed length in bytes."""
    return {
        "length declared": huge(size, declared=True),
        "length not declared": huge(size, declared=False),
        "endless chunks": endless(),
        "one endless chunk": without_end(_CHUNKED + b"ffffffff\r\n", b"x" * 65536),
        **{f"{coding} bomb": bomb(size, coding) for coding in PACKERS},
        **{f"{coding} bomb, twice": bomb(size, f"{coding}, {coding}") for coding in PACKERS},
        "empty gzip members": respond(
            PACKERS["gzip"](PACKERS["gzip"](b"") * 200_000), Content_Encoding="gzip, gzip"
        ),
        "a header of 64 MB": raw(_HEAD + b"X-A: " + b"x" * (64 << 20) + b"\r\n\r\n"),
        "endless headers": without_end(_HEAD, b"X-A: 1\r\n" * 1000),
        "endless robots.txt": endless(),
        "just below the cap": respond(b"x" * (CAP_MB << 20)),
    }


def measure(size: int, *, together: bool) -> list[dict[str, object]]:
    """Return a row per kind: the outcome (a status or an error's reason) and the memory in MB.

    `together` fetches all kinds in one process, which is faster.
    """
    answers = {f"k{n}": (name, answer) for n, (name, answer) in enumerate(kinds(size).items())}
    rows: list[dict[str, object]] = []
    with serve({"/ok": respond("ok")}) as site:
        for host, (name, answer) in answers.items():
            path = "robots.txt" if "robots" in name else "x"
            site.routes[f"{host}.test/{path}"] = answer
        groups = [list(answers)] if together else [[host] for host in answers]
        for group in groups:
            rows += _run_child(site.address, group)
    return [row | {"kind": answers[str(row["kind"])][0]} for row in rows]


def _run_child(address: str, hosts: Sequence[str]) -> list[dict[str, object]]:
    """Fetch from the hosts in a new process and return its rows."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bench.fetch_memory", "--child", address, *hosts],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def child(address: str, hosts: Sequence[str]) -> None:
    """Fetch from each host and write its row as a line of JSON."""
    # Imported here: the parent process, which serves the responses, does not need the client.
    from transforms.web import FetchRequest, WebClient, WebError, WebOptions

    client = WebClient(
        WebOptions(connect_to=address, spacing_s=0, timeout_s=20, max_bytes=CAP_MB << 20)
    )
    # The first request allocates buffers and imports modules that any fetch needs.
    client.get("http://warm.test/ok")
    for host in hosts:
        before = _now_kb()
        try:
            outcome = str(client.get(f"http://{host}.test/x", FetchRequest(robots=True)).status)
        except WebError as error:
            outcome = error.reason
        mb = round((_peak_kb() - before) / 1024, 1)
        sys.stdout.write(json.dumps({"kind": host, "outcome": outcome, "mb": mb}) + "\n")
    client.close()


def _now_kb() -> int:
    """Return the resident memory in kB and reset the peak to it; without /proc, the peak."""
    with suppress(OSError):
        # Writing 5 resets VmHWM, the peak of the resident memory (proc(5)).
        Path("/proc/self/clear_refs").write_text("5")
        return _status_kb("VmRSS")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _peak_kb() -> int:
    with suppress(OSError):
        return _status_kb("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _status_kb(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name + ":"))


def main() -> None:
    """Read the options and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--size-mb", type=int, default=1024, help="uncompressed size of the large bodies"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--together", action="store_true", help="fetch all kinds in one process")
    parser.add_argument("--child", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child[0], options.child[1:])
        return
    rows = measure(options.size_mb << 20, together=options.together)
    if options.json:
        sys.stdout.write(json.dumps({"cap_mb": CAP_MB, "kinds": rows}) + "\n")
        return
    for row in rows:
        sys.stdout.write(f"{row['kind']:24} {row['outcome']:24} {row['mb']:>7} MB\n")


if __name__ == "__main__":
    main()
