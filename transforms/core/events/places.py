"""Where did it happen?"""

from dataclasses import dataclass

from spacy.tokens import Token

from transforms.core.events.actors import span_of
from transforms.core.events.scene import Scene
from transforms.core.events.syntax import kids
from transforms.core.events.tables import word_set

_PREPS = (
    "in",
    "at",
    "near",
    "into",
    "on",
    "outside",
    "across",
    "along",
    "around",
    "inside",
    "throughout",
    "from",
    "to",
)
_AROUND = frozenset(("near", "outside", "along", "around"))
_GROUND = word_set(
    "border frontier territory soil city town village province region capital coast sea strait airport base"
)


@dataclass(frozen=True, slots=True)
class Place:
    """A location as written, its country, and how precisely that is known."""

    text: str | None = None
    country: str | None = None
    precision: str = "none"


def read_place(words: list[Token], scene: Scene) -> Place:
    """Return the place among the phrases that hang on a clause's words."""
    for name in _PREPS:
        for word in words:
            for prep in kids(word, "prep"):
                if prep.lower_ == name:
                    for pobj in kids(prep, "pobj"):
                        place = _place(prep, pobj, scene)
                        if place is not None:
                            return place
    return Place()


def _place(prep: Token, head: Token, scene: Scene) -> Place | None:
    if head.ent_type_ in ("DATE", "TIME", "PERSON", "MONEY", "CARDINAL", "EVENT") or (
        prep.lower_ in ("to", "from", "on") and not _ground(head, scene)
    ):
        return None
    start, end = span_of(head)
    entry = next(
        (
            scene.at[i].entry
            for i in range(end - 1, start - 1, -1)
            if i in scene.at and scene.at[i].entry.country not in (None, "IGO")
        ),
        None,
    )
    if not _ground(head, scene) and head.ent_type_ not in ("GPE", "LOC", "FAC"):
        return None
    text = scene.doc[start:end].text
    text = f"{scene.doc[prep.i : end].text}" if prep.lower_ in _AROUND else text
    return Place(text, entry.country if entry else None, "country" if entry else "none")


def _ground(head: Token, scene: Scene) -> bool:
    match = scene.at.get(head.i)
    named = match is not None and match.entry.kind in ("country", "seat", "place")
    return named or (head.lemma_.lower() in _GROUND and any(i in scene.at for i in range(*span_of(head))))
