import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from transforms.core.fetch.bodies import BodyReader
from transforms.core.fetch.codings import MAX_FRAMES
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
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "ZSTD ": zstandard.compress(TEXT[:2500]) + zstandard.compress(TEXT[2500:]),
    "gzip, gzip": gzip.compress(gzip.compress(TEXT)),
    "gzip,br": brotli.compress(gzip.compress(TEXT)),
    "identity, zstd": zstandard.compress(TEXT),
}
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=3),
    "zstd": zstandard.compress,
}


def read(
    data: bytes, coding: str | None, limit: int = 10_000, step: int = 7, *, truncate: bool = False
) -> bytes:
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


@pytest.mark.parametrize(
    "coding", ["compress", "gzip, x", "gzip, gzip, gzip", "x" * 1000, "br," * 99]
)
def test_other_codings_are_refused(coding: str) -> None:
    with pytest.raises(FetchError) as caught:
        BodyReader(coding, 100)
    assert caught.value.reason == "E_FETCH_ENCODING"


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("twice", [False, True])
def test_fault_21_a_bomb_costs_no_more_than_the_limit(coding: str, twice: bool) -> None:
    packed = PACKERS[coding](b"\x00" * (100 << 20))
    if twice:
        packed, coding = PACKERS[coding](packed), f"{coding}, {coding}"
    tracemalloc.start()
    with pytest.raises(FetchError) as caught:
        read(packed, coding, 1 << 20, step=65536)
    assert caught.value.status == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 10 << 20
    tracemalloc.stop()


def test_fault_21_what_lies_between_two_codings_is_bounded() -> None:
    nothing = gzip.compress(b"") * 100_000
    with pytest.raises(FetchError) as caught:
        read(gzip.compress(nothing), "gzip, gzip", 1 << 20, step=65536)
    assert caught.value.status == "too_large"


@pytest.mark.parametrize("coding", ["gzip", "zstd", "gzip, zstd", "zstd, gzip"])
@pytest.mark.parametrize("piece", [b"", b"x"])
def test_frames_are_counted(coding: str, piece: bytes) -> None:
    inner, _, outer = coding.partition(", ")
    pack_outer = PACKERS[outer] if outer else bytes
    frame = PACKERS[inner](piece)
    assert read(pack_outer(frame * MAX_FRAMES), coding, 1 << 20, step=1000) == piece * MAX_FRAMES
    with pytest.raises(FetchError, match="over 1000 frames") as caught:
        read(pack_outer(frame * (MAX_FRAMES + 1)), coding, 1 << 20, step=1000)
    assert (caught.value.reason, caught.value.retryable) == ("E_FETCH_TOO_LARGE", False)


def test_steps_are_short() -> None:
    body = BodyReader("gzip", 10 << 20)
    assert sum(1 for _ in body.steps(gzip.compress(bytes(10 << 20)))) >= 160
    empty_blocks = BodyReader("zstd", 10 << 20)
    frames = zstandard.compress(b"") * 900
    assert sum(1 for _ in empty_blocks.steps(frames)) >= 900


def test_a_body_that_comes_byte_by_byte_takes_no_more_memory_than_another() -> None:
    body = BodyReader(None, 10 << 20)
    tracemalloc.start()
    for n in range(200_000):
        body.feed(b"%02d" % (n % 100))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_fault_21_a_window_over_8_mb_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27, enable_ldm=True)
    packer = zstandard.ZstdCompressor(compression_params=wide).compressobj()
    with pytest.raises(FetchError) as caught:
        read(packer.compress(TEXT) + packer.flush(), "zstd", step=65536)
    assert caught.value.reason == "E_FETCH_ENCODING"


@pytest.mark.parametrize("coding", [*PACKERS, "gzip, gzip"])
def test_a_truncated_body_is_reported(coding: str) -> None:
    with pytest.raises(FetchError) as caught:
        read(PACKED[coding][:-10], coding)
    assert caught.value.retryable
    with pytest.raises(FetchError) as caught:
        read(b"\xff none of these", coding)
    assert not caught.value.retryable


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_what_follows_the_end_is_ignored(coding: str) -> None:
    assert read(PACKED[coding] + b"\n<!-- served by 12 -->", coding, step=100_000) == TEXT
    assert read(PACKED[coding] + b"\n<!-- served by 12 -->", coding, step=7) == TEXT


def test_a_declared_length_is_refused_at_once() -> None:
    with pytest.raises(FetchError):
        BodyReader(None, 100).expect(101)
    BodyReader(None, 100, truncate=True).expect(101)


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "gzip", "deflate", "br", "zstd", "br, gzip"]),
    st.integers(1, 50),
)
def test_never_more_than_the_limit(data: bytes, coding: str | None, step: int) -> None:
    try:
        assert len(read(data, coding, 64, step)) <= 64
    except FetchError:
        return
