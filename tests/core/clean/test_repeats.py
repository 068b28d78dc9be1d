"""A paragraph that stands twice goes once; a row of a table may stand as often as it likes."""

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

LEDE = (
    "Officials of Kenya met envoys of France in Nairobi on Monday to discuss the port they "
    "have argued over."
)
MORE = "The talks went on into the night, and both sides agreed to meet again next week."
ROW = "| 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |"


def cleaned(*blocks: str) -> list[str]:
    dirty = article("http://a.test/1", "\n\n".join(blocks), title="Talks on the harbour")
    return (strip_boilerplate(dirty, load_rules("en")).body or "").split("\n\n")


def test_a_paragraph_right_below_itself_goes() -> None:
    assert cleaned(LEDE, MORE, MORE) == [LEDE, MORE]


def test_rows_of_a_table_stay() -> None:
    assert cleaned(LEDE, ROW, ROW, ROW, MORE) == [LEDE, ROW, ROW, ROW, MORE]
