"""Which article is in a text that came without its page: what is its headline, what its paragraphs?"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from transforms.core.extract.language import detect_language
from transforms.core.extract.new_article import check_size, new_article
from transforms.core.extract.page_dates import Dated, parse_printed, published
from transforms.core.prose import fold, is_headline, is_prose, tidy, word_count
from transforms.errors import ExtractError
from transforms.records import Article, FeedEntry, RemovedBlock

HEAD_LINES = 8
LEDE_CHARS = 60
MAX_BRACKET_LINES, MAX_BRACKET_CHARS = 3, 60
MIN_WRAP, MAX_WRAP = 50, 100
_NO_TITLE = re.compile(
    r"(?:by|published|updated|posted|last updated|first published|watch|video|read more|share|advertisement)\b[ :].*"
    r"|(?:source|photo|image|credit|foto|bild|crédit photo|quelle|fuente) ?s?:.*|.*\d{1,2}[:h]\d{2}.*"
    r"|.*\b(?:19|20)\d\d$|.*\S [>»›] \S.*"
    r"|(?:lesen sie|mehr zum thema|stand:|veröffentlicht|aktualisiert|(?:à )?lire aussi|publié|mis à jour|abonnez-vous"
    r"|inscrivez-vous|lea también|te puede interesar|publicado|actualizado|suscr[ií]b(?:ete|ase)|síguenos|sign up"
    r"|subscribe|follow us|follow)\b.*"
    r"|(?-i:Von|Par|Por|VON|PAR|POR) (?-i:[A-ZÀ-Þ])[\w.'-]+"
    r"(?:,? (?:(?-i:[A-ZÀ-Þ])[\w.'-]+|und|et|y|de|la|in|à|en)){1,8}",
    re.IGNORECASE,
)
_DATED = re.compile(
    r"(?:first )?(?:published|posted|updated|date)?\W{0,3}(?:on )?(?:\w{3,9},? )?.{0,12}\d.{0,60}",
    re.IGNORECASE,
)


def article_from_text(
    text: str, *, entry: FeedEntry, seen_at: datetime, now: datetime, fetch_id: str | None = None
) -> Article:
    """Return the article in a bare text; each of its lines is a block, its first headline the title.

    Raises ExtractError: E_EXTRACT_EMPTY (no text), E_EXTRACT_TOO_LARGE, E_EXTRACT_URL.
    """
    blocks = read_lines(text)
    if not blocks:
        raise ExtractError(
            f"the text of {entry.url[:300]!r} has no content", reason="E_EXTRACT_EMPTY"
        )
    check_size(blocks, entry.url)
    blank = new_article(
        entry, page_url=entry.url, canonical=None, seen_at=seen_at, fetch_id=fetch_id
    )
    said = tidy(entry.title) if entry.title else ""
    at = find_title(blocks, said)
    kept = [block for index, block in enumerate(blocks) if index != at]
    body = "\n\n".join(kept)
    language, score = detect_language(body or blocks[0], entry.language)
    date = published((("feed", _entry_date(entry)), ("text", _printed_date(blocks))), now)
    return replace(
        blank,
        title=blocks[at] if at is not None else said or None,
        authors=(tidy(entry.author),) if entry.author else (),
        published_at=date.at,
        published_precision=date.precision,
        published_basis=date.basis,
        language=language,
        language_score=score,
        body=body or None,
        page_kind="article" if body else "empty",
        extraction_basis="text",
        removed=() if at is None else (_headline(blocks, at, len(body)),),
        flags=date.flags,
    )


def read_lines(text: str) -> list[str]:
    """Return the blocks of a text: its lines, or its paragraphs where lines were wrapped at a width."""
    paragraphs = [
        [tidy(line) for line in part.splitlines() if tidy(line)]
        for part in re.split(r"\n[ \t\r]*\n", text)
    ]
    paragraphs = [lines for lines in paragraphs if lines]
    if _is_wrapped(paragraphs):
        return [" ".join(lines) for lines in paragraphs]
    return join_brackets([line for lines in paragraphs for line in lines])


def join_brackets(lines: Sequence[str]) -> list[str]:
    """Return the lines with a bracket that one leaves open, as in "(" / "Image: Agency)", closed again."""
    out: list[str] = []
    waiting = 0
    for line in lines:
        if waiting and len(line) <= MAX_BRACKET_CHARS:
            out[-1] = f"{out[-1]} {line}"
            waiting = 0 if ")" in line else waiting - 1
        else:
            out.append(line)
            waiting = MAX_BRACKET_LINES if line.endswith("(") else 0
    return out


def find_title(blocks: Sequence[str], said: str) -> int | None:
    """Return the index of the line that is the headline: the one already known, else the first that could be one."""
    head = blocks[:HEAD_LINES]
    if word_count(said) > 1:
        return next((index for index, block in enumerate(head) if fold(block) == fold(said)), None)
    for index, block in enumerate(head):
        if is_headline(block) and not _NO_TITLE.fullmatch(block):
            return index
        if is_prose(block) and len(block) >= LEDE_CHARS:
            return None
    return None


def _is_wrapped(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Return whether most lines that another line follows are nearly of one width, and break inside sentences."""
    inner = [line for lines in paragraphs for line in lines[:-1]]
    if len(inner) < 4 or len(inner) < len(paragraphs) // 2:
        return False
    width = max(len(line) for line in inner)
    full = sum(len(line) >= width - 16 for line in inner)
    open_ended = sum(line[-1] not in '.!?"”:' for line in inner)
    return (
        MIN_WRAP <= width <= MAX_WRAP
        and full >= 0.85 * len(inner)
        and open_ended >= 0.6 * len(inner)
    )


def _headline(blocks: Sequence[str], at: int, end: int) -> RemovedBlock:
    offset = sum(len(block) + 2 for block in blocks[:at])
    return RemovedBlock(text=blocks[at], reason="headline", at=min(offset, end))


def _entry_date(entry: FeedEntry) -> Dated | None:
    return Dated(entry.published_at, "second") if entry.published_at is not None else None


def _printed_date(blocks: Sequence[str]) -> Dated | None:
    short = (block for block in blocks[:HEAD_LINES] if len(block) <= 90 and _DATED.fullmatch(block))
    return next((dated for block in short if (dated := parse_printed(block))), None)
