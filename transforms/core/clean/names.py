"""Read names of persons and desks out of a field or a byline.

What stands around the names is data: `rules/bylines.toml`.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from transforms.core.clean.agencies import agency_of, load_agencies
from transforms.core.prose import tidy

# Bounds on hostile pages; of 301 pages, one names more than five authors.
MAX_FIELDS = 50
MAX_FIELD_CHARS = 300
# A longer name is a sentence or a list. With 30 characters or 4 words, desks such as "Practical
# Horseman Editorial Staff" are lost; with 120 or 12, none and one of 301 pages names more.
MAX_NAME_CHARS = 60
MAX_NAME_WORDS = 6
MIN_NAME_CHARS = 3
# CPP, PhD, AP; names in capitals have more letters.
MAX_ABBREVIATION = 3
# A first name and a last one.
MIN_PERSON_WORDS = 2
_SEPARATOR = re.compile(
    r"\s*[,;|•·/]\s+|\s+[|•·/&+]\s+|、|，|；|／|\s*&\s*"
    r"|\s+(?:and|und|et|och|og|en|ve|és|и|та|with|mit|avec|con)\s+"
    r"|\s+(?:y|e|i|a|с)\s+(?=\S+\s+\S)",
    re.IGNORECASE,
)
_DASH = re.compile(r"\s+[–—-]\s+")
_BRACKETS = re.compile(r"\s*[(\[（][^()\[\]（）]{0,80}[)\]）]\s*(?=$|[,;|•·/&])")
# noreply@example.com (Jane Roe), as RSS has it.
_ADDRESS = re.compile(r"^\S{1,200}@\S{1,200}\s+\(([^()]{2,60})\)$")
_NOT_NAME = re.compile(r"https?:|www\.|[@#{}<>\d=_\\%\"“”?!]|^\S+[._/]\S+$|^[\W\d_]+$")
# "Bo" as a whole field; and names of two characters in scripts where a character is a word.
_SHORT_NAME = re.compile(r"[A-ZÀ-Þ][a-zß-ÿ]|[\u3400-\u9fff\uac00-\ud7af]{2}")
_NUMERAL = re.compile(r"[IVX]{1,4}")
EDGES = " .,:;|•·*/+–—-\u00a0"
# Dates, handles and counts after the names of a byline.
AFTER_NAMES = re.compile(
    r"(?:(?<=[\s|•·(,-])|^)(?:\d|@\w|#\w"
    r"|(?:last )?(?:updated|published|posted|aktualisiert|veröffentlicht|publié|publicado)\b"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|(?:sun|mon|tue|wed|thu|fri|sat|mo|di|mi|do|fr|sa|so)[.,]+ (?=\d)"
    r"|(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.? \d{1,2}(?:,|\b))",
    re.IGNORECASE,
)
_FOR = frozenset({"for", "at", "from", "in", "für", "aus", "pour", "para", "per", "voor"})
_MADE_BY = re.compile(r"^((?:[\w-]{1,30} ){1,3})(?:by|par|por|door):? (?=\S)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BylineWords:
    """The words of the rules, in lower case; `starts` matches those before names."""

    starts: re.Pattern[str]
    alone: re.Pattern[str]
    words: Mapping[str, frozenset[str]]

    def has(self, kind: str, word: str) -> bool:
        """Return whether a word is of a kind: roles, desks, titles, ..."""
        return word.casefold() in self.words[kind]


@cache
def byline_words() -> BylineWords:
    """Return the words of `rules/bylines.toml`."""
    path = files("transforms").joinpath("rules", "bylines.toml")
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    # The longest first: "written by" before "by".
    by = sorted((re.escape(word) for word in tables["by"]), key=len, reverse=True)
    either = "|".join(by)
    return BylineWords(
        starts=re.compile(rf"(?:{either})(?:\s*[:：／/|]\s*|\s+(?=\S))", re.IGNORECASE),
        alone=re.compile(rf"(?:{either})\s*[:：]?", re.IGNORECASE),
        words={kind: frozenset(map(str.casefold, words)) for kind, words in tables.items()},
    )


def split_authors(fields: Sequence[str]) -> tuple[str, ...]:
    """Return the persons and desks that author fields name, in order, each once.

    A desk or an agency is left out where there are persons.
    """
    names = [name for field in fields[:MAX_FIELDS] for name in names_in(field, declared=True)]
    persons = [name for name in names if not is_desk(name)]
    return tuple(dict.fromkeys(persons or names))


def names_in(field: str, *, declared: bool = False) -> list[str]:
    """Return the names in a byline, or in a field that declares an author."""
    text = _plain(field)
    address = _ADDRESS.match(text)
    text = without_by(address[1] if address else text)
    end = AFTER_NAMES.search(text)
    if end:
        text, declared = text[: end.start()], False
    # What stands behind a dash is a role, a place or a site, unless nothing before it is a name.
    return _names_of(_DASH.split(text)[0], declared) or _names_of(text, declared)


def _names_of(text: str, declared: bool) -> list[str]:
    parts = _parts(text)
    is_whole = len(parts) == 1
    names: list[str] = []
    for part in parts:
        name = _bare_name(part)
        if is_name(name, whole=is_whole) or (declared and is_whole and is_account(name)):
            names.append(name)
        elif not declared and name and not _is_label(name.split()):
            # Prose: the names of a byline stand at its start.
            break
    if "&" in text and not any(" " in name for name in names):
        # A firm: Smith & Sons.
        return [text.strip(EDGES)] if names else []
    return full_names(names)


def full_names(names: Sequence[str]) -> list[str]:
    """Return names without what stands beside full ones: "Jane Roe, London, Post Columnist"."""
    full = [name for name in names if len(name.split()) >= MIN_PERSON_WORDS or _is_caseless(name)]
    persons = [name for name in full if not is_desk(name)]
    return persons or full or list(names)


def without_by(text: str) -> str:
    """Return a byline without the words before its names."""
    words = byline_words()
    found = words.starts.match(text)
    if found and (not found.group().isspace()):
        return text[found.end() :]
    made = _MADE_BY.match(text)
    if not made:
        return text
    others = words.words["other"]
    return "" if not others.isdisjoint(made[1].casefold().split()) else text[made.end() :]


def is_name(text: str, *, whole: bool = True) -> bool:
    """Return whether a text has the form of a name; `whole`: its field has nothing else."""
    if not MIN_NAME_CHARS <= len(text) <= MAX_NAME_CHARS:
        return whole and _SHORT_NAME.fullmatch(text) is not None
    tokens = text.split()
    if len(tokens) > MAX_NAME_WORDS or _NOT_NAME.search(text):
        return False
    return _has_form_of_name(tokens) and not _is_label(tokens)


def is_account(text: str) -> bool:
    """Return whether a text may be the name of an account, which need not have capitals."""
    words = byline_words()
    is_short = MIN_NAME_CHARS <= len(text) <= MAX_NAME_CHARS and len(text.split()) <= MAX_NAME_WORDS
    if not is_short or _NOT_NAME.search(text) or words.has("nobody", text):
        return False
    # "Personal finance" is a label.
    is_one = len(text.split()) == 1 or (text.islower() and len(text.split()) == MIN_PERSON_WORDS)
    return is_one or is_desk(text)


def is_person(name: str) -> bool:
    """Return whether a name is a person's full one: two words or more, and no desk."""
    words = byline_words()
    tokens = name.split()
    if len(tokens) < MIN_PERSON_WORDS:
        return _is_caseless(name) and not is_desk(name)
    return not is_desk(name) and not words.has("articles", tokens[0])


