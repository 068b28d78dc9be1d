"""An explanation as an HTML page that needs no other file."""

from collections.abc import Iterable

from pipelines.inspect.explanation import (
    Explanation,
    PageBlock,
    Row,
    article_fields,
    article_summary,
    mention_fields,
    mention_heading,
    page_blocks,
)
from pipelines.inspect.passages import passage_of, segments
from pipelines.terminal import safe_html
from transforms.core.prose import tidy

_STYLE = """
body { font: 17px/1.5 Georgia, serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b }
dl { font: 13px/1.5 sans-serif; display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem;
  color: #555 }
dd { margin: 0; overflow-wrap: anywhere }
.removed { background: #fdecea; border-left: 3px solid #c0392b; padding: .3rem .7rem;
  margin: 1rem 0 }
.removed b { font: 600 12px sans-serif; color: #c0392b; display: block }
.removed del { color: #7a3b34 }
mark { background: #fff3c4; padding: 0 .15rem }
mark b { font: 600 11px sans-serif; color: #8a6d00 }
blockquote { margin: .5rem 0; padding-left: .8rem; border-left: 3px solid #ddd;
  white-space: pre-wrap }
h2 { font-size: 1.05rem }
footer { font: 13px sans-serif; color: #555; border-top: 1px solid #ddd; padding-top: .5rem }
"""


def to_html(explanation: Explanation) -> str:
    """Return a page with an article, its removed blocks struck through, and its events' mentions;
    or with the mentions of an event.
    """
    if explanation.article is not None:
        article = explanation.article
        title = safe_html(tidy(article["title"] or "(no title)"))
        body = _article_html(article)
    else:
        mention, article = explanation.mentions[0]
        title = safe_html(tidy(mention_heading(mention)))
        body = ""
    language = safe_html(article["language"] or "")
    mentions = "\n".join(_mention_html(*pair) for pair in explanation.mentions)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{title}</h1>\n{body}{mentions}</body></html>\n"
    )


def _article_html(article: Row) -> str:
    fields = _list_html(article_fields(article))
    blocks = "\n".join(map(_block_html, page_blocks(article["body"], article["removed"])))
    footer = safe_html(article_summary(article))
    return f"{fields}\n<main>\n{blocks}\n</main>\n<footer>{footer}</footer>\n"


def _block_html(block: PageBlock) -> str:
    if block.removed_by is not None:
        reason, text = safe_html(block.removed_by), safe_html(block.text)
        return f'<div class="removed"><b>{reason}</b><del>{text}</del></div>'
    paragraphs = safe_html(block.text).split("\n\n")
    return "".join(f"<p>{paragraph}</p>".replace("\n", "<br>") for paragraph in paragraphs)


def _mention_html(mention: Row, article: Row) -> str:
    heading = safe_html(tidy(mention_heading(mention)))
    passage = passage_of(mention, article["title"], article["body"])
    words = "".join(_segment_html(text, label) for text, label in segments(passage))
    fields = _list_html(mention_fields(mention, article))
    return f"<section><h2>{heading}</h2><blockquote>{words}</blockquote>{fields}</section>"


def _segment_html(text: str, label: str | None) -> str:
    if label is None:
        return safe_html(text)
    return f"<mark><b>{label}</b> {safe_html(text)}</mark>"


def _list_html(fields: Iterable[tuple[str, str]]) -> str:
    items = "".join(
        f"<dt>{safe_html(name)}</dt><dd>{safe_html(value)}</dd>" for name, value in fields
    )
    return f"<dl>{items}</dl>"
