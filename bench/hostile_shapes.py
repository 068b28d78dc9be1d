"""Hostile documents of any size: each has one part, repeated as often as is asked for."""

from collections.abc import Callable

Shape = Callable[[int], str]
"""Returns a document of so many parts."""
LEDE = "The council of the harbour town voted on Monday to close its old bridge for a year."


def repeated(part: str, around: str = "{}") -> Shape:
    """Return the shape of a part, in which `#` is its number, within a text."""

    def document(count: int) -> str:
        return around.replace("{}", "".join(part.replace("#", str(n)) for n in range(count)))

    return document


def _nested(start: str, end: str = "") -> Shape:
    return lambda count: start * count + "words" + end * count


def _many(shapes: dict[str, tuple[str, str]]) -> dict[str, Shape]:
    return {name: repeated(part, around) for name, (part, around) in shapes.items()}


PAGES: dict[str, Shape] = _many(
    {
        "list items": ("<li>Entry # of the register</li>", "<ul>{}</ul>"),
        "list items with colons": ("<li>Entry # of the register, as printed:</li>", "<ul>{}</ul>"),
        "list items not closed": ("<li>Entry # of the register", "<ul>{}"),
        "attributes": (" a#=#", "<p{}>x</p>"),
        "attributes without value": (" a#", "<p{}>x</p>"),
        "attributes of many tags": ("<b a1 a2 a3 a4 a5 a6 a7 a8 a9 id=#>x</b> ", "{}"),
        "classes of a tag": ("byline-# ", "<p class='{}'>x</p>"),
        "tags not closed": ("<b>bold # ", "{}"),
        "paragraphs not closed": ("<p>The council voted to close bridge #. ", "{}"),
        "a tag without its end": ("word# ", "<p class='{}"),
        "lone brackets": ("< ", "{}"),
        "lone brackets with letters": ("<a ", "{}"),
        "end tags": ("</div></p>", "{}"),
        "spaces": (" ", "<p>a{}b.</p>"),
        "no-break spaces": ("\u00a0", "<p>a{}b.</p>"),
        "blank lines": ("\n", "<pre>a{}b.</pre>"),
        "line breaks": ("<br>", "{}"),
        "lines with breaks": ("Line # of the poem<br>", "<p>{}</p>"),
        "quotes": ('"', "<p>{}</p>"),
        "typographic quotes": ("“", "<p>{}</p>"),
        "dialogue": ("<p>“Boat #”, she said: “No.”</p>", "{}"),
        "rows of a table": ("<tr><td>1<td>2<td>#</tr>", "<table>{}</table>"),
        "cells of a row": ("<td>#</td>", "<table><tr>{}</table>"),
        "tables": ("<table><tr><td>1<td>#</table>", "{}"),
        "links": ("<a href='/#'>Link #</a> ", "{}"),
        "lines of links": ("<p><a href='/#'>Boats leave pier # again</a></p>", "{}"),
        "headings": ("<h2>Part # of it</h2><p>The council voted to close bridge #.</p>", "{}"),
        "first headings": ("<h1>Part # of it</h1>", "{}"),
        "headings alone": ("<h3>Part # of it</h3>", "{}"),
        "captions": (
            "<figure><img src='#.jpg'><figcaption>Pier # at night</figcaption></figure>",
            "{}",
        ),
        "images": ("<img src='#.jpg' alt='Pier # at night'>", "{}"),
        "entities": ("&amp;&#39;&nbsp;", "<p>{}</p>"),
        "entities of nothing": ("&x#;", "<p>{}</p>"),
        "ampersands": ("&", "<p>{}</p>"),
        "comments": ("<!-- # -->", "{}"),
        "comments not closed": ("<!-- # ", "{}"),
        "scripts": ("<script>a<b;</script>", "{}"),
        "scripts not closed": ("<script>a<b; ", "{}"),
        "styles": ("<style>p</style>", "{}"),
        "sections": ("<section><p>The council voted to close bridge #.</p></section>", "{}"),
        "articles": ("<article><p>The council voted to close bridge #.</p></article>", "{}"),
        "asides": ("<aside><p>Read more on bridge #</p></aside>", "{}"),
        "spans": ("<span>a</span>", "<p>{}</p>"),
        "repeats": ("<p>The council voted on Monday evening to close the old bridge.</p>", "{}"),
        "labels": ("<p>Advertisement</p><p>Read more</p>", "{}"),
        "times of day": ("<p>12:3#</p><p>The council voted to close the old bridge.</p>", "{}"),
        "dates": ("<time datetime='2026-01-05'>5 January 2026</time> ", "{}"),
        "dates in prose": ("<p>On 5 January 2026 at 12.#, boat # left.</p>", "{}"),
        "authors": ("<a rel='author' href='/author/x#'>Jane Roe #</a>", "{}"),
        "bylines": ("<p class='byline'>By Jane Roe#</p>", "{}"),
        "names of a byline": ("Jane Roe#, ", "<p class='byline'>By {}</p>"),
        "hidden boxes": ("<div class='related ad-#' hidden>Boat #</div>", "{}"),
        "cards": (
            "<div><h2><a href='/#'>Boat # sails</a></h2><p>It is # years old.</p></div>",
            "{}",
        ),
        "dialogs": ("<div role='dialog'><p>We use cookies on device #.</p></div>", "{}"),
        "buttons that accept": ("<div><p>Cookies and privacy #</p><button>Accept</button>", "{}"),
        "forms": ("<form><input name=a#><button>Sign up #</button></form>", "{}"),
        "a long word": ("a", "<p>{}</p>"),
        "brackets": ("[", "<p>{}</p>"),
        "parentheses": ("(", "<p>{}</p>"),
        "stops": (". ", "<p>{}</p>"),
        "dashes": ("– ", "<p>{}</p>"),
        "bars": ("| ", "<p>{}</p>"),
        "one long sentence": ("the boats of pier # sail and ", "<p>Harbour: {}</p>"),
        "sentences of one word": ("Yes. ", "<p>{}</p>"),
        "items in JSON": (
            '{"@type":"NewsArticle","headline":"#"},',
            "<script type='application/ld+json'>[{}null]</script>",
        ),
        "authors in JSON": (
            '{"@type":"Person","name":"Jane Roe #"},',
            '<script type=\'application/ld+json\'>{"@type":"NewsArticle","author":[{}null]}'
            "</script>",
        ),
        "scripts of JSON": (
            '<script type="application/ld+json">{"@type":"Person","name":"#"}</script>',
            "{}",
        ),
        "body in JSON": (
            "The council voted to close bridge #. ",
            '<script type=\'application/ld+json\'>{"@type":"NewsArticle","articleBody":"{}"}'
            "</script>",
        ),
        "broken JSON": (
            '{"@type":"NewsArticle",,"headline":"#",}//\n',
            "<script type='application/ld+json'>{}</script>",
        ),
        "quotes in JSON": ('"', "<script type='application/ld+json'>{\"a\":{}</script>"),
        "fields named author": ("<meta name='author' content='Jane Roe #'>", "{}"),
        "a long title": ("word # ", "<title>{}</title>"),
        "a title of bars": ("Boats | ", "<title>{}</title>"),
        "links of the head": ("<link rel='canonical' href='/#'>", "{}"),
    }
) | {
    "nested tags": _nested("<div>"),
    "nested tags that end": _nested("<div>", "</div>"),
    "nested bold": _nested("<b>", "</b>"),
    "nested lists": _nested("<ul><li>a", "</ul>"),
    "nested quotations": _nested("<blockquote><p>a</p>", "</blockquote>"),
    "nested tables": _nested("<table><tr><td>a"),
    "nested JSON": lambda count: (
        "<script type='application/ld+json'>" + "[" * count + "]" * count + "</script>"
    ),
}
"""Bodies of pages."""

