"""Which blocks do the rules know?"""

from collections.abc import Collection, Iterator, Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.boilerplate_rules import BoilerplateRule
from transforms.core.clean.positions import CleaningContext, lede_index, tail_start
from transforms.core.prose import fold, is_headline, plain, straight, tag_of, unbulleted

# Links that follow a "Read more" line; a longer list is one that the article is about.
MAX_LIST = 6
# A block of boilerplate is a sentence or a few; longer ones are not worth matching.
MAX_CHARS = 2_000
# A rule for endings looks at a paragraph's last sentences: more is the paragraph itself.
ENDING_CHARS = 300
_QUOTES = ('"', "«", "»", "“", "„")


def cut_by_rules(blocks: Sequence[Block], context: CleaningContext) -> list[Cut]:
    """Return the cuts of the first rule that knows each block."""
    rules = [rule for rule in context.rules if context.text_only or not rule.text_only]
    lede, tail = lede_index(blocks), tail_start(blocks)
    cuts: list[Cut] = []
    done = -1
    for index, block in enumerate(blocks):
        if index <= done:
            continue
        text = plain(unbulleted(block.text)) if len(block.text) <= MAX_CHARS else ""
        small, beside = text.lower(), block.start in context.neighbours
        for rule in (
            rule for rule in rules if 0 < len(text) <= rule.max_chars or rule.scope == "ending"
        ):
            if _is_own(rule, block, context) or not _stands(rule, index, lede, tail, beside=beside):
                continue
            if not _may_match(rule, text, small):
                continue
            found = list(_cuts(rule, blocks, index, text, context.subheads))
            if found:
                cuts.extend(found)
                done = found[-1].index
                break
    return cuts


def _is_own(rule: BoilerplateRule, block: Block, context: CleaningContext) -> bool:
    """Return whether a block is the article's own whatever its words are: a subhead, an item of its
    list.
    """
    return (rule.label and block.start in context.subheads) or (
        rule.call and block.start in context.listed
    )


def _stands(rule: BoilerplateRule, index: int, lede: int, tail: int, *, beside: bool) -> bool:
    if rule.where == "head":
        return index < lede
    if rule.where == "beside":
        return beside
    return rule.where == "any" or index >= tail


def _may_match(rule: BoilerplateRule, text: str, small: str) -> bool:
    if rule.needs and not any(word in small for word in rule.needs):
        return False
    return rule.scope == "ending" or rule.pattern.fullmatch(text) is not None


def _cuts(
    rule: BoilerplateRule, blocks: Sequence[Block], index: int, text: str, subheads: Collection[int]
) -> Iterator[Cut]:
    if rule.scope == "ending":
        yield from _ending(rule, blocks[index], index)
        return
    match = rule.pattern.fullmatch(text)
    if match is None or _is_true(text, rule):
        return
    below = _below(rule, blocks, index, subheads)
    if not below and (rule.scope == "twice" or (rule.scope == "list" and not rule.alone)):
        return
    value = match.groupdict().get("value") or (text if rule.moves else None)
    yield Cut(index, rule.name, field=rule.moves, value=value.strip() if value else None)
    for each in below:
        yield Cut(each, rule.name)


def _is_true(text: str, rule: BoilerplateRule) -> bool:
    """Return whether a text that a rule matches is the article's own all the same."""
    if rule.scope == "list":
        # A marker is a label: "More from the talks is expected." is a sentence.
        return text.endswith(".") and not text.endswith("..")
    return rule.call and is_reported(text, rule)


def is_reported(text: str, rule: BoilerplateRule) -> bool:
    """Return whether a text is somebody's words: it opens with a quotation mark, or says who says
    it.
    """
    return text.startswith(_QUOTES) or bool(rule.reports and rule.reports.search(text))


def _below(
    rule: BoilerplateRule, blocks: Sequence[Block], index: int, subheads: Collection[int]
) -> list[int]:
    """Return the indexes of the blocks that go with one: the list of a marker, the copies right
    below.
    """
    if rule.scope == "list":
        return headlines_below(blocks, index, subheads)
    found: list[int] = []
    if rule.scope == "twice":
        at = index + 1
        while at < len(blocks) and fold(blocks[at].text) == fold(blocks[index].text):
            found.append(at)
            at += 1
    return found


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

    Teasers of one list look alike: where the first carries its kind ("[VIDEO]") or a bullet, a line
    without ends the list, as a subheading does, and as each of `subheads` (starts of blocks) does.
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
