"""Which blocks do the rules know?"""

from collections.abc import Iterator, Sequence

from transforms.core.clean.blocks import Block, Cut
from transforms.core.clean.rules import BoilerplateRule
from transforms.core.clean.scene import Scene, lede_index, tail_start
from transforms.core.prose import is_headline, plain, straight, tag_of, unbulleted

MAX_LIST = 6
ENDING_CHARS = 300


def cut_by_rules(blocks: Sequence[Block], scene: Scene) -> list[Cut]:
    """Return the cuts of the first rule that knows each block."""
    rules = [rule for rule in scene.rules if scene.text_only or not rule.text_only]
    lede, tail = lede_index(blocks), tail_start(blocks)
    cuts: list[Cut] = []
    done = -1
    for index, block in enumerate(blocks):
        if index <= done:
            continue
        text = plain(unbulleted(block.text)) if len(block.text) <= 2000 else ""
        for rule in rules:
            if not _stands(rule, index, lede, tail):
                continue
            found = list(_cuts(rule, blocks, index, text))
            if found:
                cuts.extend(found)
                done = found[-1].index
                break
    return cuts


def _stands(rule: BoilerplateRule, index: int, lede: int, tail: int) -> bool:
    if rule.where == "head":
        return index < lede
    return rule.where == "any" or index >= tail


def _cuts(rule: BoilerplateRule, blocks: Sequence[Block], index: int, text: str) -> Iterator[Cut]:
    if rule.scope == "ending":
        yield from _ending(rule, blocks[index], index)
        return
    if not text or len(text) > rule.max_chars:
        return
    match = rule.pattern.fullmatch(text)
    if match is None:
        return
    below = headlines_below(blocks, index) if rule.scope == "list" else []
    if rule.scope == "list" and not below and not rule.alone:
        return
    value = match.groupdict().get("value") or (text if rule.moves else None)
    yield Cut(index, rule.name, field=rule.moves, value=value.strip() if value else None)
    for each in below:
        yield Cut(each, rule.name)


def _ending(rule: BoilerplateRule, block: Block, index: int) -> Iterator[Cut]:
    skipped = max(len(block.text) - min(ENDING_CHARS, rule.max_chars), 0)
    match = rule.pattern.search(straight(block.text[skipped:]))
    if match and match.end() > match.start():
        value = match.groupdict().get("value") if rule.moves else None
        yield Cut(index, rule.name, keep=skipped + match.start(), field=rule.moves, value=value)


def headlines_below(blocks: Sequence[Block], index: int) -> list[int]:
    """Return the indexes of the headlines listed right below a marker.

    Teasers of one list look alike: where the first carries its kind ("[VIDEO]") or a bullet, a line without ends the
    list, as a subheading does.
    """
    found: list[int] = []
    tagged = bulleted = False
    for at in range(index + 1, min(len(blocks), index + 1 + MAX_LIST)):
        text = unbulleted(blocks[at].text)
        plain_line = text == blocks[at].text
        if not is_headline(text) or (tagged and tag_of(text) is None) or (bulleted and plain_line):
            break
        tagged = tagged or tag_of(text) is not None
        bulleted = bulleted or not plain_line
        found.append(at)
    return found