STATES: dict[str, Shape] = _many(
    {
        "paragraphs": (
            '{"type":"p","text":"The council voted to close bridge #."},',
            '{"a":[{}0]}',
        ),
        "articles": (
            '{"title":"Town to close its bridge","body":"The council voted on bridge #."},',
            '{"a":[{}0]}',
        ),
        "names": ('"a#":"The council voted to close bridge #.",', '{{}"b":0}'),
        "spans": ('{"text":"bridge # "},', '{"a":[{"b":[{}0]}]}'),
        "references": ("[#],", "[{}0]"),
        "code": ("function(a#){return {b:#}};", "{"),
        "assignments": ("window.a# = {b:#};", "{}"),
        "quotes": ('"', '{"a":{}'),
        "spaces": (" ", '{"a":"b{}c"}'),
        "tags": ("<p>The council voted to close bridge #.", '{"body":"{}"}'),
        "lone brackets": ("<", '{"body":"{}"}'),
    }
) | {"nested": lambda count: '{"a":' * count}
"""States of applications in pages without text."""

TEXTS: dict[str, Shape] = _many(
    {
        "list items": ("- Entry # of the register\n\n", "{}"),
        "list items with colons": ("- Entry # of the register, as printed:\n\n", "{}"),
        "lines with colons": ("Here is what to do in part #:\n\n", "{}"),
        "dialogue": ("“Boat # will sail”, she said: “No, it will not.”\n\n", "{}"),
        "quotes": ('"', "The minister said {} on Monday."),
        "typographic quotes": ("“", "The minister said {} on Monday."),
        "quotations": ("“We attacked Kenya in place #,” the minister of France said. ", "{}"),
        "times of day": ("12:#\n\n", "{}"),
        "rows of a table": ("| 1 | 2 | # |\n\n", "{}"),
        "repeats": ("The council voted on Monday evening to close the old bridge.\n\n", "{}"),
        "captions": ("Photo: Jane Roe #\n\n", "{}"),
        "credits": ("By Jane Roe #, Reuters\n\n", "{}"),
        "labels": ("Advertisement\n\n", "{}"),
        "two labels": ("Advertisement\n\nRead more\n\n", "{}"),
        "subheadings": ("Part # of it\n\nThe council voted to close bridge #.\n\n", "{}"),
        "links": ("https://a.test/# ", "Read {} now."),
        "spaces": (" ", "The minister{}met envoys of Kenya."),
        "blank lines": ("\n", "The minister met envoys.{}They left."),
        "stops": (". ", "The minister met envoys{}"),
        "ellipses": ("... ", "The minister met envoys {}"),
        "commas": (", ", "The minister of France {} met envoys of Kenya."),
        "dashes": (" – ", "The minister {} met envoys."),
        "hyphens": ("well-", "A {}known minister met envoys of Kenya."),
        "parentheses": ("(", "The minister of France {} met envoys of Kenya."),
        "pairs of parentheses": ("(#) ", "The minister of France {} met envoys of Kenya."),
        "abbreviations": ("Mr. ", "The minister met {} of Kenya."),
        "initials": ("J. ", "The minister met {}Roe of Kenya."),
        "a long word": ("a", "The minister met {} of Kenya."),
        "words in capitals": ("BOAT ", "{}"),
        "a dateline": ("LONDON ", "{}(Reuters) - The minister met envoys."),
        "sentences of one word": ("Yes. ", "{}"),
        "questions": ("Boat #? Yes.\n\n", "{}"),
        "one long sentence": ("the minister of France met envoys of Kenya and ", "On Monday {}."),
        "clauses with that": ("the minister said that ", "On Monday {}France attacked Kenya."),
        "clauses with who": ("the man who attacked ", "On Monday {}Kenya left."),
        "countries in a row": ("France, Kenya, ", "On Monday {}and Peru attacked Chad."),
        "countries with and": ("France and Kenya and ", "On Monday {}Peru attacked Chad."),
        "recipients in a row": ("Kenya, Peru, ", "On Monday France attacked {}and Chad."),
        "verbs in a row": ("attacked, bombed, condemned, ", "On Monday France {}and left Kenya."),
        "phrases with of": ("of the minister ", "On Monday an envoy {}met Kenya."),
        "names": ("Amina Roe#, ", "Ministers met {}and left."),
        "sentences with names": ("Amina Roe# met Jane Doe# of Kenya. ", "{}"),
        "offices": ("Kenyan President Amina Roe# met envoys. ", "{}"),
        "offices of one person": ("Kenyan President Amina Roe met Minister # of France. ", "{}"),
        "pronouns": ("He attacked Kenya. ", "The minister of France met envoys. {}"),
        "anaphora": ("This condemned Kenya in place #. ", "France met envoys. {}"),
        "numbers": ("12,# ", "Protests killed {}people in Kenya."),
        "dates": ("On 5 May 2024, France attacked Kenya. ", "{}"),
        "dates of a sentence": ("on 5 May 2024, ", "France attacked Kenya {}again."),
        "weekdays": ("on Monday ", "France attacked Kenya {}again."),
        "places": ("in Nairobi, ", "France attacked rebels {}again."),
        "events of one kind": ("France attacked Kenya in place #. ", "{}"),
        "events of many kinds": (
            "France attacked Kenya. Peru condemned Chad. Chad met Peru#. ",
            "{}",
        ),
        "events of named parties": ("France attacked the rebel Roe#.\n\n", "{}"),
        "arrests": ("Police in Kenya arrested Jane Roe# on Monday. ", "{}"),
    }
)
"""Bodies of articles."""

