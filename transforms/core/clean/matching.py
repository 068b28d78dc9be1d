"""Match the blocks of an article with the boilerplate rules."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.boilerplate_rules import BoilerplateRule
from transforms.core.clean.positions import CleaningContext, lede_index, tail_start
from transforms.core.prose import fold, is_headline, plain, straight, tag_of, unbulleted

# Links that follow a "Read more" line; a longer list is one that the article is about.
MAX_LIST = 6
# A block of boilerplate is a sentence or a few; longer ones are not worth matching.
MAX_CHARS = 2_000
# A rule for endings is tried on a paragraph's last sentences: more is the paragraph itself.
ENDING_CHARS = 300
# A row of two cells has a bar before, between and after them.
MIN_ROW_BARS = 3
_QUOTES = ('"', "«", "»", "“", "„", "「", "『", "‹", "‚", "'")


def cut_by_rules(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return for each block the cuts of the first rule that matches it."""
    rules_at = _RulesByPlace(context)
    lede, tail = lede_index(blocks), tail_start(blocks)
    cuts: list[Cut] = []
    last_cut = -1
    for index, block in enumerate(blocks):
        if index <= last_cut:
            continue
        candidate = _Candidate(
            blocks=blocks,
            index=index,
            text=plain(unbulleted(block.text)) if _may_match(block) else "",
            in_head=index < lede,
            in_tail=index >= tail,
            context=context,
        )
        found = _cuts_of_first_match(rules_at.rules_for(candidate), candidate)
        if found:
            cuts.extend(found)
            last_cut = found[-1].index
    return cuts


def _may_match(block: Block) -> bool:
    """Return whether a block is short enough, and not a row of a table."""
    return len(block.text) <= MAX_CHARS and not _is_row(block.text)


