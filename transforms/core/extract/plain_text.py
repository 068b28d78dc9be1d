"""Read an article from a text without a page: its headline, date and paragraphs."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from transforms.core.clean.names import split_authors
from transforms.core.dates.parsed_time import ParsedTime, Place
from transforms.core.dates.place import place_of
from transforms.core.dates.printed import PUBLISHED, UPDATED, is_label, printed_times
from transforms.core.extract.language import detect_language
from transforms.core.extract.new_article import MAX_MESSAGE_URL_CHARS, check_size, new_article
from transforms.core.extract.page_dates import Candidate, publication_time
from transforms.core.prose import fold, is_headline, is_prose, tidy, word_count
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry, RemovedBlock

# Buttons, a label, the headline, a byline and a date are above the text; lines further down are
# subheadings, which must not become the title.
HEAD_LINES = 8
# The first sentence of an article is longer; a short one may be a standfirst above the headline.
MIN_LEDE_CHARS = 60
# A printed date with its label; a longer line with a date is a sentence.
MAX_DATE_CHARS = 90
# Beside it are a byline and a place; a sentence with a date has more words.
MAX_DATE_WORDS = 6
# A credit broken over lines, "(" / "Image:" / "Agency)", has few lines, and short ones.
MAX_BRACKET_LINES = 3
MAX_BRACKET_CHARS = 60
# Mail and old archives wrap at 65 to 80 columns. The shares trade missed wraps against joining the
# lines of a list, which cannot be separated again: most lines must be nearly full, and end inside
# sentences.
MIN_WRAP_WIDTH = 50
MAX_WRAP_WIDTH = 100
MIN_WRAPPED_LINES = 4
MAX_WRAP_SLACK = 16
MIN_FULL_SHARE = 0.85
MIN_OPEN_SHARE = 0.6
_SENTENCE_ENDS = '.!?"”:'
# Bylines, dates, credits, breadcrumbs and prompts, which look like headlines.
_NOT_TITLE = re.compile(
    r"(?:by|published|updated|posted|last updated|first published|watch|video|read more|share"
    r"|advertisement)\b[ :].*"
    r"|(?:source|photo|image|credit|foto|bild|crédit photo|quelle|fuente) ?s?:.*"
    r"|.*\d{1,2}[:h]\d{2}.*"
    r"|.*\b(?:19|20)\d\d$|.*\S [>»›] \S.*"
    r"|(?:lesen sie|mehr zum thema|stand:|veröffentlicht|aktualisiert|(?:à )?lire aussi|publié"
    r"|mis à jour|abonnez-vous|inscrivez-vous|lea también|te puede interesar|publicado|actualizado"
    r"|suscr[ií]b(?:ete|ase)|síguenos|sign up|subscribe|follow us|follow)\b.*"
    r"|(?-i:Von|Par|Por|VON|PAR|POR) (?-i:[A-ZÀ-Þ])[\w.'-]+"
    r"(?:,? (?:(?-i:[A-ZÀ-Þ])[\w.'-]+|und|et|y|de|la|in|à|en)){1,8}",
    re.IGNORECASE,
)


def article_from_text(
    text: str, *, entry: FeedEntry, seen_at: datetime, now: datetime, fetch_id: str | None = None
) -> Article:
    """Return the article in a bare text: each line is a block, the first headline the title.

    Raises ExtractError: E_EXTRACT_EMPTY (no text), E_EXTRACT_TOO_LARGE, E_EXTRACT_URL.
    """
    blocks = _read_blocks(text, entry)
    blank = new_article(
        entry, page_url=entry.url, canonical=None, seen_at=seen_at, fetch_id=fetch_id
    )
    known_title = tidy(entry.title) if entry.title else ""
    at = find_title(blocks, known_title)
    body = "\n\n".join(block for index, block in enumerate(blocks) if index != at)
    language, score = detect_language(body or blocks[0], entry.language)
    time = publication_time(_time_candidates(entry, blocks, language), now)
    return replace(
        blank,
        title=blocks[at] if at is not None else known_title or None,
        authors=split_authors([entry.author or ""]),
        published_at=time.at,
        published_precision=time.precision,
        published_basis=time.basis,
        language=language,
        language_score=score,
        body=body or None,
        page_kind="article" if body else "empty",
        extraction_basis="text",
        removed=_removed_headline(blocks, at, len(body)),
        flags=time.flags,
    )


def read_lines(text: str) -> list[str]:
    """Return the blocks of a text: its lines, or its paragraphs if lines were wrapped."""
    paragraphs = _paragraphs(text)
    if _is_wrapped(paragraphs):
        return [" ".join(lines) for lines in paragraphs]
    return join_brackets(list(chain.from_iterable(paragraphs)))


def join_brackets(lines: Sequence[str]) -> list[str]:
    """Return the lines with brackets closed that a line leaves open, as in "(" / "Agency)"."""
    joined: list[str] = []
    lines_left = 0
    for line in lines:
        if lines_left and len(line) <= MAX_BRACKET_CHARS:
            joined[-1] = f"{joined[-1]} {line}"
            lines_left = 0 if ")" in line else lines_left - 1
        else:
            joined.append(line)
            lines_left = MAX_BRACKET_LINES if line.endswith("(") else 0
    return joined


def find_title(blocks: Sequence[str], known_title: str) -> int | None:
    """Return the index of the known headline, else of the first line that may be a headline."""
    head = blocks[:HEAD_LINES]
    if word_count(known_title) > 1:
        return _index_of(known_title, head)
    for index, block in enumerate(head):
        if is_headline(block) and not _NOT_TITLE.fullmatch(block):
            return index
        if is_prose(block) and len(block) >= MIN_LEDE_CHARS:
            return None
    return None


def _read_blocks(text: str, entry: FeedEntry) -> list[str]:
    blocks = read_lines(text)
    if not blocks:
        url = entry.url[:MAX_MESSAGE_URL_CHARS]
        raise ExtractError(f"the text of {url!r} has no content", reason="E_EXTRACT_EMPTY")
    check_size(blocks, entry.url)
    return blocks


def _index_of(title: str, head: Sequence[str]) -> int | None:
    folded = fold(title)
    return next((index for index, block in enumerate(head) if fold(block) == folded), None)


def _paragraphs(text: str) -> list[list[str]]:
    """Return the lines of each paragraph, as blank lines separate them."""
    paragraphs: list[list[str]] = []
    for part in re.split(r"\n[ \t\r]*\n", text):
        lines = [line for line in map(tidy, part.splitlines()) if line]
        if lines:
            paragraphs.append(lines)
    return paragraphs


def _is_wrapped(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Return whether most lines, the last of paragraphs aside, have one width and an open end."""
    inner: list[str] = []
    for lines in paragraphs:
        inner += lines[:-1]
    if len(inner) < MIN_WRAPPED_LINES or len(inner) < len(paragraphs) // 2:
        return False
    width = max(map(len, inner))
    full = sum(len(line) >= width - MAX_WRAP_SLACK for line in inner)
    open_ended = sum(line[-1] not in _SENTENCE_ENDS for line in inner)
    if not MIN_WRAP_WIDTH <= width <= MAX_WRAP_WIDTH:
        return False
    return full >= MIN_FULL_SHARE * len(inner) and open_ended >= MIN_OPEN_SHARE * len(inner)


