"""`newsbeam explain`: an article with what was taken out of it, on a terminal and as a page."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from pipelines import cli
from pipelines.inspect.explanation import PageBlock, mention_heading, page_blocks
from pipelines.inspect.passages import passage_of, segments
from tests.helpers.lakes import WORDS, article, coded, make_batch, make_lake, rows
from transforms.core.events.coder import code_article
from transforms.records import CodingInput, RemovedBlock

TITLE = "Ministers <meet> envoys"
BODY = f"{WORDS}.\n\nThe talks go on."
OUT = (
    RemovedBlock(text=TITLE, reason="headline", at=0),
    RemovedBlock(
        text="READ MORE: \x1b[31mBorder <b>closed</b>", reason="read-more-line", at=len(WORDS) + 1
    ),
    RemovedBlock(text="Tide tables for the coast", reason="site-memory", at=len(BODY)),
)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    found = article(
        "http://a.test/talks", BODY, title=TITLE, removed=OUT, url="http://feed.test/go?to=talks"
    )
    make_lake(tmp_path).merge(
        make_batch(coded(found), coded(article("http://b.test/other", "Else. " * 30)))
    )
    return tmp_path


@pytest.mark.parametrize(
    "name", ["http://a.test/talks", "https://www.a.test/talks?utm_source=x", "a.test/talks"]
)
def test_an_article_is_found_by_its_link_and_shown_with_what_was_taken_out(
    name: str, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["explain", name, "--lake", str(lake)]) == 0
    shown = [line for line in capsys.readouterr().out.splitlines() if line]
    assert shown[0] == TITLE
    start = shown.index(f"- headline: {TITLE}")
    assert shown[start + 1 : -1] == [
        f"{WORDS}.",
        "- read-more-line: READ MORE: \ufffd[31mBorder <b>closed</b>",
        "The talks go on.",
        "- site-memory: Tide tables for the coast",
    ]
    assert shown[-1].startswith("46 words kept; 3 blocks removed")


def test_the_report_is_complete_and_escapes_text_of_pages(lake: Path, tmp_path: Path) -> None:
    target = tmp_path / "why.html"
    assert cli.run(["explain", "a.test/talks", "--lake", str(lake), "-o", str(target)]) == 0
    tree = html.fromstring(target.read_bytes())
    assert tree.xpath("//h1/text()") == [TITLE]
    assert tree.xpath("//main/p/text()") == [f"{WORDS}.", "The talks go on."]
    assert tree.xpath("//main/div/b/text()") == ["headline", "read-more-line", "site-memory"]
    assert not tree.xpath("//del/b")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("http://a.test/gone", "nothing of that name"),
        ("ffffffffff", "nothing of that name"),
        ("ab", "at least 6 characters"),
    ],
)
def test_an_article_that_is_not_found_is_reported(
    name: str, message: str, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["explain", name, "--lake", str(lake)]) == 2
    assert message in capsys.readouterr().err


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.text(min_size=1, max_size=9), st.integers(0, 60)), max_size=5),
)
def test_nothing_of_a_body_is_lost(body: str, taken: list[tuple[str, int]]) -> None:
    removed = [
        {"text": text, "reason": "r", "at": at}
        for text, at in sorted(taken, key=lambda one: one[1])
    ]
    found = list(page_blocks(body, removed))
    kept = "".join(p.text for p in found if p.removed_by is None)
    assert kept.replace("\n", "") == body.replace("\n", "")
    assert [p for p in found if p.removed_by] == [
        PageBlock(text, "r") for text, _ in sorted(taken, key=lambda one: one[1])
    ]


SAID = "On Monday Kenya accused Libya of theft in Nairobi, Uganda said."


@pytest.fixture
def coded_lake(tmp_path: Path) -> Path:
    found = article("http://a.test/theft", f"{WORDS}.\n\n{SAID}\n\nIt rained.")
    make_lake(tmp_path).merge(make_batch(code_article(CodingInput(article=found))))
    return tmp_path


def test_parties_without_a_canonical_name_are_shown_as_in_the_text() -> None:
    army = {"name": None, "text": "the army"}
    mention = {
        "event_id": "1a2b3c4d5e",
        "type": "ACCUSE",
        "mode": "allege",
        "modality": "actual",
        "actor": [{"name": "Lake Front", "text": "the Front"}, army],
        "recipient": [army],
    }
    assert (
        mention_heading(mention)
        == "1a2b3c4d ACCUSE allege: Lake Front, the army -> the army (actual)"
    )
    assert "Lake Front, the army -> ? (" in mention_heading(mention | {"recipient": []})


def test_an_event_is_shown_with_the_words_it_was_read_from(
    coded_lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mention,) = (m for m in rows(coded_lake, "event_mentions") if m["type"] == "ACCUSE")
    for name in (mention["event_id"], mention["event_id"][:12], mention["mention_id"]):
        assert cli.run(["explain", name, "--lake", str(coded_lake)]) == 0
        shown = capsys.readouterr().out.splitlines()
        assert (
            "On [date Monday] [actor Kenya] [trigger accused] [recipient Libya of theft] "
            "in [place Nairobi], "
            "[claimant Uganda] [says said]."
        ) in shown
        assert f"rule: {mention['rule']}" in shown
        assert "It rained." not in shown
    target = tmp_path / "why.html"
    assert (
        cli.run(["explain", mention["event_id"], "--lake", str(coded_lake), "-o", str(target)]) == 0
    )
    marks = html.fromstring(target.read_bytes()).xpath("//mark/b/text()")
    assert marks == ["date", "actor", "trigger", "recipient", "place", "claimant", "says"]


def test_an_article_is_shown_with_its_events(
    coded_lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["explain", "a.test/theft", "--lake", str(coded_lake)]) == 0
    assert "[trigger accused]" in capsys.readouterr().out


@given(
    st.text(max_size=80), st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=6)
)
def test_marks_lose_nothing_of_a_passage(text: str, spans: list[tuple[int, int]]) -> None:
    actors = [{"start": a, "end": b} for a, b in spans]
    mention = {
        **{
            "trigger_start": 0,
            "trigger_end": min(1, len(text)),
            "cue_start": None,
            "actor": actors,
            "recipient": [],
        },
        **{
            "evidence_start": 0,
            "evidence_end": len(text),
            "evidence_field": "body",
            "date_basis": "relative",
        },
        **{"location": "a", "claimant": "b c", "via": None},
    }
    passage = passage_of(mention, None, text)
    assert passage.text in text
    assert "".join(stretch for stretch, _ in segments(passage)) == passage.text