FEEDS: dict[str, Shape] = _many(
    {
        "items": ("<item><title>Boat #</title><link>http://a.test/#</link></item>", "{}"),
        "items not closed": ("<item><title>Boat #</title>", "{}"),
        "attributes": ("<item a1='1' a2='2' a3='3' a4='4' id='#'/>", "{}"),
        "attributes of a tag": (" a#='#'", "<item{}/>"),
        "attributes without value": (" a#", "<item{}/>"),
        "namespaces": ("<item xmlns:a#='urn:#'/>", "{}"),
        "a tag without its end": ("word# ", "<item class='{}"),
        "lone brackets": ("< ", "{}"),
        "lone brackets with letters": ("<a ", "{}"),
        "entities": ("&amp;&lt;", "<item><title>{}</title></item>"),
        "entities of nothing": ("&x#;", "<item><title>{}</title></item>"),
        "ampersands": ("& ", "<item><title>{}</title></item>"),
        "CDATA": ("<![CDATA[a]]>", "<item><title>{}</title></item>"),
        "CDATA not closed": ("<![CDATA[a ", "<item><title>{}</title></item>"),
        "comments": ("<!-- # -->", "{}"),
        "comments not closed": ("<!-- ", "{}"),
        "a long title": ("word ", "<item><title>{}</title></item>"),
        "spaces": (" ", "<item><title>a{}b</title></item>"),
        "titles of an item": ("<title>Boat #</title>", "<item>{}</item>"),
        "links of an item": ("<link>http://a.test/#</link>", "<item>{}</item>"),
        "categories of an item": ("<category>Boats #</category>", "<item>{}</item>"),
        "categories of a feed": ("<category>Boats #</category>", "{}"),
        "tags of an item": ("boats #,", "<item><tags>{}</tags></item>"),
        "authors of an item": ("<author>Jane Roe #</author>", "<item>{}</item>"),
        "dates of an item": ("<pubDate>Mon, 5 Jan 2026 10:00</pubDate>", "<item>{}</item>"),
        "a date": ("12:", "<item><pubDate>{}</pubDate></item>"),
        "escaped HTML": ("&lt;b&gt;a ", "<item><description>{}</description></item>"),
        "HTML": ("<b>a</b> ", "<item><description>{}</description></item>"),
        "end tags": ("</b>", "<item><description>{}</description></item>"),
    }
) | {"nested tags": _nested("<b>", "</b>"), "nested items": _nested("<item>", "</item>")}
"""Contents of the channel of an RSS feed."""