def _removed_headline(blocks: Sequence[str], at: int | None, end: int) -> tuple[RemovedBlock, ...]:
    if at is None:
        return ()
    offset = sum(len(block) + 2 for block in blocks[:at])
    return (RemovedBlock(text=blocks[at], reason="headline", at=min(offset, end)),)


def _time_candidates(
    entry: FeedEntry, blocks: Sequence[str], language: str | None
) -> Iterator[Candidate]:
    if entry.published_at is not None:
        yield Candidate("feed", ParsedTime(entry.published_at, "second"))
    place = replace(place_of(entry.language, entry.url, blocks), language=language)
    yield from _printed_dates(blocks, place)


def _printed_dates(blocks: Sequence[str], place: Place) -> Iterator[Candidate]:
    """Yield the times that short lines of the head print, those labelled as publication first."""
    lines = [line for line in blocks[:HEAD_LINES] if len(line) <= MAX_DATE_CHARS]
    times = [
        time
        for line, above in zip(lines, ["", *lines], strict=False)
        for time in printed_times(line, place, above if is_label(above) else "")
        if time.words <= MAX_DATE_WORDS
    ]
    for time in sorted(times, key=lambda time: time.kind != PUBLISHED):
        if time.kind != UPDATED:
            yield Candidate("printed", time.time, guessed=time.kind != PUBLISHED)
