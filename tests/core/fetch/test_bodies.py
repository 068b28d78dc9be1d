import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.fetch.bodies import BodyReader
from transforms.errors import FetchError

RAW_DEFLATE = zlib.compressobj(wbits=-15)
TEXT = b"news " * 1000
PACKED = {
    None: TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZIP": gzip.compress(TEXT[:2500]) + gzip.compress(TEXT[2500:]),
    "deflate": zlib.compress(TEXT),
    " Deflate": RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush(),
}


def read(data: bytes, coding: str | None, limit: int = 10_000, step: int = 7, *, truncate: bool = False) -> bytes:
    body = BodyReader(coding, limit, truncate=truncate)
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    return body.content()


@pytest.mark.parametrize("coding", PACKED)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_reads_what_was_sent(coding: str | None, step: int) -> None:
    assert read(PACKED[coding], coding, step=step) == TEXT


@pytest.mark.parametrize("coding", PACKED)
def test_stops_at_the_limit(coding: str | None) -> None:
    assert read(PACKED[coding], coding, len(TEXT)) == TEXT
    with pytest.raises(FetchError) as caught:
        read(PACKED[coding], coding, len(TEXT) - 1)
    assert caught.value.status == "too_large"
    assert read(PACKED[coding], coding, 100, truncate=True) == TEXT[:100]


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x" * 1000])
def test_other_codings_are_refused(coding: str) -> None:
    with pytest.raises(FetchError) as caught:
        BodyReader(coding, 100)
    assert caught.value.reason == "E_FETCH_ENCODING"


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    packed = gzip.compress(b"\x00" * (100 << 20))
    tracemalloc.start()
    with pytest.raises(FetchError):
        read(packed, "gzip", 1 << 20, step=65536)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_what_broke_off_is_said() -> None:
    with pytest.raises(FetchError) as caught:
        read(PACKED["gzip"][:-20], "gzip")
    assert caught.value.retryable
    with pytest.raises(FetchError):
        read(b"no gzip at all", "gzip")


def test_a_declared_length_is_refused_at_once() -> None:
    with pytest.raises(FetchError):
        BodyReader(None, 100).expect(101)
    BodyReader(None, 100, truncate=True).expect(101)


@given(st.binary(max_size=300), st.sampled_from([None, "gzip", "deflate"]), st.integers(1, 50))
def test_never_more_than_the_limit(data: bytes, coding: str | None, step: int) -> None:
    try:
        assert len(read(data, coding, 64, step)) <= 64
    except FetchError:
        return