OUTLINES: dict[str, Shape] = _many(
    {
        "feeds": ("<outline xmlUrl='http://a.test/#'/>", "{}"),
        "folders": ("<outline text='#'><outline xmlUrl='http://a.test/#'/></outline>", "{}"),
        "attributes of a tag": (" a#='#'", "<outline{}/>"),
        "a long name": (
            "word ",
            "<outline text='{}'><outline xmlUrl='http://a.test/1'/></outline>",
        ),
        "entities of nothing": ("&x#;", "<outline text='{}'/>"),
        "broken tags": ("<outline ", "{}"),
    }
) | {"nested folders": _nested("<outline text='a'>", "</outline>")}
"""Contents of the body of an OPML list."""

TOML_LISTS: dict[str, Shape] = _many(
    {
        "feeds": ("[[feed]]\nurl = 'http://a.test/#'\n", "{}"),
        "parts of a key": (".a", "a{} = 1"),
        "parts of a table": (".a", "[a{}]"),
        "quoted parts of a key": ('."a"', "a{} = 1"),
        "keys of a few parts": ("a#.b.c.d = 1\n", "{}"),
        "tables": ("[a#]\n", "{}"),
        "tables within one": ("[a.b#]\n", "{}"),
        "values of an array": ("1,", "a = [{}]"),
        "comments": ("# a.b.c\n", "{}"),
        "a long text": ("a.", "a = '{}'"),
        "escapes": ("\\\\", 'a = "{}"'),
        "quotes": ("'", "a = {}"),
        "spaces": (" ", "a ={}1"),
    }
) | {
    "nested arrays": lambda count: "a = " + "[" * count + "]" * count,
    "nested tables": lambda count: "a = " + "{a=" * count + "1" + "}" * count,
}
"""Lists of feeds in TOML."""

