"""Where and when does an article say that it was written, and which wire wrote it?"""

import re
from dataclasses import dataclass, replace

from transforms.core.clean.agencies import Agencies, agency_in, agency_of, normalise_credit
from transforms.core.prose import is_prose, straight
from transforms.records import Article

# A dateline opens the body. A standfirst, a picture credit or a label may stand before it.
OPENING_BLOCKS = 4
# Two place names with a region, a date and a wire in brackets fit in it; it bounds the pattern.
MAX_DATELINE_CHARS = 100
# Shorter words in capitals before a hyphen are abbreviations: "US-led", "EU-wide".
MIN_PLACE_CHARS = 4
_CAPS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'-]+"
_NAME = r"(?:[A-ZÀ-ÖØ-Þ][\w.'-]*)"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|January|February|March|April|June|July|August|"
    r"September|October|November|December|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|SEPT|OCT|NOV|DEC|"
    r"Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Okt|Dezember|Dez|"
    r"janvier|janv|février|févr|mars|avril|avr|mai|juin|juillet|juil|août|septembre|sept|octobre|oct|novembre|nov|"
    r"décembre|déc|enero|ene|febrero|feb|marzo|mar|abril|abr|mayo|may|junio|jun|julio|jul|agosto|ago|septiembre|sep|"
    r"octubre|noviembre|diciembre|dic)\.?"
)
_DATE = (
    rf"(?P<date>,? (?:{_MONTH} \d{{1,2}}|\d{{1,2}}(?:\.|er)? (?:de )?{_MONTH})(?:,? (?:de "
    rf")?\d{{4}})?)?"
)
_REGION = rf"(?P<region>(?:, {_NAME}(?: {_NAME}){{0,3}}){{0,2}})"
_WIRE = r"(?: ?\((?P<wire>[^()]{2,40})\))?"
_DASH = r"(?P<dash> ?\.?-{1,2} ?| ?: )"
_SHOUTED = re.compile(
    rf"(?P<place>{_CAPS}(?:[ /]{_CAPS}){{0,3}}){_REGION}{_DATE}{_WIRE}{_DASH}(?=[\"'\w])"
)
_WRITTEN = re.compile(
    rf"(?P<place>{_NAME}(?: {_NAME}){{0,2}}){_REGION}{_DATE} "
    rf"?\((?P<wire>[^()]{{2,40}})\){_DASH}?(?=[\"'\w])"
)
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Dateline:
    """What opens a body: the place and date as printed, and the wire in its brackets."""

    text: str
    wire: str | None = None


def add_dateline_and_credit(article: Article, agencies: Agencies) -> Article:
    """Return the article with its dateline and its wire.

    Fields that are filled stay, the body always does.
    """
    found = find_dateline(article.body or "", agencies)
    wire = agency_of(found.wire, agencies) if found else None
    credit = normalise_credit(article.credit, agencies) if article.credit else None
    named = (agency_in(name, agencies) for name in (*article.authors, article.byline))
    credit = credit or wire or next((agency for agency in named if agency), None)
    return replace(
        article, date_line=article.date_line or (found.text if found else None), credit=credit
    )


def find_dateline(body: str, agencies: Agencies) -> Dateline | None:
    """Return the dateline that opens the first paragraph: a place in capitals or with a known wire,
    then a dash.
    """
    for block in body[:4_000].split("\n\n")[:OPENING_BLOCKS]:
        if not is_prose(block):
            continue
        opening = straight(block[:MAX_DATELINE_CHARS])
        shouted = _SHOUTED.match(opening)
        if shouted and _is_sure(shouted, opening, body, agencies):
            return _dateline(shouted, block)
        written = _WRITTEN.match(opening)
        if written and agency_of(written["wire"], agencies):
            return _dateline(written, block)
        return None
    return None


def _dateline(found: re.Match[str], block: str) -> Dateline:
    end = max(found.end(name) for name in ("place", "region", "date"))
    return Dateline(block[:end].strip(" ,"), found["wire"])


def _is_sure(found: re.Match[str], opening: str, body: str, agencies: Agencies) -> bool:
    """Return whether capitals before a dash are a place: no label, and no short form that the text
    uses again.
    """
    place = found["place"]
    if (
        place.upper() in agencies.not_places
        or place.split()[0] in agencies.not_places
        or agency_of(place, agencies)
    ):
        return False
    if ":" in found["dash"]:
        return bool(found["wire"] and agency_of(found["wire"], agencies))
    if found["wire"] or found["date"]:
        return True
    letters = sum(map(len, _WORDS.findall(place)))
    apart = found["dash"] != "-" and letters >= MIN_PLACE_CHARS
    follows = opening[found.end() : found.end() + 1]
    shouts = re.search(rf"\b{re.escape(place)}\b", straight(body[found.end() : 20_000]))
    return apart and not follows.islower() and shouts is None
