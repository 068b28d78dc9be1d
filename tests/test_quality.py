"""Floors under the figures on gold data, and an archive of its pages against the pages live.

Skipped where that data is not at hand.
"""

import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipelines import cli
from tests.helpers.lakes import hashes, rows
from tests.helpers.warc_files import gz_each, response

pytestmark = pytest.mark.slow


def gold(*names: str) -> Path:
    """Return the path of external data.

    Skip the test where `NEWSBEAM_DATA` names no folder that has it.
    """
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
    report = score("score_seeds.py", articles, events)
    assert "boilerplate lines left 0 of 18" in report
    assert "body lines lost 0 of 29" in report
    assert (
        "headline found and kept out of the text 2 of 2; texts without their paragraphs 0" in report
    )
    assert "events from boilerplate 0, evidence not in the text 0" in report
    assert int(re.findall(r"core events found (\d+) of 25", report)[0]) >= 21
    fit, labels = map(int, re.findall(r"events that fit a label (\d+) of (\d+)", report)[0])
    assert labels <= 45
    assert fit / labels >= 0.7
    for name, floor in (("modality", 0.9), ("claimant", 0.85), ("date", 0.8)):
        right, of = map(int, re.findall(rf"{name} right (\d+) of (\d+)", report)[0])
        assert right / of >= floor, name


@pytest.mark.parametrize(("pages", "floor"), [("extraction", 0.983), ("extraction-2025", 0.945)])
def test_bodies_keep_their_f1(tmp_path: Path, pages: str, floor: float) -> None:
    folder, out = gold("data", pages), tmp_path / "x.jsonl"
    newsbeam("extract", folder / "html", "-o", out)
    shingle_f1 = score("score_extraction.py", folder, out, "--boot", "0").splitlines()[1].split()[4]
    assert float(shingle_f1) >= floor


def test_events_keep_their_f1(tmp_path: Path) -> None:
    folder = gold("data", "events")
    both, out = tmp_path / "gold.jsonl", tmp_path / "v.jsonl"
    both.write_text(
        "".join((folder / n).read_text() for n in ("plover_gsr.jsonl", "no_events.jsonl"))
    )
    newsbeam("events", both, "-o", out)
    report = score("score_events.py", both, out)
    figures = {
        line.split()[0]: float(line.split()[6]) for line in report.splitlines() if " F1 " in line
    }
    assert figures["type"] >= 0.865
    assert figures["triple_country"] >= 0.615
    assert figures["triple_full"] >= 0.46
    assert "no-event rows coded [0, 60]" in report


def test_pairs_keep_their_recall(tmp_path: Path) -> None:
    pairs, out = gold("data", "events", "plv.jsonl"), tmp_path / "v.jsonl"
    newsbeam("events", pairs, "-o", out)
    report = score("score_pairs.py", pairs, out)
    assert float(re.findall(r"pair macro F1 ([\d.]+)", report)[0]) >= 0.64
    assert float(re.findall(r"any ([\d.]+)", report)[0]) >= 0.78
    assert float(re.findall(r"events a sentence ([\d.]+)", report)[0]) <= 1.7


NOT_POLITICS = [
    "042bb7b5feda",
    "05844573ca7e",
    "08f793762792",
    "0d46122928b6",
    "0e014df693f1",
    "14cc2a0ca59c",
    "264dc3ae3124",
    "287e4d9f4af3",
    "33fe2471fd55",
    "34a7328535ad",
    "3d8f3404cf97",
    "4219d096902d",
    "63db31a161b3",
    "65bf3048b500",
    "65ce3a4577a0",
    "6a72de37e8f9",
    "87438a0dacbe",
    "8e3efab59f48",
    "9a440270bf86",
    "ac1bfdd4c510",
    "eecd2575093b",
    "ecb46e3e489d",
    "e593d7fe88f9",
]
"""Games, recipes, shops, sports, science: the beginnings of their ids."""


def test_pages_that_are_not_of_politics_have_no_events(tmp_path: Path) -> None:
    folder, articles, out = gold("data", "extraction"), tmp_path / "e.jsonl", tmp_path / "v.jsonl"
    pages = [
        p for p in sorted((folder / "html").iterdir()) if p.name.startswith(tuple(NOT_POLITICS))
    ]
    assert len(pages) >= 20
    newsbeam("extract", *pages, "-o", articles)
    newsbeam("events", articles, "-o", out)
    assert sum(len(json.loads(row)["events"]) for row in out.read_text().splitlines()) <= 3


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a set of pages under their own URLs, and a feed of them; gives the server's address."""
    command = [sys.executable, str(gold("bench", "serve_pages.py")), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def as_served(url: str) -> str:
    parts = urlsplit(url)
    return f"http://{parts.netloc}{parts.path or '/'}" + (f"?{parts.query}" if parts.query else "")


def test_an_archive_of_real_pages_gives_the_lake_that_they_gave_live(tmp_path: Path) -> None:
    folder, now = gold("data", "extraction"), "2024-05-06T12:00:00Z"
    live, later, archive = tmp_path / "live", tmp_path / "later", tmp_path / "pages.warc.gz"
    labels = [json.loads(line) for line in (folder / "gold.jsonl").read_text("utf8").splitlines()]
    pages = {
        as_served(row["url"]): gzip.decompress((folder / f"html/{row['id']}.html.gz").read_bytes())
        for row in labels
    }
    archive.write_bytes(gz_each([response(url, page, date=now) for url, page in pages.items()]))
    with serve(folder) as address:
        polite = ("--connect-to", address, "--spacing", "0")
        newsbeam(
            "ingest",
            "--feeds",
            "http://feeds.test/feed.xml",
            "--lake",
            live,
            *polite,
            "--now",
            now,
            "--run-id",
            "a",
        )
    newsbeam("backfill", archive, "--lake", later, "--now", now, "--run-id", "a")
    own = {
        "articles": {"feed_ids", "next_revisit_at", "raw_uri"},
        "article_versions": {"fetch_id", "raw_uri"},
    }
    assert len(rows(live, "articles")) >= 0.95 * len(pages)
    for table, columns in own.items():
        made, had = (
            [{k: v for k, v in row.items() if k not in columns} for row in rows(lake, table)]
            for lake in (later, live)
        )
        assert made == had, table
    tell_of_the_way = frozenset({*own, "sightings", "fetches", "feeds", "runs"})
    assert hashes(later, tell_of_the_way) == hashes(live, tell_of_the_way)