URL_LISTS: dict[str, Shape] = _many(
    {
        "links": ("http://a.test/#\n", "{}"),
        "links that are none": ("a b #\n", "{}"),
        "blank lines": ("\n", "{}"),
        "a long line": ("a", "http://a.test/{}\n"),
        "comments": ("# a\n", "{}"),
        "parts of a path": ("../a/", "http://a.test/{}\n"),
        "parts of a query": ("utm_a#=1&", "http://a.test/?{}\n"),
        "escapes": ("%41", "http://a.test/{}\n"),
        "labels of a host": ("a.", "http://{}test/\n"),
    }
)
"""Lists of links, one a line."""

SITEMAPS: dict[str, Shape] = _many(
    {
        "links": ("<url><loc>http://a.test/#</loc></url>", "{}"),
        "links not closed": ("<url><loc>http://a.test/#", "{}"),
        "links of one item": ("<loc>http://a.test/#</loc>", "<url>{}</url>"),
        "attributes of a tag": (" a#='#'", "<url{}/>"),
        "entities of nothing": ("&x#;", "<url><loc>{}</loc></url>"),
        "ampersands": ("& ", "<url><loc>{}</loc></url>"),
        "lone brackets": ("< ", "{}"),
        "comments not closed": ("<!-- ", "{}"),
    }
) | {"nested tags": _nested("<url>", "</url>")}
"""Contents of a sitemap."""

CAPTURES: dict[str, Shape] = _many(
    {
        "rows": ("test,a)/# 20260105100000 http://a.test/# text/html 200 AAAA#\n", "{}"),
        "rows that are none": ("a b #\n", "{}"),
        "rows of one capture": ("test,a)/ 20260105100000 http://a.test/ text/html 200 AA\n", "{}"),
        "blank lines": ("\n", "{}"),
        "keys of more rows": ("key#\n\n", "test,a)/ 20260105 http://a.test/ text/html 200 A\n\n{}"),
        "headers": (" CDX N b a m s k\n", "{}"),
        "columns of a header": (" b", " CDX{}\n"),
        "fields of a row": ("a ", "test,a)/ 20260105100000 {}\n"),
        "digits of a time": ("1", "test,a)/ {} http://a.test/ text/html 200 A\n"),
        "a long key": ("a", "{} 20260105100000 http://a.test/ text/html 200 A\n"),
        "objects": ('test,a)/# 20260105100000 {"url": "http://a.test/#", "mime": "a"}\n', "{}"),
        "fields of an object": (
            '"a#": "1", ',
            'test,a)/ 20260105100000 {{}"url": "http://a.test/"}\n',
        ),
        "arrays": ('["20260105100000", "http://a.test/#"],', '[["timestamp", "original"],{}[]]'),
        "fields of an array": ('"a#",', '[["timestamp", "original"],[{}"a"]]'),
        "empty arrays": ("[],", '[["timestamp", "original"],{}[]]'),
        "commas": (", ", '[["timestamp", "original"]{}]'),
        "beginnings of arrays": ("[", "{}"),
        "braces": ("{", "{}"),
    }
) | {
    "nested arrays": lambda count: '[["timestamp", "original"],' + "[" * count + "]" * count + "]",
    "nested objects": lambda count: (
        "test,a)/ 20260105100000 " + '{"a": ' * count + "1" + "}" * count + "\n"
    ),
}
"""Indexes of captures."""