def _is_row(text: str) -> bool:
    return text.startswith("|") and text.count("|") >= MIN_ROW_BARS


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A block to be matched: its text without bullets (empty if it is too long), and its place."""

    blocks: Sequence[Block]
    index: int
    text: str
    in_head: bool
    in_tail: bool
    context: CleaningContext

    @property
    def block(self) -> Block:
        return self.blocks[self.index]

    @property
    def is_neighbour(self) -> bool:
        return self.block.start in self.context.neighbours

    @property
    def is_subhead(self) -> bool:
        return self.block.start in self.context.subheads

    @property
    def is_list_item(self) -> bool:
        return self.block.start in self.context.listed


class _RulesByPlace:
    """The rules that apply to a block where it is, chosen once for each kind of place."""

    def __init__(self, context: CleaningContext) -> None:
        self.rules = [
            rule
            for rule in context.rules
            if (context.text_only or not rule.text_only) and rule.scope != "credits"
        ]
        self.at: dict[tuple[bool, bool, bool], list[BoilerplateRule]] = {}

    def rules_for(self, candidate: _Candidate) -> Sequence[BoilerplateRule]:
        """Return the rules for the place of a block."""
        place = (candidate.in_head, candidate.in_tail, candidate.is_neighbour)
        if place not in self.at:
            self.at[place] = [rule for rule in self.rules if _is_in_place(rule, candidate)]
        return self.at[place]


def _cuts_of_first_match(rules: Sequence[BoilerplateRule], candidate: _Candidate) -> list[Cut]:
    lower, size = candidate.text.lower(), len(candidate.text)
    for rule in rules:
        # Most rules fail here: the two checks are what cleaning costs.
        if not 0 < size <= rule.max_chars and rule.scope != "ending":
            continue
        if rule.needs and not _has_any(rule.needs, lower):
            continue
        cuts = [] if _is_exempt(rule, candidate) else list(_cuts(rule, candidate))
        if cuts:
            return cuts
    return []


def _has_any(words: Sequence[str], text: str) -> bool:
    for word in words:  # noqa: SIM110 (a generator takes twice the time)
        if word in text:
            return True
    return False


def _is_exempt(rule: BoilerplateRule, candidate: _Candidate) -> bool:
    """Return whether the block is the article's own whatever its words are: a subhead, or an item
    of a list that the article introduces.
    """
    if rule.label and candidate.is_subhead:
        return True
    return rule.call and candidate.is_list_item


def _is_in_place(rule: BoilerplateRule, candidate: _Candidate) -> bool:
    """Return whether the block is where the rule applies, by its `where`."""
    if rule.where == "head":
        return candidate.in_head
    if rule.where == "beside":
        return candidate.is_neighbour
    return rule.where == "any" or candidate.in_tail


def _cuts(rule: BoilerplateRule, candidate: _Candidate) -> Iterator[Cut]:
    """Yield the cuts of the block, and of the blocks below that the rule takes with it."""
    if rule.scope == "ending":
        yield from _ending(rule, candidate.block, candidate.index)
        return
    text = candidate.text
    match = rule.pattern.fullmatch(text)
    if match is None or _is_sentence_of_article(text, rule):
        return
    below = _below(rule, candidate)
    if not below and _needs_blocks_below(rule):
        return
    value = match.groupdict().get("value") or (text if rule.moves else None)
    value = value.strip() if value else None
    yield Cut(candidate.index, rule.name, field=rule.moves, value=value)
    for index in below:
        yield Cut(index, rule.name)


def _needs_blocks_below(rule: BoilerplateRule) -> bool:
    return rule.scope == "twice" or (rule.scope == "list" and not rule.alone)


def _is_sentence_of_article(text: str, rule: BoilerplateRule) -> bool:
    """Return whether a text is the article's own although the rule's pattern matches it."""
    if rule.scope == "list":
        # A marker is a label: "More from the talks is expected." is a sentence.
        return text.endswith(".") and not text.endswith("..")
    return rule.call and is_reported(text, rule)


def is_reported(text: str, rule: BoilerplateRule) -> bool:
    """Return whether a text is quoted or reported speech: it opens with a quotation mark, or
    attributes its words to a speaker.
    """
    return text.startswith(_QUOTES) or bool(rule.reports and rule.reports.search(text))


def _below(rule: BoilerplateRule, candidate: _Candidate) -> list[int]:
    """Return the indexes of the blocks removed with the candidate: a marker's list, or its copies
    right below.
    """
    if rule.scope == "list":
        return headlines_below(candidate.blocks, candidate.index, candidate.context.subheads)
    if rule.scope == "twice":
        return _copies_below(candidate.blocks, candidate.index)
    return []


def _copies_below(blocks: Sequence[Block], index: int) -> list[int]:
    text = fold(blocks[index].text)
    copies = takewhile(lambda at: fold(blocks[at].text) == text, range(index + 1, len(blocks)))
    return list(copies)


def _ending(rule: BoilerplateRule, block: Block, index: int) -> Iterator[Cut]:
    skipped = max(len(block.text) - min(ENDING_CHARS, rule.max_chars), 0)
    match = rule.pattern.search(straight(block.text[skipped:]))
    if match and match.end() > match.start():
        value = match.groupdict().get("value") if rule.moves else None
        yield Cut(index, rule.name, keep=skipped + match.start(), field=rule.moves, value=value)


def headlines_below(
    blocks: Sequence[Block], index: int, subheads: Collection[int] = ()
) -> list[int]:
    """Return the indexes of the headlines listed right below a marker.

    Teasers of one list have one form: if the first has a tag ("[VIDEO]") or a bullet, a line
    without one ends the list. So does a line that is not a headline, and each of `subheads` (starts
    of blocks).
    """
    found: list[int] = []
    tagged = bulleted = False
    for at in range(index + 1, min(len(blocks), index + 1 + MAX_LIST)):
        text = unbulleted(blocks[at].text)
        plain_line = text == blocks[at].text
        ends = blocks[at].start in subheads or not is_headline(text)
        if ends or (tagged and tag_of(text) is None) or (bulleted and plain_line):
            break
        tagged = tagged or tag_of(text) is not None
        bulleted = bulleted or not plain_line
        found.append(at)
    return found
