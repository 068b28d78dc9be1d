"""Which blocks at an article's end say who wrote it?"""

import re
from collections.abc import Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.positions import CleaningContext, tail_start
from transforms.core.prose import word_count

# Longer blocks are paragraphs of a profile. On 1,005 pages half as much misses three bios, and
# twice as much finds none more.
MAX_BIO_CHARS = 900
_DOES = re.compile(
    r"(?:,? [^.]{2,80},)? "
    r"?(?:is|was|covers|writes|reports|has|joined|works|worked|edits|lives|teaches|hosts|leads|"
    r"serves|studied|speciali[sz]es|contributes|can be reached|"
    r"ist|war|schreibt|berichtet|arbeitet|lebt|leitet|studierte|gehört|"
    r"est|écrit|couvre|travaille|collabore|dirige|vit|es|escribe|cubre|trabaja|colabora|vive)\b"
)


def cut_bios(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return cuts of the tail's blocks that open with the name of an author of the article and say
    what they do.
    """
    names = [name for name in context.authors if word_count(name) > 1]
    tail = range(max(tail_start(blocks), 1), len(blocks))
    return [
        Cut(i, "author-bio") for i in tail if any(_is_bio(blocks[i].text, name) for name in names)
    ]


def _is_bio(text: str, name: str) -> bool:
    bare = text.lstrip("*_-–— ")
    return (
        len(bare) <= MAX_BIO_CHARS
        and bare.lower().startswith(name.lower())
        and _DOES.match(bare, len(name)) is not None
    )
