"""The bench's measure gives hand-worked figures, and its table names what did not run."""

import gzip
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.extraction import Result, read_pages, run, table_of
from bench.extractors import BASE, EXTRACTORS
from bench.shingles import Gold, score, shingles

pytestmark = pytest.mark.slow

# 7 words are 4 runs. The text below lacks the last word (3 of the 4 runs) and has two words more (2
# runs besides).
BODY = "the old bridge was shut on Monday"
TEXT = "Read this: the old bridge was shut on"


def test_hand_worked_page() -> None:
    found = score([(Gold(BODY), TEXT)])

    assert (found.precision, found.recall, found.exact) == (3 / 5, 3 / 4, 0.0)
    assert found.f1 == pytest.approx(2 / 3)


def test_means_are_over_pages_and_an_empty_text_has_no_precision() -> None:
    found = score([(Gold(BODY), TEXT), (Gold(BODY), ""), (Gold(BODY), BODY)])

    assert found.precision == pytest.approx((3 / 5 + 1) / 2)
    assert found.recall == pytest.approx((3 / 4 + 0 + 1) / 3)
    assert found.exact == pytest.approx(1 / 3)


def test_punctuation_and_lines_do_not_count_but_case_does() -> None:
    assert score([(Gold("the old\nbridge, was shut"), "the old bridge was shut.")]).exact == 1.0
    assert score([(Gold("the old bridge"), "The old bridge")]).recall == 0.0


def test_a_text_is_a_bag_and_a_short_one_is_a_run() -> None:
    assert shingles("a b a b a b") == {("a", "b", "a", "b"): 2, ("b", "a", "b", "a"): 1}
    assert shingles("bridge shut") == {("bridge", "shut"): 1}
    assert shingles("...") == {}


def test_an_optional_line_costs_nothing_either_way() -> None:
    gold = Gold(
        f"{BODY}\nFollow us on every network there is\nFerry",
        frozenset({"Follow us on every network there is"}),
    )
    for text in (gold.body, f"{BODY}\nFerry"):
        assert score([(gold, text)]).f1 == 1.0
    short = Gold(f"{BODY}\nFerry\nThe Ferry ran", frozenset({"Ferry"}))
    assert score([(short, f"{BODY}\nThe Ferry ran")]).exact == 1.0
    assert score([(short, short.body)]).exact == 1.0


def test_pages_are_read_in_the_order_of_the_gold(tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    for name in "ab":
        (tmp_path / "html" / f"{name}.html.gz").write_bytes(gzip.compress(name.encode()))
    rows = [{"id": "b", "body": "B", "optional": ["B"]}, {"id": "a", "body": "A"}]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))

    assert read_pages(tmp_path) == ([Gold("B", frozenset({"B"})), Gold("A")], [b"b", b"a"])


def test_a_missing_peer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRACTORS, "absent", lambda: __import__("no_such_extractor"))
    results = {
        "absent": run("absent", tmp_path),
        BASE: Result(texts=(BODY,), ms=2.0),
        "us": Result((TEXT,), 1.0),
    }
    out = Console(record=True, width=120)
    out.print(table_of(results, [Gold(BODY)], "pages"))
    lines = [line.split("│")[1:-1] for line in out.export_text().splitlines() if "│" in line]
    cells = [[cell.strip() for cell in line] for line in lines]

    assert [line[0] for line in cells] == [BASE, "us", "absent"]
    assert cells[1][1:7] == ["0.6667", "0.6000", "0.7500", "0.0000", "1.0", "0.50"]
    assert cells[2][1] == "not installed"
