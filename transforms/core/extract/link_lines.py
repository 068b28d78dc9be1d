"""Find the lines of a body that lead to other articles of the site, in any language.

Such a line is a link to a page of the same site: after a short label ("Read also: Ferries stop"),
alone between paragraphs, or one of several below each other, with the line that introduces them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from urllib.parse import urlsplit

from lxml import etree, html

from transforms.core.extract.alignment import Span
from transforms.core.extract.rendered_blocks import HEADINGS, RenderedBlock
from transforms.core.prose import ends_sentence, unbulleted, word_count
from transforms.core.urls import registrable_domain

REASON = "read-also"
# Pages link most to their own site; menus come first, so that these tell which it is.
MAX_COUNTED_LINKS = 500
# The name of a file that says nothing of its address (RFC 2606).
_NO_SITE = ".invalid"
# A line has a link and a few elements that style it. This bounds what is read of each block.
MAX_ELEMENTS = 40
# A longer line is a paragraph.
MAX_LINE_CHARS = 300
# Less of the line in its link is a sentence with a source.
MIN_LINKED_SHARE = 0.3
# "You may also be interested in" has six words, its like in Thai eight; longer ones are sentences.
MAX_LABEL_WORDS, MAX_LABEL_CHARS = 8, 50
# Fewer words after a label are its value: a name, a shop, a page ("Website: Hotel Otto").
MIN_TITLE_WORDS = 4
# Alone, without a label, four words may be a subheading or a button ("Check price on Amazon").
MIN_LONE_WORDS = 5
# More such lines are the entries of a list that the article is about.
MAX_LONE, MAX_RUN = 4, 8
# Headlines below each other have six words and more; products, places and terms have fewer.
MIN_RUN, MIN_RUN_WORDS = 2, 6
# "More on this in our weekly letter on interest rates:"; longer leads introduce a list of the
# article's own.
MAX_LEAD_WORDS = 10
_CANONICAL = etree.XPath("//head//link[@rel='canonical']/@href")
_SEPARATOR = re.compile(r"(?:[:：፡፦՝|>»›→►▶]|\s[-–—])\s*$")
_CLOSERS = "\"'”’»›)]}」』* "
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d")
_ADDRESS = re.compile(r"https?:|www\.|@")
_STOPS = (".", "。", "।", "؟", "?", "？", "!", "！", ":", "：")
_QUESTION_STOPS = ("?", "？", "؟", "!", "！")
# A file is a document of the article's own, not another article.
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|csv|zip|mp[34]|jpe?g|png|webp|gif)$", re.IGNORECASE)
_TABLE_TAGS = frozenset({"td", "th", "dt", "dd", "figcaption", "caption"})


@dataclass(frozen=True, slots=True)
class _LinkLine:
    """A line with one link, to another page of the site: the words before it, and those in it with
    the mark that ends them.
    """

    label: str
    title: str
    tag: str

    @property
    def words(self) -> int:
        return word_count(self.title)

    @property
    def is_labelled(self) -> bool:
        """Whether the link follows a label ("Read also:")."""
        return bool(_SEPARATOR.search(self.label)) and not _NUMBER.search(self.label)

    @property
    def is_labelled_headline(self) -> bool:
        """Whether the link has a headline's words after a label; items of lists have values."""
        return self.is_labelled and self.words >= MIN_TITLE_WORDS and self.tag != "li"

    @property
    def is_bare(self) -> bool:
        """Whether there are no words before the link."""
        return not _LETTER.search(self.label)


def own_site(tree: html.HtmlElement, domain: str) -> str:
    """Return the registrable domain of a page; of a file whose address is not known, that of its
    canonical link, else the domain that most of its links name, if more than name none.
    """
    if not domain.endswith(_NO_SITE):
        return domain
    stated = next(filter(None, map(_domain_of, _CANONICAL(tree)[:1])), None)
    if stated:
        return stated
    links = (link.get("href") or "" for link in islice(tree.iter("a"), MAX_COUNTED_LINKS))
    domains = Counter(map(_domain_of, links))
    return domains.most_common(1)[0][0] or domain if domains else domain


def _domain_of(href: str) -> str:
    """Return the registrable domain that a link names, "" if it names none."""
    try:
        return registrable_domain(urlsplit(href.strip()).hostname or "")
    except ValueError:
        return ""


def read_also_lines(
    spans: Sequence[Span | None], rendered: Sequence[RenderedBlock], site: str
) -> dict[int, str]:
    """Return the indices of the blocks that lead to other articles of the site, each with the
    reason of removal.

    Lines above the first paragraph are left: a kicker, a topic.
    """
    first = next((i for i, span in enumerate(spans) if span and rendered[span[0]].prose), None)
    if first is None:
        return {}
    lines = {
        index: line
        for index, span in enumerate(spans)
        if span and index > first and (line := _link_line(rendered, span, site))
    }
    if not lines:
        return {}
    found = {*_labelled(lines), *_lone(lines), *_runs_with_leads(lines, spans, rendered)}
    return dict.fromkeys(sorted(found), REASON)


