"""Folders of pages, which somebody else may have packed: no link leads out of them."""

import glob
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.cli.app import run
from pipelines.files.jsonl import find_inputs, read_rows
from tests.helpers.warc_files import page_html
from transforms.errors import ConfigError
from transforms.folders import FolderSearch, _fits
from transforms.sources import find_sources


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Return a folder of pages with links that stay in it, beside files that are not its own."""
    outside, folder = tmp_path / "outside", tmp_path / "pages"
    for at, name in ((outside, "secret"), (folder, "a"), (folder / "sub", "b")):
        at.mkdir(exist_ok=True)
        (at / f"{name}.html").write_text(page_html(name))
    (folder / "inner.html").symlink_to("sub/b.html")
    (folder / "again").symlink_to("sub")
    return folder


OWN = ["a.html", "inner.html", "sub/b.html"]


def add_hostile(folder: Path) -> int:
    """Put links out of a folder, and what is no file, into it; return their number."""
    outside = folder.parent / "outside"
    (folder / "file.html").symlink_to(outside / "secret.html")
    (folder / "relative.html").symlink_to("../outside/secret.html")
    (folder / "folder").symlink_to(outside)
    (folder / "sub" / "up.html").symlink_to("../../outside/secret.html")
    (folder / "chain.html").symlink_to("file.html")
    (folder / "root").symlink_to("/")
    (folder / "gone.html").symlink_to("/nowhere/at/all")
    (folder / "beside.html").symlink_to("../pages-of-others")
    (folder.parent / "pages-of-others").write_text("theirs")
    os.mkfifo(folder / "pipe.html")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(folder / "s.html"))
    return 10


def test_files_and_links_within_a_folder_are_found(pages: Path) -> None:
    search = FolderSearch()
    assert search.files_below(str(pages)) == [str(pages / name) for name in OWN]
    assert search.skipped == []


def test_links_out_of_a_folder_and_what_is_no_file_are_skipped_and_told(pages: Path) -> None:
    count = add_hostile(pages)
    search = FolderSearch()
    assert search.files_below(str(pages)) == [str(pages / name) for name in OWN]
    assert len(search.skipped) == count
    assert sum("is a pipe, a socket or a device" in line for line in search.skipped) == 2


@pytest.mark.parametrize("pattern", ["*.html", "*/*.html", "**/*.html", "**", "s*/../*.html"])
def test_a_glob_finds_what_it_found_and_no_link_out_of_its_folder(
    pages: Path, pattern: str
) -> None:
    full = f"{pages}/{pattern}"
    found = [name for name in glob.glob(full, recursive=True) if os.path.isfile(name)]
    # Links to folders are not followed by `**`: their files are found in their own places.
    through = str(pages / "again")
    found = [n for n in found if pattern[:2] != "**" or not n.startswith(f"{through}/")]
    assert FolderSearch().files_of_glob(full) == sorted(found)
    add_hostile(pages)
    search = FolderSearch()
    assert search.files_of_glob(full) == sorted(found)
    assert search.skipped


def test_a_glob_of_many_folders_ends_where_links_go_round_in_circles(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("x")
    for name in "bcde":
        (tmp_path / name).symlink_to(tmp_path)
    assert FolderSearch().files_of_glob(f"{tmp_path}/**/*.html") == [f"{tmp_path}/a.html"]
    assert FolderSearch().files_below(str(tmp_path)) == [f"{tmp_path}/a.html"]


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with folders nested deeper than Python's stack."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1_500):
        os.mkdir("a", dir_fd=here)
        inner = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    yield tmp_path
    # pytest would delete it by recursion.
    subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


def test_folders_nested_deeper_than_the_stack_are_read(deep: Path) -> None:
    (deep / "x.html").write_text("x")
    for found in (
        FolderSearch().files_below(str(deep)),
        FolderSearch().files_of_glob(f"{deep}/**"),
    ):
        assert found == [str(deep / "x.html")]


def test_a_link_that_the_user_names_is_read(pages: Path) -> None:
    add_hostile(pages)
    (pages.parent / "link").symlink_to(pages)
    for name in (pages / "file.html", pages.parent / "link" / "chain.html"):
        assert [source.kind for source in find_sources([str(name)])] == ["page"]
        assert [source.name for source in find_inputs([str(name)], (".html",))] == [str(name)]
    assert [s.inside for s in find_sources([str(pages.parent / "link")])] == OWN
    assert len(find_sources([f"{pages.parent}/link/*.html"])) == 2


def test_sources_of_a_folder_leave_links_out_of_it(pages: Path) -> None:
    count = add_hostile(pages)
    search = FolderSearch()
    assert [source.inside for source in find_sources([str(pages)], search)] == OWN
    assert len(search.skipped) == count
    (pages.parent / "links").mkdir()
    (pages.parent / "links" / "only.html").symlink_to("/etc/passwd")
    with pytest.raises(ConfigError, match="not a file or folder of pages"):
        find_sources([str(pages.parent / "links" / "*.html")])


def test_inputs_of_a_folder_leave_links_out_of_it_and_say_so(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_hostile(pages)
    names = [source.name for source in find_inputs([str(pages)], (".html",), sniff=b"<")]
    assert names == [str(pages / name) for name in OWN]
    told = capsys.readouterr().err
    assert told.count("leads out of the folder") == 8
    (pages / "rows.jsonl").symlink_to("../outside/rows.jsonl")
    (pages.parent / "outside" / "rows.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(ConfigError, match=r"no \.jsonl"):
        list(read_rows([str(pages)]))
    assert len(list(read_rows([str(pages / "rows.jsonl")]))) == 1


@pytest.mark.slow
def test_the_commands_on_files_say_what_they_skip(
    pages: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_hostile(pages)
    run(["extract", str(pages)])
    out = capsys.readouterr()
    assert len(out.out.splitlines()) == len(OWN)
    assert "skipped: " in out.err


@given(st.lists(st.sampled_from(["a", "b", ".c", "ab"]), min_size=1, max_size=5))
def test_parts_of_a_path_fit_as_many_folders_as_there_are(names: list[str]) -> None:
    shown = not any(name.startswith(".") for name in names)
    assert _fits(names, ["**"]) == shown
    assert _fits(names, ["**", "*"]) == shown
    assert _fits(names, ["*"] * len(names)) == shown
    assert _fits(names, names)
    assert not _fits(names, ["*"] * (len(names) + 1))
