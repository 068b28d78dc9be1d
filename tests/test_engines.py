"""What the engine scripts rest on: a comparison of lakes that can fail, pages that are served,
reasons to give up.
"""

import shutil
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.engines import prism
from tests.engines.common import (
    FEED,
    GONE,
    NOT_TO_BE_HAD,
    NotToBeHadError,
    compare,
    generated_pages,
    hashes,
    in_own_network,
    newsbeam,
    served,
    write_warc,
)
from tests.engines.streaming import Streaming, is_whole
from tests.helpers.lakes import article, coded, make_batch, make_lake

pytestmark = pytest.mark.slow


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A lake of two articles."""
    made = make_lake(tmp_path / "one")
    made.merge(
        make_batch(
            *(coded(article(f"http://a.test/{n}", f"The text of number {n}.")) for n in range(2))
        )
    )
    return tmp_path / "one"


def test_a_lake_is_the_same_as_its_copy(lake: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(lake, tmp_path / "two")
    (copy / "_meta" / "lock").write_text("another run's")
    assert compare("a copy", lake, copy)


@pytest.mark.parametrize("how", ["missing", "more", "differs"])
def test_a_lake_with_another_file_is_not_the_same(
    lake: Path, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = shutil.copytree(lake, tmp_path / "two")
    file = next(other.glob("articles/*/*.parquet"))
    if how == "missing":
        file.unlink()
    elif how == "more":
        file.with_name("part-00001.parquet").write_bytes(b"")
    else:
        file.write_bytes(file.read_bytes() + b" ")
    assert not compare("another", lake, other)
    assert f"  {how}: " in capsys.readouterr().out.replace("more:    ", "more: ")


def test_two_lakes_without_articles_prove_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert not compare("nothing", tmp_path / "one", tmp_path / "two")


def test_a_stream_that_loses_a_page_or_has_one_of_another_site_is_not_whole(tmp_path: Path) -> None:
    pages = generated_pages(4, 2)
    newsbeam(
        "backfill",
        write_warc(pages[:3], tmp_path / "a.warc.gz"),
        "--lake",
        tmp_path / "lake",
        "--workers",
        "0",
    )
    streaming = Streaming(tmp_path / "lake", tmp_path / "feeds.txt", "127.0.0.1:1", ())
    assert is_whole(streaming, pages[:3])
    assert not is_whole(streaming, pages)
    assert not is_whole(streaming, pages[:2])


def test_each_generated_page_is_in_the_feed_of_its_host() -> None:
    pages = generated_pages(40, 4)
    assert len({page.host for page in pages}) > 1
    with served(pages) as site:
        for page in pages:
            listed = _get(site.address, page.host, FEED)
            assert page.url.encode() in listed
            assert f"http://{page.host}{GONE}".encode() in listed
            assert _get(site.address, page.host, page.url.split(page.host, 1)[1]) == page.body


def _get(address: str, host: str, path: str) -> bytes:
    with urlopen(Request(f"http://{address}{path}", headers={"Host": host})) as answer:
        return bytes(answer.read())


def test_prism_without_go_is_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert prism.main(["--cache", str(tmp_path)]) == NOT_TO_BE_HAD
    assert "no Go on PATH" in capsys.readouterr().out
    assert prism.main(["--prism", str(tmp_path / "prism")]) == NOT_TO_BE_HAD


def test_an_engine_is_not_run_where_it_would_be_on_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotToBeHadError, match="unshare"):
        in_own_network("tests.engines.prism")


def test_tables_about_runs_are_not_compared(lake: Path) -> None:
    assert any((lake / "_meta").iterdir())
    assert {name.split("/")[0] for name in hashes(lake)}.isdisjoint(
        {"_meta", "_staging", "runs", "fetches"}
    )
