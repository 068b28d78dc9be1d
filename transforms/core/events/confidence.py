"""How sure is an event: how often was one like it right?"""

from collections.abc import Sequence
from itertools import pairwise

Curve = Sequence[tuple[float, float]]
"""Points (raw score, share that was right), rising in both."""


def calibrate(raw: float, curve: Curve) -> float:
    """Return the share of events of that raw score that were right, between the points of the
    curve.

    All events are kept: below 0.5 one is a guess, and a reader who wants few errors takes 0.7.

    The curve is isotonic regression (pool adjacent violators, add-one smoothed, seven bins) of
    right against the raw score, which a rule's weight, its demands, the countries of the parties
    and the modality make up. It was fitted on one half of PLOVER's gold sentences (right: gold has
    the type) and of 50 articles that were read and judged by hand (right: type, parties and
    modality as in the sentence). The language's `words.toml` has its points.
    """
    if not curve:
        return raw
    for (x0, y0), (x1, y1) in pairwise(curve):
        if raw <= x1:
            return y0 + (y1 - y0) * (raw - x0) / (x1 - x0)
    return curve[-1][1]