def _link_line(rendered: Sequence[RenderedBlock], span: Span, site: str) -> _LinkLine | None:
    """Return what a block links to if it is one line with one link, to another page of the site."""
    block = rendered[span[0]]
    size = len(block.text)
    if span[0] != span[1] or not 0 < size <= MAX_LINE_CHARS:
        return None
    if block.linked_chars < MIN_LINKED_SHARE * size or block.element.tag in _TABLE_TAGS:
        return None
    links = _links_of(block.element)
    if len(links) != 1 or not is_page_of(links[0].get("href") or "", site):
        return None
    return _split_at_link(block, links[0])


def _links_of(element: html.HtmlElement) -> list[html.HtmlElement]:
    """Return the links of an element that is small enough to be a line, else none."""
    inside = list(islice(element.iter(), MAX_ELEMENTS + 1))
    if len(inside) > MAX_ELEMENTS:
        return []
    # Of a block with a link around it, the link is the parent.
    around = element.getparent()
    own = [around] if around is not None and around.tag == "a" else []
    return own + [one for one in inside if one.tag == "a" and one.get("href")]


def is_page_of(href: str, site: str) -> bool:
    """Return whether a link leads to another page of the site."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return False
    if parts.scheme not in {"", "http", "https"} or parts.path in {"", "/"}:
        return False
    is_own = not parts.netloc or _domain_of(href) == site
    return is_own and not _FILE.search(parts.path)


def _split_at_link(block: RenderedBlock, link: html.HtmlElement) -> _LinkLine | None:
    title = " ".join("".join(islice(link.itertext(), MAX_ELEMENTS)).split())
    label, _, rest = block.text.rpartition(title) if title else ("", "", "")
    label = unbulleted(label)
    is_line = title and not _LETTER.search(rest) and not _ADDRESS.search(title)
    is_short = len(label) <= MAX_LABEL_CHARS and word_count(label) <= MAX_LABEL_WORDS
    if not is_line or not is_short:
        return None
    return _LinkLine(label, title + rest.strip().rstrip(_CLOSERS), str(block.element.tag))


def _labelled(lines: Mapping[int, _LinkLine]) -> Iterator[int]:
    """Yield the lines with a label and a headline, and questions after a label of these.

    A question alone may be that of an interview, which names who asks.
    """
    labelled = {index: line for index, line in lines.items() if line.is_labelled_headline}
    known = {line.label for line in labelled.values() if not line.title.endswith(_STOPS)}
    for index, line in labelled.items():
        is_known_question = line.label in known and line.title.endswith(_QUESTION_STOPS)
        if is_known_question or not line.title.endswith(_STOPS):
            yield index


def _lone(lines: Mapping[int, _LinkLine]) -> Sequence[int]:
    """Return the lines that are nothing but a headline, if they are few."""
    found = [
        index
        for index, line in lines.items()
        if line.is_bare
        and line.words >= MIN_LONE_WORDS
        and line.tag not in HEADINGS
        and line.tag != "li"
        and not ends_sentence(line.title)
    ]
    return found if len(found) <= MAX_LONE else []


def _runs_with_leads(
    lines: Mapping[int, _LinkLine],
    spans: Sequence[Span | None],
    rendered: Sequence[RenderedBlock],
) -> Iterator[int]:
    """Yield the lines of headlines below each other, and the short line above that introduces
    them.
    """
    for run in _runs(lines):
        words = sum(word_count(lines[index].label) + lines[index].words for index in run)
        if not MIN_RUN <= len(run) <= MAX_RUN or words < MIN_RUN_WORDS * len(run):
            continue
        above = spans[run[0] - 1]
        lead = rendered[above[1]] if above else None
        if lead is None or lead.prose or not _introduces(lead):
            yield from run
        elif word_count(lead.text) <= MAX_LEAD_WORDS:
            yield from (run[0] - 1, *run)


def _introduces(block: RenderedBlock) -> bool:
    is_label = not ends_sentence(block.text) and word_count(block.text) <= MAX_LEAD_WORDS
    return is_label or block.text.endswith((":", "："))


def _runs(lines: Mapping[int, _LinkLine]) -> list[list[int]]:
    """Return the indices of headlines that are directly below each other."""
    headlines = sorted(index for index, line in lines.items() if _is_headline(line))
    runs = [headlines[:1]] if headlines else []
    for above, below in pairwise(headlines):
        if below == above + 1 and lines[above].tag == lines[below].tag:
            runs[-1].append(below)
        else:
            runs.append([below])
    return runs


def _is_headline(line: _LinkLine) -> bool:
    """Return whether a line reads as a headline, of which the link may be the second half."""
    words = word_count(line.label) + line.words
    is_whole = line.is_bare or line.is_labelled or ends_sentence(line.label)
    return is_whole and words >= MIN_TITLE_WORDS and not line.title.endswith((".", "。", "।"))
