"""Every whole record of a WARC file is found and read, however the file was written and wherever it
is damaged.
"""

import gzip
import io
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.helpers.examples import examples
from tests.helpers.warc_files import (
    FORMS,
    chunked,
    gz_each,
    gz_whole,
    http,
    page_html,
    plain,
    record,
    response,
    zst_whole,
)
from transforms.core.archives.page_refs import Damage, PageRef, Place
from transforms.core.archives.warc_listing import list_records
from transforms.core.archives.warc_records import read_record, read_records, target_url

URLS = [f"http://a.test/{n}" for n in range(4)]
RECORDS = [response(url) for url in URLS]
PACKED = [gzip.compress(r, mtime=0) for r in RECORDS]
INFO = record("", b"software: test\r\n", kind="warcinfo")
REQUEST = record("http://a.test/0", b"GET /0 HTTP/1.1\r\n\r\n", kind="request")
REVISIT = record("http://a.test/0", http(""), kind="revisit")


def listed(data: bytes) -> tuple[list[PageRef], list[Damage]]:
    found = list(list_records(io.BytesIO(data), "x.warc"))
    return [f for f in found if isinstance(f, PageRef)], [d for d in found if isinstance(d, Damage)]


def urls(data: bytes) -> tuple[list[str], int]:
    """Return the URLs that are read at the places that are listed, and the number of damages."""
    found, damages = listed(data)
    records = read_records(io.BytesIO(data), [f.at for f in found])
    read = [target_url(record) for _, record in records]  # type: ignore[arg-type]
    assert read == [f.url for f in found]
    return read, len(damages)


@pytest.mark.parametrize("form", FORMS)
def test_pages_are_found_in_every_form_and_other_records_are_passed_over(form: str) -> None:
    data = FORMS[form]([INFO, REQUEST, RECORDS[0], REVISIT, *RECORDS[1:]])
    assert urls(data) == (URLS, 0)


def bare(one: bytes) -> bytes:
    """Return a record whose header lines end in a line feed alone."""
    head, end, block = one.partition(b"\r\n\r\n")
    return (head + end).replace(b"\r\n", b"\n") + block.removesuffix(end) + b"\n\n"


@pytest.mark.parametrize("form", ["plain", "gz", "one gz"])
def test_header_lines_that_end_in_a_bare_line_feed_are_lines(form: str) -> None:
    data = FORMS[form]([bare(one) for one in (INFO, *RECORDS)])
    assert urls(data) == (URLS, 0)
    blocks = [one.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n") for one in RECORDS]
    assert [read_record(io.BytesIO(data), f.at).reader.read() for f in listed(data)[0]] == blocks


@pytest.mark.parametrize("form", ["plain", "gz"])
def test_intact_records_around_damage_are_read_with_bare_line_feeds_too(form: str) -> None:
    first, second = (FORMS[form]([bare(one)]) for one in RECORDS[:2])
    assert urls(first + b"\n\ngarbage\n\n" + second)[0] == URLS[:2]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_a_file_of_few_records_is_read_whole(form: str, count: int) -> None:
    assert urls(FORMS[form](RECORDS[:count])) == (URLS[:count], 0)


@pytest.mark.parametrize("groups", [(1, 3), (3, 1), (2, 2), (1, 2, 1), (1, 1, 2), (4,)])
def test_members_of_several_records_lead_to_the_right_ones(groups: tuple[int, ...]) -> None:
    rest, data = list(RECORDS), b""
    for size in groups:
        data += gz_whole(rest[:size])
        rest = rest[size:]
    assert urls(data) == (URLS, 0)
    found, _ = listed(data)
    assert [target_url(read_record(io.BytesIO(data), f.at)) for f in found] == URLS


def test_listing_from_a_record_on_gives_what_is_from_there_on() -> None:
    for data in (plain(RECORDS), gz_each(RECORDS), gz_each(RECORDS[:2]) + gz_whole(RECORDS[2:])):
        found, _ = listed(data)
        for f in found:
            again = list(list_records(io.BytesIO(data), "x.warc", f.at.offset))
            assert again == [g for g in found if g.at.offset >= f.at.offset]


def test_a_file_is_read_as_bytes_in_memory_are(tmp_path: Path) -> None:
    for form in FORMS.values():
        path = tmp_path / "x"
        path.write_bytes(form(RECORDS))
        with path.open("rb") as file:
            assert list(list_records(file, "x.warc")) == listed(form(RECORDS))[0]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "E_ARCHIVE_FORMAT"),
        (b"\r\n\r\n", "E_ARCHIVE_FORMAT"),
        (gzip.compress(b""), "E_ARCHIVE_FORMAT"),
        (page_html("A page").encode(), "E_ARCHIVE_FORMAT"),
        (
            gzip.compress(page_html("A page that speaks of WARC/1.0 files").encode()),
            "E_ARCHIVE_FORMAT",
        ),
        (b"filedesc://x.arc 0.0.0.0 20240501 text/plain 9\n1 0 test\n\n", "E_ARCHIVE_ARC"),
        (
            gzip.compress(b"filedesc://x.arc 0.0.0.0 20240501 text/plain 9\n1 0 test\n\n"),
            "E_ARCHIVE_ARC",
        ),
    ],
)
def test_a_file_that_is_not_warc_is_an_error(data: bytes, reason: str) -> None:
    found, damages = listed(data)
    assert (found, [d.reason for d in damages]) == ([], [reason])
    assert "x.warc" in damages[0].message


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF, data[at + 1] ^ 0xFF]) + data[at + 2 :]


