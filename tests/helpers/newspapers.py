"""Feeds and pages of small newspapers for the local site; some of them misbehave."""

from xml.sax.saxutils import escape

from tests.helpers import web_site as web

LEDE = (
    "French ministers met Kenyan envoys in Nairobi on Monday to discuss the port that "
    "both countries have argued over "
    "since the spring, officials of both sides said."
)
REST = (
    "The talks went on into the night, and the delegations agreed to meet again next "
    "week in Paris. A spokesman said "
    "that nothing had been signed.",
    "Fishermen in the harbour said they had heard of such talks before. The port has "
    "been closed since a storm broke "
    "its northern wall, and repairs have waited for money that neither side wants to give alone.",
    "Kenya condemned the delay last month. France said at the time that its engineers "
    "were ready to begin whenever "
    "the contract was clear.",
)


def page(
    title: str, *paragraphs: str, site: str = "Post", published: str = "2024-05-06T08:00:00Z"
) -> web.Answer:
    body = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    return web.respond(
        f"<html lang='en'><head><title>{escape(title)} | {site}</title>"
        f"<meta property='article:published_time' content='{published}'></head><body>"
        "<nav><a href='/'>Home</a><a "
        f"href='/world'>World</a></nav><article><h1>{escape(title)}</h1>{body}"
        "<p>Sign up for our free newsletter to get stories like this in your "
        "inbox.</p></article></body></html>"
    )


def feed(*links: str) -> web.Answer:
    items = "".join(
        f"<item><title>item {n}</title><link>{escape(u)}</link></item>" for n, u in enumerate(links)
    )
    return web.respond(
        f"<rss version='2.0'><channel><title>Feed</title>{items}</channel></rss>",
        kind="application/rss+xml",
    )


FEEDS = (
    "http://post.test/feed",
    "http://herald.test/feed",
    "http://broken.test/feed",
    "http://gone.test/feed",
)


def routes() -> dict[str, web.Answer]:
    """Two sound feeds, one that is malformed and one whose server hangs up.

    Pages good, missing, huge and endless.
    """
    harbour = page("Talks on the harbour", LEDE, *REST)
    return {
        "post.test/feed": feed(
            "http://post.test/harbour", "http://post.test/huge", "http://post.test/endless"
        ),
        "herald.test/feed": feed(
            "http://herald.test/a?utm_source=rss",
            "http://herald.test/missing",
            "http://herald.test/nothing",
        ),
        "broken.test/feed": web.respond(
            "<rss><channel><title>Broken</ti", kind="application/rss+xml"
        ),
        "gone.test/feed": web.hang_up(),
        "post.test/harbour": harbour,
        "post.test/huge": web.huge(200 * 1024 * 1024, declared=False),
        "post.test/endless": web.slow(60),
        "herald.test/a": page("A port in dispute", LEDE, *REST, site="Herald"),
        "herald.test/nothing": web.respond("<html><body><nav>Home</nav></body></html>"),
        "/robots.txt": web.status(404),
    }
