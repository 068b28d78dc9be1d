"""Find the dateline that opens an article (place, date, wire), and the agency to credit."""

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
# Labels and standfirsts before the first paragraph fit in it; it bounds the work on a long body.
OPENING_CHARS = 4_000
# An abbreviation that opens a text ("NATO - ...") is used again within a few pages of it.
REUSE_CHARS = 20_000
_CAPS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'-]+"
_NAME = r"(?:[A-ZÀ-ÖØ-Þ][\w.'-]*)"
_MONTH = (
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|"
    r"January|February|March|April|June|July|August|September|October|November|December|"
    r"JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|SEPT|OCT|NOV|DEC|"
    r"Januar|Jänner|Februar|März|Mai|Juni|Juli|Oktober|Okt|Dezember|Dez|"
    r"janvier|janv|février|févr|mars|avril|avr|mai|juin|juillet|juil|août|septembre|sept|"
    r"octobre|oct|novembre|nov|décembre|déc|"
    r"enero|ene|febrero|feb|marzo|mar|abril|abr|mayo|may|junio|jun|julio|jul|agosto|ago|"
    r"septiembre|sep|octubre|noviembre|diciembre|dic)\.?"
)
_DATE = (
    rf"(?P<date>,? (?:{_MONTH} \d{{1,2}}|\d{{1,2}}(?:\.|er)? (?:de )?{_MONTH})(?:,? (?:de "
    rf")?\d{{4}})?)?"
)
_REGION = rf"(?P<region>(?:, {_NAME}(?: {_NAME}){{0,3}}){{0,2}})"
_WIRE = r"(?: ?\((?P<wire>[^()]{2,40})\))?"
_DASH = r"(?P<dash> ?\.?-{1,2} ?| ?: )"
_CAPITALS_PLACE = re.compile(
    rf"(?P<place>{_CAPS}(?:[ /]{_CAPS}){{0,3}}){_REGION}{_DATE}{_WIRE}{_DASH}(?=[\"'\w])"
)
_WIRE_IN_BRACKETS = re.compile(
    rf"(?P<place>{_NAME}(?: {_NAME}){{0,2}}){_REGION}{_DATE} "
    rf"?\((?P<wire>[^()]{{2,40}})\){_DASH}?(?=[\"'\w])"
)
_WORDS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Dateline:
    """The opening of a body: the place and date as printed, and the wire in brackets."""

    text: str
    wire: str | None = None


def add_dateline_and_credit(article: Article, agencies: Agencies) -> Article:
    """Return the article with `date_line` and `credit` filled in; the body is not changed.

    A date line or a credit that the article has is kept, the credit normalised.
    """
    dateline = find_dateline(article.body or "", agencies)
    wire = agency_of(dateline.wire, agencies) if dateline else None
    credit = normalise_credit(article.credit, agencies) if article.credit else None
    date_line = article.date_line
    if not date_line and dateline:
        date_line = dateline.text
    return replace(
        article,
        date_line=date_line or None,
        credit=credit or wire or _agency_in_byline(article, agencies),
    )


def _agency_in_byline(article: Article, agencies: Agencies) -> str | None:
    """Return the first agency that the authors or the byline name."""
    named = (agency_in(name, agencies) for name in (*article.authors, article.byline))
    return next((agency for agency in named if agency), None)


def find_dateline(body: str, agencies: Agencies) -> Dateline | None:
    """Return the dateline that opens the first paragraph: a place in capitals or with a known wire,
    then a dash.
    """
    for block in body[:OPENING_CHARS].split("\n\n")[:OPENING_BLOCKS]:
        if not is_prose(block):
            continue
        opening = straight(block[:MAX_DATELINE_CHARS])
        in_capitals = _CAPITALS_PLACE.match(opening)
        if in_capitals and _is_place(in_capitals, opening, body, agencies):
            return _dateline(in_capitals, block)
        with_wire = _WIRE_IN_BRACKETS.match(opening)
        if with_wire and agency_of(with_wire["wire"], agencies):
            return _dateline(with_wire, block)
        return None
    return None


def _dateline(found: re.Match[str], block: str) -> Dateline:
    end = max(found.end(name) for name in ("place", "region", "date"))
    return Dateline(block[:end].strip(" ,"), found["wire"])


def _is_place(found: re.Match[str], opening: str, body: str, agencies: Agencies) -> bool:
    """Return whether capitals before a dash are a place, not a label or an abbreviation."""
    if _is_known_not_place(found["place"], agencies):
        return False
    if ":" in found["dash"]:
        # A place with a colon is a label ("KYIV: ..."), unless a wire is named between them.
        return agency_of(found["wire"], agencies) is not None
    if found["wire"] or found["date"]:
        return True
    return _is_set_apart(found, opening) and not _is_used_again(found, body)


def _is_known_not_place(place: str, agencies: Agencies) -> bool:
    return (
        place.upper() in agencies.not_places
        or place.split(maxsplit=1)[0] in agencies.not_places
        or agency_of(place, agencies) is not None
    )


def _is_set_apart(found: re.Match[str], opening: str) -> bool:
    """Return whether the dash ends a place; that of "NATO-led" joins two words."""
    letters = sum(map(len, _WORDS.findall(found["place"])))
    following = opening[found.end() : found.end() + 1]
    return found["dash"] != "-" and letters >= MIN_PLACE_CHARS and not following.islower()


def _is_used_again(found: re.Match[str], body: str) -> bool:
    """Return whether the text repeats the capitals: an abbreviation recurs in capitals."""
    rest = straight(body[found.end() : REUSE_CHARS])
    return re.search(rf"\b{re.escape(found['place'])}\b", rest) is not None
