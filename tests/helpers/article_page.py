"""A page of a newspaper that does not exist, to be taken apart in tests."""

from datetime import UTC, datetime

from transforms.core.urls import url_key
from transforms.records import FeedEntry, Page

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
URL = "https://www.example.com/2024/04/30/bridge"
PROSE = """\
<p>The council of the harbour town voted on Monday to close its old bridge for a year, after a night of debate.</p>
<p>Engineers had warned since spring that two of the piers were sinking into the mud of the river bed.</p>
<h2>A long wait</h2>
<p>“We could not wait any longer,” the mayor told a crowd on the quay after the vote. “It had to be done.”</p>
<ul><li>Ferries will run from June, the harbour office said</li><li>Tickets will cost four crowns each way</li></ul>
<p>The bridge was built in 1911 and last repaired in 1974, when a barge struck the northern pier in a storm.</p>"""
HEAD = """\
<title>Harbour town closes its bridge | The Example</title>
<meta property="og:title" content="Harbour town closes its bridge">
<meta property="og:image" content="/img/bridge.jpg">
<meta property="og:description" content="Ferries are to carry workers instead.">
<link rel="canonical" href="https://example.com/news/bridge">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
 {"@type": "WebSite", "name": "The Example"},
 {"@type": "NewsArticle", "headline": "Harbour town closes its bridge", "datePublished": "2024-04-30T14:05:09+02:00",
  "dateModified": "2024-04-30T15:00:00Z", "articleSection": "Region", "keywords": ["bridge", "council"],
  "author": [{"@type": "Person", "name": "Jane Roe"}, {"@type": "Person", "name": "John Doe"}]}]}</script>"""


def make_html(body: str = PROSE, head: str = HEAD, lang: str = "en-GB") -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8">{head}</head>'
        "<body><nav><a href='/'>Home</a></nav>"
        f"<main><article><h1>Harbour town closes its bridge</h1>"
        "<figure><img src='b.jpg'><figcaption>The old bridge at dusk. Jane "
        "Roe/Example</figcaption></figure>"
        f"{body}</article></main>"
        "<footer>Imprint</footer></body></html>"
    )


def make_page(content: str | bytes, content_type: str | None = "text/html; charset=utf-8") -> Page:
    entry = FeedEntry(url=URL, url_key=url_key(URL), feed_id="f1", first_seen_at=NOW)
    raw = content if isinstance(content, bytes) else content.encode()
    return Page(
        entry=entry,
        final_url=URL,
        content_type=content_type,
        content=raw,
        fetched_at=NOW,
        fetch_id="x1",
    )
