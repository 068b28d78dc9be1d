import pytest

from transforms.core.fetch.robots import MAX_ROBOTS_BYTES, product_token, read_robots

AGENT = "newsbeam/0.1 (+https://example.org)"
ROBOTS = (
    b"User-agent: *\nDisallow: /b\nCrawl-delay: 5\n\nUser-agent: newsbeam\nAllow: "
    b"/a/ok\nDisallow: /a\n"
)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/", True), ("/b", True), ("/a", False), ("/a/x", False), ("/a/ok", True)],
)
def test_our_group_counts(path: str, allowed: bool) -> None:
    assert read_robots(200, ROBOTS, AGENT).allows(f"https://a.test{path}") is allowed


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("NewsBeam", True),
        ("newsbeam/1.2", True),
        ("NEWSBEAM/x # us", True),
        ("news", False),
        ("beam", False),
    ],
)
def test_the_product_token_names_us(name: str, ours: bool) -> None:
    for end in ("\n", "\r", "\r\n"):
        body = f"user-agent: other{end}{end}User-Agent : {name}{end}Disallow: /{end}".encode()
        assert read_robots(200, body, AGENT).allows("https://a.test/x") is not ours


def test_the_group_for_all_counts_where_none_is_ours() -> None:
    rules = read_robots(200, b"\xef\xbb\xbf" + ROBOTS, "other/1")
    assert not rules.allows("https://a.test/b")
    assert rules.crawl_delay_s == 5.0


@pytest.mark.parametrize(
    ("status", "allowed"),
    [
        (404, True),
        (401, True),
        (410, True),
        (500, False),
        (503, False),
        (429, False),
        (None, False),
    ],
)
def test_without_a_file(status: int | None, allowed: bool) -> None:
    rules = read_robots(status, b"", AGENT)
    assert rules.allows("https://a.test/") is allowed
    assert rules.reachable is allowed


def test_only_the_start_is_read() -> None:
    body = b"# " + b"x" * MAX_ROBOTS_BYTES + b"\nUser-agent: *\nDisallow: /\n"
    assert read_robots(200, body, AGENT).allows("https://a.test/x")


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe\x00", b"<html>", b"Disallow: /", b"User-agent: *\nCrawl-delay: x\nDisallow: %"],
)
def test_nonsense_allows(body: bytes) -> None:
    assert read_robots(200, body, AGENT).allows("https://a.test/x")


def test_product_token() -> None:
    assert [product_token(agent) for agent in (AGENT, "x y", "")] == ["newsbeam", "x", "*"]