VERSIONS: dict[str, Shape] = _many(
    {
        "every second word": ("again today# ", "{}"),
        "every second paragraph": ("again\n\ntoday#\n\n", "{}"),
        "one word": ("again ", "{}today"),
        "one changed word": ("today ", "{}"),
        "lines": ("The council voted today to close bridge #.\n\n", "{}"),
        "equal lines": ("The council voted today.\n\n", "{}"),
    }
)
"""Texts of an article in which `today` becomes `tomorrow`."""

ROWS: dict[str, Shape] = _many(
    {
        "rows": ('{"url": "http://a.test/#", "text": "Boats leave pier #."}\n', "{}"),
        "rows that are none": ("[#\n", "{}"),
        "columns": ('"a#": 1, ', '{"url": "http://a.test/1", {}"text": "Boats leave."}\n'),
        "a long text": ("a ", '{"url": "http://a.test/1", "text": "{}"}\n'),
        "escapes": ("\\u0041", '{"url": "http://a.test/1", "text": "{}"}\n'),
        "blank lines": ("\n", "{}"),
        "spaces": (" ", '{"url": "http://a.test/1",{}"text": "Boats leave."}\n'),
    }
) | {
    "nested arrays": lambda count: '{"a": ' + "[" * count + "]" * count + "}\n",
    "a long number": lambda count: '{"a": ' + "1" * count + "}\n",
    "a long time": lambda count: (
        '{"url": "http://a.test/1", "text": "a", "date": "' + "1 " * count + '"}\n'
    ),
}
"""Files of JSON Lines."""

RECORDS: dict[str, Shape] = _many(
    {
        "records": (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/#\r\n"
            "WARC-Date: 2026-01-05T10:00:00Z\r\nContent-Length: 43\r\n\r\n"
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n\r\n\r\n",
            "{}",
        ),
        "records too long": (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/#\r\n"
            "WARC-Date: 2026-01-05T10:00:00Z\r\nContent-Length: 4000000\r\n\r\n",
            "{}",
        ),
        "beginnings of records": ("WARC/1.0\r\n", "{}"),
        "beginnings in a block": (
            "WARC/1.0\r\na: b\r\n",
            "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 900000000\r\n\r\n{}",
        ),
        "lines of a header": ("A-#: b\r\n", "WARC/1.0\r\nWARC-Type: response\r\n{}\r\n"),
        "lines of an HTTP header": (
            "A-#: b\r\n",
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/1\r\n"
            "WARC-Date: 2026-01-05T10:00:00Z\r\nContent-Length: 900000000\r\n\r\n"
            "HTTP/1.1 200 OK\r\n{}\r\n",
        ),
        "chunks": (
            "1\r\na\r\n",
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.test/1\r\n"
            "WARC-Date: 2026-01-05T10:00:00Z\r\nContent-Length: 900000000\r\n\r\n"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        ),
        "blank lines": ("\r\n", "WARC/1.0\r\n{}"),
        "bytes of gzip": ("\x1f\x8b\x08", "WARC/1.0\r\n{}"),
    }
)
"""WARC files."""
