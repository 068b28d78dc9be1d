"""One article through several feeds, links and hosts is one article."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import cli
from tests.helpers import web_site as web
from tests.helpers.lakes import rows
from tests.helpers.newspapers import LEDE, REST, feed

pytestmark = pytest.mark.slow

CANONICAL = "http://example.com/2024/talks"
LINKS = {
    "paper.test": f"{CANONICAL}?utm_source=rss&utm_medium=feed",
    "mobile.test": "http://m.example.com/2024/talks",
    "amp.test": "http://amp.example.com/2024/talks?amp=1",
}


def talks(canonical: str) -> web.Answer:
    body = "".join(f"<p>{p}</p>" for p in (LEDE, *REST))
    link = f"<link rel='canonical' href='{canonical}'>"
    return web.respond(
        f"<html lang='en'><head><title>Talks on the harbour</title>{link}</head>"
        f"<body><article><h1>Talks on the harbour</h1>{body}</article></body></html>"
    )


@pytest.fixture
def site() -> Iterator[web.Site]:
    routes = {f"{host}/feed": feed(link) for host, link in LINKS.items()}
    pages = {
        f"{host}/2024/talks": talks(CANONICAL)
        for host in ("example.com", "m.example.com", "amp.example.com")
    }
    with web.serve({**routes, **pages, "/robots.txt": web.status(404)}) as found:
        yield found


def ingest(site: web.Site, lake: Path, hosts: list[str], number: int) -> int:
    feeds = [word for host in hosts for word in ("--feeds", f"http://{host}/feed")]
    now = f"2024-05-06T1{number}:00:00Z"
    options = [
        "--connect-to",
        site.address,
        "--spacing",
        "0",
        "--workers",
        "0",
        "--now",
        now,
        "--run-id",
        str(number),
    ]
    return cli.run(["ingest", *feeds, "--lake", str(lake), *options])


@pytest.mark.parametrize("at_once", [True, False], ids=["in one run", "in three"])
def test_fault_18_one_article_of_three_feeds_and_hosts_has_three_sightings(
    site: web.Site, tmp_path: Path, at_once: bool
) -> None:
    runs = [list(LINKS)] if at_once else [[host] for host in LINKS]
    assert [ingest(site, tmp_path, hosts, number) for number, hosts in enumerate(runs)] == [
        0
    ] * len(runs)
    (article,) = rows(tmp_path, "articles")
    assert article["canonical_url"] == CANONICAL
    assert len(article["feed_ids"]) == 3
    sightings = rows(tmp_path, "sightings")
    assert len(sightings) == 3
    assert {s["article_id"] for s in sightings} == {article["article_id"]}


def test_fault_18_a_canonical_link_to_another_domain_is_not_trusted(
    site: web.Site, tmp_path: Path
) -> None:
    site.routes["m.example.com/2024/talks"] = talks("http://elsewhere.test/2024/talks")
    assert ingest(site, tmp_path, list(LINKS), 0) == 0
    assert {a["source_domain"] for a in rows(tmp_path, "articles")} == {"example.com"}
    assert len(rows(tmp_path, "articles")) == 2
