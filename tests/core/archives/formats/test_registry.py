"""The kind of a file is found by its ending or by how it begins."""

import pytest

from transforms.core.archives.formats.registry import (
    ARCHIVE_FORMATS,
    FORMATS_BY_NAME,
    SOURCE_KINDS,
    kinds_by_ending,
    sniffed,
)
from transforms.core.archives.link_lists.kinds import CDX, LINKS, SITEMAP_OR_FEED, URL_LIST


@pytest.mark.parametrize("kind", SOURCE_KINDS, ids=lambda kind: kind.endings[0])
def test_endings_are_lower_case_and_shared_by_texts_alone(kind: object) -> None:
    for ending in kind.endings:  # type: ignore[attr-defined]
        assert ending == ending.lower()
        assert (len(kinds_by_ending(f"A{ending.upper()}")) > 1) == (".txt" in ending)


def test_names_of_formats_are_not_shared() -> None:
    assert len(FORMATS_BY_NAME) == len(ARCHIVE_FORMATS)
    assert LINKS not in FORMATS_BY_NAME


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("a.warc.gz", "warc"),
        ("a.arc", "warc"),
        ("a.ndjson", "jsonl"),
        ("a.jsonl.gz", "jsonl.gz"),
        ("a.parquet", "parquet"),
        ("a.xhtml", "page"),
        ("a.rss", "links"),
        ("a.cdxj", "links"),
    ],
)
def test_an_ending_names_the_kind(file_name: str, name: str) -> None:
    assert [kind.name for kind in kinds_by_ending(file_name)] == [name]


@pytest.mark.parametrize("file_name", ["a", "a.gz", "a.md", "warc", "jsonl"])
def test_other_names_name_none(file_name: str) -> None:
    assert kinds_by_ending(file_name) == ()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"WARC/1.0\r\n", "warc"),
        (b"filedesc://a.arc", "warc"),
        (b"PAR1\x15", "parquet"),
        (b'{"url": 1}\n', "jsonl"),
        (b"\xef\xbb\xbf\n<!DOCTYPE HTML>", "page"),
        (b"<?xml version='1.0'?><urlset>", "links"),
        (b"# Links\n\nhttp://a.test/\nHTTPS://b.test/\n", "links"),
    ],
)
def test_a_head_names_the_kind(head: bytes, name: str) -> None:
    kind = sniffed(head)
    assert kind is not None
    assert kind.name == name


@pytest.mark.parametrize("head", [b"", b"Words", b"Read http://a.test/\nWords", b"[1]"])
def test_other_heads_name_none(head: bytes) -> None:
    assert sniffed(head) is None


def test_a_list_of_urls_is_judged_by_its_whole_lines() -> None:
    whole = b"http://a.test/\n" * 300
    assert URL_LIST.sniff(whole[:4090] + b"words!")
    assert not URL_LIST.sniff(b"http://a.test/\nwords!")


def test_lists_in_markup_and_indexes_are_of_one_name() -> None:
    assert SITEMAP_OR_FEED.name == CDX.name == URL_LIST.name == LINKS
    assert not CDX.sniff(b"com,a)/ 20240101000000 http://a.test/ text/html 200 X")