def is_desk(name: str) -> bool:
    """Return whether a name is that of several people: a desk, an agency, an account."""
    words = byline_words()
    if any(words.has("desks", t) or words.has("roles", t) for t in name.replace(".", " ").split()):
        return True
    return agency_of(name, load_agencies()) is not None


def _plain(field: str) -> str:
    """Return a field in one line without emoji and other signs."""
    text = tidy(field[:MAX_FIELD_CHARS])
    if not text.isascii():
        text = "".join(_kept(character) for character in text)
    return " ".join(text.split())


def _kept(character: str) -> str:
    """Return a character, a space for a sign or emoji."""
    if unicodedata.category(character) in {"So", "Sk", "Co", "Cs"}:
        return " "
    # Variation selectors of emoji, and what frames a key.
    return "" if character in "\ufe0e\ufe0f\u20e3" else character


def _parts(text: str) -> list[str]:
    bare = _BRACKETS.sub(" ", text)
    return [part for part in _SEPARATOR.split(bare) if part.strip(EDGES)]


def _bare_name(part: str) -> str:
    """Return a part without titles before it, and without roles and degrees behind it."""
    words = byline_words()
    tokens = part.strip(EDGES).split()
    # A lone last name keeps its title: "Dr. Roe".
    while len(tokens) > MIN_PERSON_WORDS and words.has("titles", tokens[0]):
        del tokens[0]
    while len(tokens) > 1 and words.has("degrees", tokens[-1].strip(".,")):
        del tokens[-1]
    if len(tokens) > MIN_PERSON_WORDS and _is_abbreviation(tokens):
        del tokens[-1]
    tokens = _without_employer(_without_agency(tokens))
    return " ".join(_without_role(tokens)).strip(EDGES)


