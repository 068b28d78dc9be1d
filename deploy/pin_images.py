"""Write the digests of the base images into the Dockerfiles, as the registries give them now.

    python deploy/pin_images.py            # needs a registry, and docker, crane or skopeo
    python deploy/pin_images.py --check    # exit code 1 if a digest is missing; asks nobody

A tag can be moved to another image, a digest cannot: two builds with one digest start from the same
bytes. A base image is a line `FROM name:tag@${NAME_DIGEST}`; its digest is the default of that
argument. Run it again to take newer images, and commit what it changes.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

DOCKERFILES = sorted(Path(__file__).parent.glob("*/Dockerfile"))
TOOLS = (
    ("docker", "buildx", "imagetools", "inspect", "--format", "{{.Manifest.Digest}}", "{}"),
    ("crane", "digest", "{}"),
    ("skopeo", "inspect", "--no-tags", "--format", "{{.Digest}}", "docker://{}"),
)
_BASE = re.compile(r"^FROM (\S+?)@\$\{(\w+_DIGEST)\}", re.MULTILINE)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TIMEOUT_S = 120
"""A registry answers within seconds; this only ends a tool that hangs."""


class PinError(Exception):
    """No digest can be had; the message says why."""


def bases(text: str) -> dict[str, str]:
    """Return the base images of a Dockerfile, by the argument that has their digest."""
    return {argument: image for image, argument in _BASE.findall(text)}


def digest_of(text: str, argument: str) -> str:
    """Return the digest that a Dockerfile gives to an argument; an empty text if it has none."""
    found = re.search(rf"^ARG {argument}=(\S*)$", text, re.MULTILINE)
    return found[1] if found and _DIGEST.fullmatch(found[1]) else ""


def unpinned() -> Iterator[str]:
    """Yield each base image that has no digest, with its file."""
    for path in DOCKERFILES:
        text = path.read_text()
        for argument, image in bases(text).items():
            if not digest_of(text, argument):
                yield f"{path}: {image} has no digest in {argument}"


def ask_registry(image: str) -> str:
    """Return the digest that a registry gives an image now, by the first tool that answers.

    Raises PinError if none does.
    """
    failures = [f"{image}: no digest"]
    for tool, *words in TOOLS:
        if shutil.which(tool) is None:
            failures.append(f"{tool} is not installed")
            continue
        command = [tool, *(word if word != words[-1] else word.format(image) for word in words)]
        answer, failure = _answer(command)
        if _DIGEST.fullmatch(answer):
            return answer
        failures.append(f"{tool}: {failure or answer or 'no answer'}")
    raise PinError("; ".join(failures))


def _answer(command: Sequence[str]) -> tuple[str, str]:
    """Return what a command prints, and the last line of its errors."""
    try:
        done = subprocess.run(  # noqa: S603 - the tools above, found on the path
            command, capture_output=True, text=True, timeout=_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer in {_TIMEOUT_S} s"
    return done.stdout.strip(), (done.stderr.strip().splitlines() or [""])[-1]


def pin() -> Iterator[str]:
    """Write the digest of each base image into all Dockerfiles, and yield a line for each.

    Writes nothing if one cannot be had.
    """
    texts = {path: path.read_text() for path in DOCKERFILES}
    images = {pair for text in texts.values() for pair in bases(text).items()}
    digests = {argument: ask_registry(image) for argument, image in sorted(images)}
    for path, text in texts.items():
        for argument in bases(text):
            line = f"ARG {argument}={digests[argument]}"
            text = re.sub(rf"^ARG {argument}=.*$", line, text, flags=re.MULTILINE)
        path.write_text(text)
    for argument, image in sorted(images):
        yield f"{image}@{digests[argument]}"


def main(words: Sequence[str]) -> int:
    """Pin, or with --check look for what is not pinned; returns the exit code."""
    if words not in ([], ["--check"]):
        sys.stderr.write(f"{__doc__}")
        return 2
    try:
        lines = list(unpinned() if words else pin())
    except PinError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    if words and lines:
        sys.stderr.write("run `make pin-images` and commit what it changes\n")
    return 1 if words and lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
