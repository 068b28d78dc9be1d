"""Calibrate the confidence of an event: the share of similar events that were correct."""

from collections.abc import Sequence
from itertools import pairwise

Curve = Sequence[tuple[float, float]]
"""Points (raw score, share of correct events), rising in both."""


def calibrate(raw: float, curve: Curve) -> float:
    """Return the share of events of that raw score that were correct, interpolated linearly.

    No event is dropped for its confidence: below 0.5 it is a guess, and readers who need few
    errors filter at 0.7.

    The curve is an isotonic regression (pool adjacent violators, add-one smoothed, seven bins) of
    correctness on the raw score, which is made of the rule's weight and conditions, the countries
    of the parties and the modality. It was fitted on one half of PLOVER's gold sentences (correct:
    gold has the type) and of 50 articles judged by hand (correct: type, parties and modality as in
    the sentence). Its points are in the language's `words.toml`.
    """
    if not curve:
        return raw
    for (x0, y0), (x1, y1) in pairwise(curve):
        if raw <= x1:
            return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)
    return curve[-1][1]