def _without_employer(tokens: list[str]) -> list[str]:
    """Return the words of a person's name without whom or what the person writes for, or where."""
    for at in range(MIN_PERSON_WORDS, len(tokens)):
        if tokens[at] in _FOR and is_person(" ".join(tokens[:at])):
            return tokens[:at]
    return tokens


def _without_agency(tokens: list[str]) -> list[str]:
    """Return the words of a name without an agency's name behind it."""
    for at in range(MIN_PERSON_WORDS, len(tokens)):
        if agency_of(" ".join(tokens[at:]), load_agencies()):
            return tokens[:at]
    return tokens


def _is_abbreviation(tokens: Sequence[str]) -> bool:
    """Return whether the last word is a degree or a paper beside a name: CPP, AP."""
    last = tokens[-1]
    is_short = last.isupper() and last.isalpha() and 1 < len(last) <= MAX_ABBREVIATION
    return is_short and not tokens[0].isupper() and _NUMERAL.fullmatch(last) is None


def _without_role(tokens: Sequence[str]) -> Sequence[str]:
    """Return the words of a name without a role and the ranks before it."""
    words = byline_words()
    for at, token in enumerate(tokens):
        if not words.has("roles", token.strip(",.:")):
            continue
        start = at
        while start > 0 and words.has("ranks", tokens[start - 1]):
            start -= 1
        return _beside_role(tokens, start, at)
    return tokens


def _beside_role(tokens: Sequence[str], start: int, end: int) -> Sequence[str]:
    """Return the name before a role, or behind it; all words if they are one: Travel Expert."""
    before, behind = tokens[:start], tokens[end + 1 :]
    if len(before) >= MIN_PERSON_WORDS or (before and _is_caseless(before[0])):
        return before
    if not before:
        return behind if behind and _is_caseless(behind[0]) else ()
    is_agency = agency_of(" ".join(before), load_agencies()) is not None
    return () if is_agency or byline_words().has("articles", before[0]) else tokens


def _is_label(tokens: Sequence[str]) -> bool:
    """Return whether words are those of a role or a label, not of a name."""
    words = byline_words()
    if len(tokens) == 1 and words.has("nobody", tokens[0]):
        return True
    kinds = ("ranks", "roles", "by", "interface")
    return all(any(words.has(kind, token) for kind in kinds) for token in tokens)


def is_button(text: str) -> bool:
    """Return whether a printed text has a word of a button or label: "View all posts"."""
    words = byline_words()
    return any(words.has("interface", token.strip(EDGES)) for token in text.split())


def _has_form_of_name(tokens: Sequence[str]) -> bool:
    """Return whether every word begins with a capital, is a particle, or has no case."""
    words = byline_words()
    inner = tokens[1:-1] if len(tokens[0]) == 1 else tokens[:-1]
    ends = tokens if len(tokens) == 1 else tokens[-1:]
    if len(tokens) > 1 and not _begins_name(tokens[0]) and len(tokens[0]) == 1:
        return False
    is_inside = all(_begins_name(token) or words.has("particles", token) for token in inner)
    return is_inside and all(map(_begins_name, ends))


def _begins_name(token: str) -> bool:
    letter = next((c for c in token if c.isalpha()), "")
    # al-Masri, d'Arcy, ffrench: a capital follows.
    return bool(letter) and (not letter.islower() or any(c.isupper() for c in token[1:5]))


def _is_caseless(text: str) -> bool:
    """Return whether a text is in a script without capitals."""
    return any(c.isalpha() and c.lower() == c.upper() for c in text)
