"""How a reject is told to the user: its reason and count, what to do about it, a sample."""

from collections.abc import Iterator

from transforms.core.reject_codes import advice


def reason_line(reason: str, count: int) -> str:
    """Return a reason with its count, and what to do about it."""
    return f"{count} x {reason}: {advice(reason)}"


def sample_line(url: str | None, message: str | None) -> str:
    """Return the URL and the message of a reject; the empty text if it has neither."""
    link, why = url or "", message or ""
    # Messages of requests begin with the URL.
    words = [why] if why.startswith((f"{link} ", f"{link}: ")) else [link, why]
    return f"e.g. {': '.join(filter(None, words))}" if any(words) else ""


def reject_lines(reason: str, count: int, url: str | None, message: str | None) -> Iterator[str]:
    """Yield the lines about the rejects of one reason."""
    yield f"  rejected {reason_line(reason, count)}"
    if sample := sample_line(url, message):
        yield f"    {sample}"
