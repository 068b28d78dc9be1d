"""Does a page ask its reader to pay where its text ends?"""

import re
from collections.abc import Sequence
from itertools import islice

from lxml import html

from transforms.core.extract.layout import Shown
from transforms.core.extract.recall import Place
from transforms.core.extract.walls import asks_to_pay

MAX_BEFORE = 3
MAX_AFTER = 4
MAX_LINE_CHARS = 400
NEAR = 4
_NAME = re.compile(r"(?:pay|reg|subscri(?:be|ber|ption)-?)-?_?(?:wall|barrier)", re.IGNORECASE)


def asks_at_end(places: Sequence[Place], shown: Sequence[Shown]) -> bool:
    """Return whether a line at the end of the text asks to pay for the rest, or stands in a box named a paywall."""
    found = [place for place in places if place and shown[place[1]].prose]
    if not found:
        return False
    own = {
        outer for place in found[:-1] or found for outer in shown[place[0]].holder.iterancestors()
    }
    last = found[-1][1]
    for one in shown[max(last - MAX_BEFORE, 0) : last + MAX_AFTER + 1]:
        if len(one.text) <= MAX_LINE_CHARS and (
            asks_to_pay(one.text) or _is_named(one.holder, own)
        ):
            return True
    return False


def _is_named(holder: html.HtmlElement, own: set[html.HtmlElement]) -> bool:
    around = [holder, *islice(holder.iterancestors(), NEAR)]
    return any(
        outer not in own and _NAME.search(f"{outer.get('class')} {outer.get('id')}")
        for outer in around
    )
