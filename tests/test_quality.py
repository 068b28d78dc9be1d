"""Floors under the figures on gold data: a change that lowers one fails. Skipped where that data is not at hand."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import cli


def gold(*names: str) -> Path:
    """Return the path of external data; skip the test where `NEWSBEAM_DATA` names no folder that has it."""
    root = os.environ.get("NEWSBEAM_DATA")
    path = Path(root or "/nonexistent", *names)
    if not path.exists():
        pytest.skip(f"needs {'/'.join(names)} in the folder that NEWSBEAM_DATA names")
    return path


def score(scorer: str, *arguments: str | Path) -> str:
    command = [sys.executable, str(gold("bench", scorer)), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def newsbeam(*arguments: str | Path) -> None:
    assert cli.run([str(a) for a in arguments]) == 0


def test_both_seeds_come_out_clean_and_coded(tmp_path: Path) -> None:
    texts = sorted(gold("data", "seeds").glob("*.txt"))
    articles, events = tmp_path / "e.jsonl", tmp_path / "v.jsonl"
    newsbeam("extract", "--published-at", "2022-10-11T12:00:00Z", *texts, "-o", articles)
    newsbeam("events", articles, "-o", events)
    said = score("score_seeds.py", articles, events)
    assert "boilerplate lines left 0 of 18" in said
    assert "body lines lost 0 of 29" in said
    assert "headline found and kept out of the text 2 of 2; texts without their paragraphs 0" in said
    assert "events from boilerplate 0, evidence not in the text 0" in said
    assert int(re.findall(r"core events found (\d+) of 25", said)[0]) >= 20


@pytest.mark.parametrize(("pages", "floor"), [("extraction", 0.983), ("extraction-2025", 0.945)])
def test_bodies_keep_their_f1(tmp_path: Path, pages: str, floor: float) -> None:
    folder, out = gold("data", pages), tmp_path / "x.jsonl"
    newsbeam("extract", folder / "html", "-o", out)
    shingle_f1 = score("score_extraction.py", folder, out, "--boot", "0").splitlines()[1].split()[4]
    assert float(shingle_f1) >= floor


def test_events_keep_their_f1(tmp_path: Path) -> None:
    folder = gold("data", "events")
    both, out = tmp_path / "gold.jsonl", tmp_path / "v.jsonl"
    both.write_text("".join((folder / n).read_text() for n in ("plover_gsr.jsonl", "no_events.jsonl")))
    newsbeam("events", both, "-o", out)
    said = score("score_events.py", both, out)
    figures = {line.split()[0]: float(line.split()[6]) for line in said.splitlines() if " F1 " in line}
    assert figures["type"] >= 0.85
    assert figures["triple_country"] >= 0.61
    assert "no-event rows coded [0, 60]" in said
