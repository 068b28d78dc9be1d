import gzip
from pathlib import Path

import pytest

from pipelines.files.jsonl import Input, find_inputs, read_rows, with_own_ids
from transforms.errors import ConfigError

PACKED = gzip.compress(b'{"a": 1}\n' * 200)
BROKEN = {
    "cut off": PACKED[:-10],
    "no gzip": b"<html>",
    "bad data": PACKED[:12] + b"\xff\xff\xff\xff" + PACKED[16:],
    "bad sum": PACKED[:-8] + b"\x00" * 8,
}


def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "texts.jsonl.gz"
    path.write_bytes(PACKED)
    assert Input(str(path)).read() == b'{"a": 1}\n' * 200
    assert [row for _, row in read_rows([str(path)])] == [{"a": 1}] * 200


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_an_error_of_the_user(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "texts.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="cannot be read"):
        Input(str(path)).read()
    with pytest.raises(ConfigError, match="cannot be read"):
        list(read_rows([str(path)]))


FOLDERS = {
    "subfolders": (
        ["site"],
        ["site/a/x/index.html", "site/b/index.html.gz"],
        ["a/x/index", "b/index"],
    ),
    "flat": (["site"], ["site/a.b.html", "site/c.txt"], ["a.b", "c"]),
    "named themselves": (
        ["site/a/x.html", "site/b.html"],
        ["site/a/x.html", "site/b.html"],
        ["x", "b"],
    ),
    "one name twice": (
        ["site/a/x.html", "site/b/x.html", "site/c.html"],
        ["site/a/x.html", "site/b/x.html", "site/c.html"],
        ["site/a/x.html", "site/b/x.html", "c"],
    ),
    "two folders": (["p", "q"], ["p/x.html", "q/x.html"], ["p/x.html", "q/x.html"]),
    "two endings": (["p"], ["p/x.html", "p/x.txt"], ["p/x.html", "p/x.txt"]),
    "one file twice": (["p/x.html", "p/x.html"], ["p/x.html"], ["x", "x"]),
    "a dot": (["."], ["p/x.html", "y.html"], ["p/x", "y"]),
    "nothing but an ending": (["p"], ["p/q/.html"], ["q/.html"]),
}


@pytest.mark.parametrize(("paths", "files", "ids"), FOLDERS.values(), ids=FOLDERS.keys())
def test_each_input_has_an_id_of_its_own(
    paths: list[str],
    files: list[str],
    ids: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_bytes(b"<p>")
    found = find_inputs(paths, (".html", ".html.gz", ".txt"))
    assert sorted(source.id for source in found) == sorted(ids)


def test_an_address_and_a_file_without_a_stem_have_ids() -> None:
    found = with_own_ids([Input("http://a.test/x"), Input("p/.gz", inside=".gz")])
    assert [source.id for source in found] == ["http://a.test/x", "."]
