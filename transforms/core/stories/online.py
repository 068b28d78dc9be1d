"""Group copies as texts arrive, each by the texts before it alone."""

import numpy as np

from transforms.core.stories.fingerprint import (
    MIN_SIMILARITY,
    MIN_WORDS,
    close_to,
    fingerprint,
    shingles,
    similarity,
    words_of,
)


class OnlineGroups:
    """The groups of copies among the texts so far; a group is named after its first text."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._shingles: list[frozenset[int]] = []
        self._prints = np.zeros(1024, dtype=np.int64)

    def add(self, name: str, text: str) -> str:
        """Add a text, and return the name of its group."""
        if len(words_of(text)) < MIN_WORDS:
            return name
        text_print, text_shingles = fingerprint(text), shingles(text)
        known = self._prints[: len(self._names)]
        for at in close_to(text_print, known):
            if similarity(text_shingles, self._shingles[int(at)]) >= MIN_SIMILARITY:
                name = self._names[int(at)]
                break
        self._remember(name, text_print, text_shingles)
        return name

    def _remember(self, name: str, text_print: int, text_shingles: frozenset[int]) -> None:
        if len(self._names) == len(self._prints):
            # Doubled, so that the cost of copying stays constant per text.
            self._prints = np.concatenate([self._prints, np.zeros_like(self._prints)])
        self._prints[len(self._names)] = text_print
        self._names.append(name)
        self._shingles.append(text_shingles)
