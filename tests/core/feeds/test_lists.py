import time
from contextlib import suppress
from pathlib import Path

import pytest

from transforms.core.feeds.lists import (
    feed_source,
    parse_lines,
    parse_opml,
    parse_toml,
    read_feed_lists,
)
from transforms.errors import ConfigError

OPML = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>T</title></head><body>
<outline text="Europe"><outline title="UK &amp; Ireland">
<outline type="rss" text="BBC" title="BBC News" xmlUrl="http://feeds.bbci.test/rss.xml?a=1&amp;b=2" htmlUrl="https://bbc.test"
 category="/politics,world" language="en"/>
<outline type="rss" text="Same" xmlUrl="https://www.feeds.bbci.test/rss.xml?a=1&amp;b=2#x"/>
</outline></outline>
<outline text="Bad" xmlUrl="ftp://x.test/"/><outline text="Note"/><outline text="Top" xmlurl="feed://top.test/rss"/>
</body></opml>"""


def test_opml_folders_and_duplicates() -> None:
    feeds, invalid = parse_opml(OPML)
    bbc, top = feeds
    assert (bbc.title, bbc.folder, bbc.tags, bbc.language) == (
        "BBC News",
        "Europe/UK & Ireland",
        ("politics", "world"),
        "en",
    )
    assert bbc.site_url == "https://bbc.test"
    assert (top.feed_url, top.folder) == ("http://top.test/rss", None)
    assert invalid == ("ftp://x.test/",)


def test_opml_survives_what_is_wrong() -> None:
    unescaped = OPML.replace(b"a=1&amp;b=2", b"a=1&b=2")
    assert len(parse_opml(unescaped).feeds) == 2
    assert len(parse_opml(OPML[:-14]).feeds) == 2
    latin = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><opml><body><outline text="Zürich" '
        'xmlUrl="http://z.test/"/></body></opml>'
    )
    assert parse_opml(latin.encode("latin-1")).feeds[0].title == "Zürich"
    assert (
        parse_opml(latin.replace("ISO-8859-1", "UTF-16").encode("utf-16")).feeds[0].title
        == "Zürich"
    )
    for bad in (b"", b"<html/>", b"no list", b"\x00\x01"):
        with pytest.raises(ConfigError):
            parse_opml(bad)


def test_opml_entity_bomb_is_harmless() -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<!DOCTYPE o [<!ENTITY l0 "lol"><!ENTITY x SYSTEM "file:///etc/passwd">{entities}]>'
    text = (
        f'{bomb}<opml><body><outline text="&l11;" xmlUrl="http://z.test/"/>&x;&l11;</body></opml>'
    )
    with suppress(ConfigError):
        assert "root:" not in str(parse_opml(text.encode()))


def test_opml_nesting_is_bounded() -> None:
    deep = b"<opml><body>" + b'<outline text="x">' * 100_000
    with suppress(ConfigError):
        parse_opml(deep)


def test_toml() -> None:
    feeds, _ = parse_toml(
        b'[[feed]]\nurl = "https://a.test/rss"\ntitle = "A"\ncountry = "GBR"\ntags = '
        b'["b", "a"]\n[[feed]]\n'
        b'url = "https://b.test/rss"\nenabled = false\n'
    )
    assert [(feed.title, feed.country, feed.tags, feed.enabled) for feed in feeds] == [
        ("A", "GBR", ("a", "b"), True),
        (None, None, (), False),
    ]


@pytest.mark.parametrize(
    "text",
    ["", "feed = 3", "[[feed]]\ntitle='x'", "[[feed]]\nurl='x'", "[[feed]]\nurl='http://a.test'\nurll=1",
     "[[feed]]\nurl='http://a.test'\ntags='x'", "[[feed]]\nurl='http://a.test'\ntitle=3", "[[feed"],
)  # fmt: skip
def test_errors_in_toml_are_named(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_toml(text.encode())


def test_lines() -> None:
    feeds, invalid = parse_lines(
        b"# mine\nhttps://a.test/rss\n\nhttps://b.test/rss # why\nnonsense\n"
    )
    assert [feed.feed_url for feed in feeds] == ["https://a.test/rss", "https://b.test/rss"]
    assert invalid == ("nonsense",)


def test_files_and_links_together(tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_bytes(OPML)
    (tmp_path / "list.toml").write_text("[[feed]]\nurl = 'https://top.test/rss'\n")
    (tmp_path / "empty.txt").write_text("# none")
    names = [str(tmp_path / "list.opml"), str(tmp_path / "list.toml"), "https://c.test/rss"]
    assert [feed.feed_url for feed in read_feed_lists(names).feeds][1:] == [
        "http://top.test/rss",
        "https://c.test/rss",
    ]
    for bad in ([], [str(tmp_path / "empty.txt")], [str(tmp_path / "none.opml")], ["http://"]):
        with pytest.raises(ConfigError):
            read_feed_lists(bad)


@pytest.mark.parametrize("typed", ["a.test/rss", "www.a.test/rss", "feed://a.test/rss"])
def test_links_without_a_scheme_are_understood_wherever_feeds_are_given(
    typed: str, tmp_path: Path
) -> None:
    lists = {
        "list.txt": f"{typed}\n",
        "list.toml": f"[[feed]]\nurl = '{typed}'\n",
        "list.opml": f"<opml><body><outline xmlUrl='{typed}'/></body></opml>",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
    for name in (typed, *(str(tmp_path / name) for name in lists)):
        assert read_feed_lists([name]).feeds[0].feed_id == feed_source("https://a.test/rss").feed_id


def test_a_file_goes_before_a_link_without_a_scheme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists.test").mkdir()
    (tmp_path / "lists.test" / "mine").write_text("https://b.test/rss\n")
    (feed,) = read_feed_lists(["lists.test/mine"]).feeds
    assert feed.feed_url == "https://b.test/rss"


@pytest.mark.parametrize("name", ["none.opml", "lists/none.opml", "none", "a.test", "notes.md"])
def test_the_name_of_a_missing_file_is_no_link(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot read the feed list"):
        read_feed_lists([name])


def test_a_site_for_a_feed_is_told_how_to_find_its_feeds() -> None:
    with pytest.raises(ConfigError, match=r"newsbeam feeds find bbc\.co\.uk"):
        read_feed_lists(["bbc.co.uk"])


def test_all_lists_of_a_folder_are_read_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    (folder / "europe").mkdir(parents=True)
    outside = tmp_path / "outside.txt"
    outside.write_text("https://outside.test/rss\n")
    (folder / "link.txt").symlink_to(outside)
    (folder / "a.opml").write_text("<opml><body><outline xmlUrl='https://a.test/'/></body></opml>")
    (folder / "b.XML").write_text("<opml><body><outline xmlUrl='https://b.test/'/></body></opml>")
    (folder / "europe" / "c.toml").write_text("[[feed]]\nurl = 'https://c.test/'\n")
    (folder / "europe" / "d.txt").write_text("https://d.test/\nhttps://a.test/\n")
    (folder / "feed.xml").write_text("<rss><link>https://no.test/</link></rss>")
    (folder / "notes.md").write_text("https://no.test/\n")
    found = read_feed_lists([str(folder)])
    assert [feed.feed_url for feed in found.feeds] == [
        "https://a.test/",
        "https://b.test/",
        "https://c.test/",
        "https://d.test/",
    ]
    assert found.invalid == ()
    (folder / "newsbeam.toml").write_text("lake = 'lake'\n")
    (told,) = read_feed_lists([str(folder)]).invalid
    assert told.startswith(f"{folder}/newsbeam.toml: a TOML list has")


def test_a_folder_without_a_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no feed list in"):
        read_feed_lists([str(tmp_path)])


def test_feed_id_ignores_scheme_and_www() -> None:
    assert (
        feed_source("feed:https://www.a.test/rss").feed_id
        == feed_source("http://a.test/rss").feed_id
    )


PARTS = ".".join(["a"] * 200_000)


@pytest.mark.parametrize(
    "text",
    [
        f"{PARTS} = 1",
        f"[{PARTS}]",
        f"[[{PARTS}]]",
        f"feed = {{{PARTS} = 1}}",
        "x = '#'\n" + " . ".join(["'a'"] * 200_000) + " = 1",
        '"""x"""\n' + PARTS,
    ],
    ids=["key", "table", "list of tables", "inline table", "quoted parts", "behind a text"],
)
def test_toml_keys_of_many_parts_are_refused_at_once(text: str) -> None:
    started = time.process_time()
    with pytest.raises(ConfigError, match="parts"):
        parse_toml(f"[[feed]]\nurl = 'https://a.test/rss'\n{text}".encode())
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "text",
    [
        f"title = '{PARTS}'",
        f'title = "{PARTS}\\"{PARTS}"',
        f"title = '''\n{PARTS}'''",
        f'title = """\n{PARTS} "" \\""""',
        f"# {PARTS}",
        "title = 'it' # it's " + PARTS,
    ],
    ids=["literal", "escaped", "literal lines", "lines", "comment", "quote in a comment"],
)
def test_dots_in_texts_and_comments_are_no_parts_of_keys(text: str) -> None:
    assert parse_toml(f"[[feed]]\nurl = 'https://a.test/rss'\n{text}\n".encode()).feeds


def test_a_tag_of_opml_has_few_attributes() -> None:
    many = "".join(f" a{n}='1'" for n in range(20_000))
    with pytest.raises(ConfigError, match="a tag of over 1000 attributes"):
        parse_opml(f"<opml><body><outline xmlUrl='http://a.test/'{many}/></body></opml>".encode())


def test_attributes_of_many_tags_of_opml_are_read() -> None:
    few = " ".join(f"a{n}='1 <b c='" for n in range(9)).replace("<", "&lt;")
    outlines = "".join(f"<outline xmlUrl='http://a.test/{n}' {few}/>" for n in range(300))
    assert len(parse_opml(f"<opml><body>{outlines}</body></opml>".encode()).feeds) == 300
