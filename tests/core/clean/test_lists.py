"""A list below "Read more" goes; the subheading below the list stays."""

from transforms.core.clean.blocks import split_blocks
from transforms.core.clean.matching import headlines_below


def test_subheading_below_a_bulleted_list_stays() -> None:
    body = "Read more\n\n- Ferries stop for the winter\n\n- Pier sinks in the mud\n\nA long wait\n\nIt rained."
    assert headlines_below(split_blocks(body), 0) == [1, 2]


def test_list_without_bullets_goes_as_a_whole() -> None:
    body = "Read more\n\nFerries stop for the winter\n\nPier sinks in the mud\n\nIt rained on the quay all day."
    assert headlines_below(split_blocks(body), 0) == [1, 2]
