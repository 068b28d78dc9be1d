import gzip
from pathlib import Path

import pytest

from pipelines.files.jsonl import Input, read_rows
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
