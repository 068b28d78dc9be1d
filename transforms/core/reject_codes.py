"""The codes of rejects: which there are, and what to do about each."""

import re
from collections.abc import Collection
from difflib import get_close_matches
from functools import cache

from transforms.core.events.rules.rule_files import read_table

_STAGE_CODE = re.compile(r"E_(FEED_PARSE|ARCHIVE|EXTRACT|CLEAN|EVENTS)_(TIMEOUT|CRASH|BUG|MEMORY)")
_STAGE_ADVICE = {
    "TIMEOUT": "tried again by later runs; if it stays, report the page",
    "CRASH": "tried again by later runs; many at once: too little memory for --workers",
    "MEMORY": "the page needs more memory than a process may have; report it with the URL",
    "BUG": "a fault of newsbeam: report it with the URL and the message",
}
_HTTP_CODE = re.compile(r"E_FETCH_HTTP_(\d{3})")
_BY_STATUS = {
    "401": "the site wants a login; nothing to mend here",
    "403": "the site refuses newsbeam; give an address with --contact, or ask the site",
    "404": "the page is gone; for a feed, look for its address with `newsbeam feeds find`",
    "410": "the page is gone; for a feed, look for its address with `newsbeam feeds find`",
    "429": "the site wants fewer requests: raise --spacing; the next run tries again",
}
_NEAREST = 3
"""Codes that are named for an unknown one: what fits a line."""


def advice(reason: str) -> str:
    """Return in a few words what to do about rejects of a reason."""
    if stage_code := _STAGE_CODE.fullmatch(reason):
        return _STAGE_ADVICE[stage_code[2]]
    if http_code := _HTTP_CODE.fullmatch(reason):
        return _BY_STATUS.get(http_code[1], "the next run tries it again if the server may recover")
    return _advice_by_code().get(reason, "see docs/operations.md, and report it if it stays")


def is_code(reason: str) -> bool:
    """Return whether newsbeam has rejects of this reason."""
    return bool(
        reason in _advice_by_code() or _STAGE_CODE.fullmatch(reason) or _HTTP_CODE.fullmatch(reason)
    )


def nearest_codes(reason: str, more: Collection[str] = ()) -> list[str]:
    """Return the codes that are most like a mistyped one, `more` among them; most alike first."""
    codes = sorted({*_advice_by_code(), "E_FETCH_HTTP_404", "E_FETCH_HTTP_500", *more})
    # 0.5: a code with its stage missing or mistyped is still found.
    return get_close_matches(reason.upper(), codes, n=_NEAREST, cutoff=0.5)


@cache
def _advice_by_code() -> dict[str, str]:
    groups = read_table("reject_codes.toml")["group"]
    return {code: group["do"] for group in groups for code in group["codes"]}
