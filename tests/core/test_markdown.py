"""Bodies as Markdown, and their marks read back."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.article_page import NOW, make_html, make_page
from transforms.core.extract.page import extract_article
from transforms.core.markdown import body_markdown, heading, read_marks, to_markdown

TEXT = (
    ("The toll falls on:", ""),
    ("- carts of farms", "- "),
    ("- the school bus", "- "),
    ("- in winter", "  - "),
    ("What it costs", heading(2)),
    ("Vehicle | Toll", "| "),
    ("Cart | 2 crowns", "| "),
    ("Nobody asked us.", "> "),
    ("- first", "1. "),
    ("- second", "1. "),
    ("if late:\n    pay(2)", "```"),
    ("That is all.", ""),
)
BLOCKS, MARKS = (tuple(column) for column in zip(*TEXT, strict=True))
MARKDOWN = """\
The toll falls on:

- carts of farms
- the school bus
  - in winter

## What it costs

| Vehicle | Toll |
| --- | --- |
| Cart | 2 crowns |

> Nobody asked us.

1. first
2. second

```
if late:
    pay(2)
```

That is all."""


def test_blocks_of_each_kind() -> None:
    assert to_markdown(BLOCKS, MARKS) == MARKDOWN


def test_marks_are_read_back() -> None:
    assert read_marks(MARKDOWN, "\n\n".join(BLOCKS)) == MARKS


def test_marks_of_another_body_are_not_believed() -> None:
    assert read_marks(MARKDOWN, "\n\n".join(BLOCKS[1:])) == ()
    assert read_marks(None, "Text.") == ()
    assert read_marks("Text.", None) == ()


@pytest.mark.parametrize(
    "text",
    ["# 1 in the list", "- 4 degrees", "> 50 dead", "1. FC Union won", "2) no", "+ 3", "| a"],
)
def test_paragraphs_that_look_like_marks_are_escaped(text: str) -> None:
    markdown = to_markdown([text], [""])
    assert markdown != text
    assert markdown.replace("\\", "") == text
    assert read_marks(markdown, text) == ("",)


@pytest.mark.parametrize("text", ["#metoo is back.", "-4 degrees.", "1.5 metres.", "+3 points."])
def test_other_paragraphs_stay(text: str) -> None:
    assert to_markdown([text], [""]) == text


@given(
    st.lists(
        st.tuples(
            st.text(alphabet="ab 1#>|.-`*\\", min_size=1).map(str.strip).filter(bool),
            st.sampled_from(["", "- ", "1. ", "  - ", "> ", "## ", "| "]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_text_keeps_its_marks(blocks: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in blocks]
    marks = tuple(mark for _, mark in blocks)
    assert read_marks(to_markdown(texts, marks), "\n\n".join(texts)) == marks


def test_article_without_marks_has_paragraphs() -> None:
    article = dataclasses.replace(
        extract_article(make_page(make_html()), now=NOW), body="One.\n\nTwo.", marks=()
    )
    assert body_markdown(article) == "One.\n\nTwo."
    assert body_markdown(dataclasses.replace(article, body=None)) is None
