"""Cut the notes about the author at an article's end."""

import re
from collections.abc import Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.positions import CleaningContext, tail_start
from transforms.core.prose import word_count

# Longer blocks are paragraphs of a profile. On 1,005 pages half as much misses three bios, and
# twice as much finds none more.
MAX_BIO_CHARS = 900
_BIO_VERB = re.compile(
    r"(?:,? [^.]{2,80},)? "
    r"?(?:is|was|covers|writes|reports|has|joined|works|worked|edits|lives|teaches|hosts|leads|"
    r"serves|studied|speciali[sz]es|contributes|can be reached|"
    r"ist|war|schreibt|berichtet|arbeitet|lebt|leitet|studierte|gehört|"
    r"est|écrit|couvre|travaille|collabore|dirige|vit|es|escribe|cubre|trabaja|colabora|vive)\b"
)


def cut_bios(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the blocks in the tail that open with an author's name and a verb of a
    biography ("covers", "is").
    """
    names = [name for name in context.authors if word_count(name) > 1]
    tail = range(max(tail_start(blocks), 1), len(blocks))
    return [Cut(index, "author-bio") for index in tail if _is_bio_of_any(blocks[index].text, names)]


def _is_bio_of_any(text: str, names: Sequence[str]) -> bool:
    return any(_is_bio(text, name) for name in names)


def _is_bio(text: str, name: str) -> bool:
    bare = text.lstrip("*_-–— ")
    return (
        len(bare) <= MAX_BIO_CHARS
        and bare.lower().startswith(name.lower())
        and _BIO_VERB.match(bare, len(name)) is not None
    )