DAMAGED: dict[str, tuple[bytes, list[int]]] = {
    "a broken member": (
        PACKED[0] + flipped(PACKED[1], len(PACKED[1]) // 2) + PACKED[2] + PACKED[3],
        [0, 2, 3],
    ),
    "a wrong checksum": (
        PACKED[0] + flipped(PACKED[1], len(PACKED[1]) - 7) + PACKED[2] + PACKED[3],
        [0, 2, 3],
    ),
    "a member that breaks off": (PACKED[0] + PACKED[1][:300] + PACKED[2] + PACKED[3], [0, 2, 3]),
    "a broken beginning of a member": (
        PACKED[0] + b"xxx" + PACKED[1][3:] + PACKED[2] + PACKED[3],
        [0, 2, 3],
    ),
    "a broken first member": (flipped(PACKED[0], 200) + b"".join(PACKED[1:]), [1, 2, 3]),
    "a first member that is none": (b"xxx" + PACKED[0][3:] + b"".join(PACKED[1:]), [1, 2, 3]),
    "garbage between members": (PACKED[0] + b"garbage " * 30 + b"".join(PACKED[1:]), [0, 1, 2, 3]),
    "garbage between records": (
        RECORDS[0] + b"garbage\r\n" * 30 + b"".join(RECORDS[1:]),
        [0, 1, 2, 3],
    ),
    "garbage before members": (b"garbage\r\n" + b"".join(PACKED), [0, 1, 2, 3]),
    "garbage before records": (b"garbage\r\n" + b"".join(RECORDS), [0, 1, 2, 3]),
    "zeros behind": (b"".join(PACKED) + bytes(1000), [0, 1, 2, 3]),
    "a header of 1 MB": (
        RECORDS[0]
        + b"WARC/1.0\r\nWARC-Type: response\r\nX: "
        + b"y" * 2**20
        + b"\r\n\r\n"
        + b"".join(RECORDS[1:]),
        [0, 1, 2, 3],
    ),
    "a packed header of 1 MB": (
        PACKED[0]
        + gzip.compress(b"WARC/1.0\r\nX: " + b"y" * 2**20 + b"\r\n\r\n")
        + b"".join(PACKED[1:]),
        [0, 1, 2, 3],
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_intact_records_around_damage_are_read_and_the_damage_is_reported_once(what: str) -> None:
    data, whole = DAMAGED[what]
    assert urls(data) == ([URLS[n] for n in whole], 1)


def test_a_record_that_declares_too_short_a_length_costs_no_other() -> None:
    short = record("http://a.test/s", http(page_html("s")), length=100)
    assert urls(short + plain(RECORDS)) == (["http://a.test/s", *URLS], 1)
    assert urls(gzip.compress(short) + gz_each(RECORDS)) == (["http://a.test/s", *URLS], 1)


def test_a_record_that_declares_more_than_its_member_costs_no_other() -> None:
    long = gzip.compress(record("http://a.test/s", http(page_html("s")), length=30_000))
    found, damages = urls(long + gz_each(RECORDS))
    assert set(URLS) <= set(found)
    assert damages == 1


@pytest.mark.parametrize("length", ["-5", "9" * 30, "many", ""])
def test_an_absurd_length_costs_no_other_record(length: str) -> None:
    odd = record("http://a.test/s", http("x"), length=777).replace(
        b"Length: 777", f"Length: {length}".encode()
    )
    found, damages = urls(odd + plain(RECORDS))
    assert found[-4:] == URLS
    assert damages == 1


def test_text_that_quotes_a_warc_header_is_not_a_record() -> None:
    quoting = response("http://a.test/q", "<p>A file begins with WARC/1.0 and a line end.</p>" * 20)
    assert urls(quoting + plain(RECORDS)) == (["http://a.test/q", *URLS], 0)
    assert urls(quoting[:-30])[0] == []


CHANCE = Random(1)
BIG = [
    response(f"http://a.test/{n}", page_html(f"Page {n}") + CHANCE.randbytes(n * 9_000).hex())
    for n in range(6)
]
WHOLE = {name: form(BIG) for name, form in FORMS.items()}
ENDS = {name: [len(form(BIG[:n])) for n in range(1, len(BIG) + 1)] for name, form in FORMS.items()}


@pytest.mark.parametrize("form", FORMS)
@given(share=st.floats(0, 1))
@example(share=0.0)
@example(share=1.0)
@settings(deadline=None, max_examples=examples(60))
def test_a_file_cut_anywhere_gives_all_records_before_the_cut_and_one_damage(
    form: str, share: float
) -> None:
    data, ends = WHOLE[form], ENDS[form]
    cut = round(len(data) * share)
    found, damages = listed(data[:cut])
    assert len(damages) <= 1
    places = [f.at for f in found]
    whole = 0
    for (_, one), f in zip(read_records(io.BytesIO(data[:cut]), places), found, strict=True):
        try:
            whole += not isinstance(one, Exception) and len(one.reader.read()) == f.length
        except OSError:
            continue
    if form in {"plain", "gz", "zst"}:
        assert whole >= sum(end <= cut for end in ends)
    assert [f.url for f in found] == [f"http://a.test/{n}" for n in range(len(found))]
    if (
        cut not in {0, len(data)}
        and cut not in ends
        and cut + 4 not in ends
        and form not in {"zst", "one zst"}
    ):
        assert len(damages) == 1 or cut >= ends[-1] - 4


def test_a_file_in_one_piece_that_is_cut_keeps_the_records_before_the_cut() -> None:
    data = gz_whole(BIG)
    assert urls(data[: len(data) - 5]) == ([f"http://a.test/{n}" for n in range(6)], 1)
    found, damages = urls(data[: len(data) // 2])
    assert found == [f"http://a.test/{n}" for n in range(len(found))]
    assert (len(found) >= 1, damages) == (True, 1)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"WARC/1.0\r\n", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", RECORDS[0]]),
)
@settings(deadline=None)
def test_no_bytes_raise(data: bytes, before: bytes) -> None:
    listed(before + data)


@given(st.integers(0, len(gz_each(RECORDS)) - 1), st.binary(min_size=1, max_size=4))
@settings(deadline=None)
def test_a_wound_costs_no_more_than_the_record_it_is_in_and_its_neighbour(
    at: int, wound: bytes
) -> None:
    # A file that starts with the mark of another compression is read as one.
    assume(at > 0 or not wound.startswith(b"\x28\xb5\x2f\xfd"))
    data = gz_each(RECORDS)
    hurt = (data[:at] + wound + data[at + len(wound) :])[: len(data)]
    found, damages = listed(hurt)
    assert len({f.url for f in found} & set(URLS)) >= 2
    assert len(damages) <= 2


@pytest.mark.parametrize(
    ("header", "url"),
    [
        ("http://a.test/x", "http://a.test/x"),
        ("<http://a.test/x>", "http://a.test/x"),
        ("http://a.test/with some spaces", "http://a.test/with some spaces"),
        ("  http://a.test/x  ", "http://a.test/x"),
    ],
)
def test_links_are_taken_as_the_header_has_them(header: str, url: str) -> None:
    assert urls(plain([response(header)])) == ([url], 0)


@pytest.mark.parametrize(
    "date", [None, "", "yesterday", "2024-05-01", "20240501100000", "2024-13-01T00:00:00Z"]
)
def test_an_invalid_date_is_none(date: str | None) -> None:
    assert [f.date for f in listed(response("http://a.test/x", date=date))[0]] == [None]


@pytest.mark.parametrize(
    "date", ["2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000Z", "2024-05-01T12:00:00+02:00"]
)
def test_a_date_is_read_in_all_its_forms(date: str) -> None:
    (found,) = listed(response("http://a.test/x", date=date))[0]
    assert found.date is not None
    assert found.date.timestamp() == 1714557600


def test_a_header_that_is_not_utf8_is_read() -> None:
    data = plain([response("http://a.test/caf_")]).replace(b"caf_", b"caf\xe9")
    assert listed(data)[1] == []
    assert len(listed(data)[0]) == 1


def test_a_place_without_a_record_gives_an_error() -> None:
    data = gz_each(RECORDS)
    places = [
        Place(0),
        Place(5),
        Place(len(PACKED[0])),
        Place(len(data)),
        Place(len(PACKED[0]), 3),
    ]
    got = list(read_records(io.BytesIO(data), places[:4]))
    assert [isinstance(one, Exception) for _, one in got] == [False, True, False, True]
    assert [at for at, _ in got] == places[:4]


def test_chunks_do_not_look_like_records() -> None:
    body = chunked(plain(RECORDS), 64)
    data = plain([record("http://a.test/c", http(body, "Transfer-Encoding: chunked")), *RECORDS])
    assert urls(data) == (["http://a.test/c", *URLS], 0)


def test_a_long_record_is_not_read_whole() -> None:
    class Counted(io.BytesIO):
        read_bytes = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.read_bytes += len(data)
            return data

    data = plain([record("http://a.test/l", http("x" * 10_000_000)), *RECORDS])
    file = Counted(data)
    places = [f.at for f in listed(data)[0]]
    next(read_records(file, places))
    assert file.read_bytes < 1_000_000


def test_zstd_in_one_frame_that_breaks_off_gives_what_is_before() -> None:
    data = zst_whole(BIG)
    found, damages = listed(data[: len(data) - 3])
    assert len(found) >= 1
    assert len(damages) <= 1
