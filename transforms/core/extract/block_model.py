"""Estimate for each block whether the article's text has it: boosted trees over its features.

The trees are data (`transforms/rules/article_blocks.json`), trained by `python -m
bench.train_blocks`. All trees are evaluated at once, level by level, for all blocks.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from transforms.core.extract.block_features import FEATURES

_Floats = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Trees:
    """The nodes of all trees, a row for each tree: inner nodes first, a leaf leads to itself.

    A node's `feature` is compared with its `threshold`; `left` is the next node if it is not
    greater, `right` if it is. `value` is what a leaf adds to the logarithm of the odds.
    """

    feature: _Ints
    threshold: _Floats
    left: _Ints
    right: _Ints
    value: _Floats
    depth: int


def article_shares(features: Sequence[Sequence[float]]) -> list[float]:
    """Return for each block, given its features, how likely it is the article's, from 0 to 1."""
    if not features:
        return []
    trees = _load()
    rows = np.asarray(features, dtype=np.float64)
    count, width = len(rows), len(trees.feature)
    tree = np.arange(width)
    block = np.arange(count)[:, None]
    node = np.zeros((count, width), dtype=np.int32)
    for _ in range(trees.depth):
        goes_left = rows[block, trees.feature[tree, node]] <= trees.threshold[tree, node]
        node = np.where(goes_left, trees.left[tree, node], trees.right[tree, node])
    odds = trees.value[tree, node].sum(axis=1)
    shares: list[float] = (1 / (1 + np.exp(-odds))).tolist()
    return shares


@lru_cache(maxsize=1)
def _load() -> _Trees:
    text = files("transforms").joinpath("rules/article_blocks.json").read_text("utf-8")
    model = json.loads(text)
    names = {name: index for index, name in enumerate(FEATURES)}
    columns = [names[name] for name in model["features"]]
    size = max(len(tree["value"]) for tree in model["trees"])
    shape = len(model["trees"]), size
    feature, left, right = (np.zeros(shape, dtype=np.int32) for _ in range(3))
    threshold, value = np.zeros(shape), np.zeros(shape)
    for row, tree in enumerate(model["trees"]):
        nodes = len(tree["value"])
        feature[row, :nodes] = [columns[number] for number in tree["feature"]]
        threshold[row, :nodes] = tree["threshold"]
        left[row, :nodes] = tree["left"]
        right[row, :nodes] = tree["right"]
        value[row, :nodes] = tree["value"]
    return _Trees(feature, threshold, left, right, value, model["depth"])
