"""How much memory does one hostile answer cost? A client in a process of its own meets each kind of
large body.

    python -m bench.fetch_memory [--size-mb 1024] [--json] [--together]

The figure is the growth of the process's resident memory, at its highest, over what it was before
the request.
"""

import argparse
import json
import resource
import subprocess
import sys
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
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def kinds(size: int) -> dict[str, Answer]:
    """Return the hostile answers; `size` is what they come to in bytes, unpacked."""
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
    """Return for each kind what came of it and its memory in MB.

    `together` uses one process for all.
    """
    answers = {f"k{n}": (name, answer) for n, (name, answer) in enumerate(kinds(size).items())}
    rows: list[dict[str, object]] = []
    with serve({"/ok": respond("ok")}) as site:
        for host, (name, answer) in answers.items():
            path = "robots.txt" if "robots" in name else "x"
            site.routes[f"{host}.test/{path}"] = answer
        groups = [list(answers)] if together else [[host] for host in answers]
        for group in groups:
            command = [sys.executable, "-m", "bench.fetch_memory", "--child", site.address, *group]
            root = Path(__file__).parents[1]
            done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=root)  # noqa: S603
            rows += [json.loads(line) for line in done.stdout.splitlines()]
    return [row | {"kind": answers[str(row["kind"])][0]} for row in rows]


def child(address: str, hosts: list[str]) -> None:
    """Fetch from each host and write what it cost."""
    from transforms.web import FetchRequest, WebClient, WebError, WebOptions

    client = WebClient(
        WebOptions(connect_to=address, spacing_s=0, timeout_s=20, max_bytes=CAP_MB << 20)
    )
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
    """Return the resident memory, from where on the peak counts anew (Linux; elsewhere the peak so
    far).
    """
    with suppress(OSError):
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
    """Read the options and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=1024)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--together", action="store_true")
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
