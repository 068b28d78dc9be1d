"""Train the model that tells the blocks of an article (`transforms/rules/article_blocks.json`).

    python -m bench.train_blocks FOLDER [FOLDER ...] [-o FILE]

Each folder has pages and the texts of their articles: gold.jsonl with `{"id", "body", "site"}` a
line, and html/<id>.html.gz. Their licences must allow it: the model in the project was trained on
pages of https://github.com/Murrough-Foley/web-content-extraction-benchmark (CC BY 4.0). A block is
the article's if its text is found in the body. Prints the share of blocks that are told right on
pages of sites left out, by five folds. Needs lightgbm (`pip install lightgbm==4.7.0`).
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bench.extraction import read_pages
from bench.extractors import NOW
from transforms.core.extract.alignment import align, covered
from transforms.core.extract.block_features import FEATURES, block_features
from transforms.core.extract.body import extracted_blocks, kept_blocks
from transforms.core.extract.captions import find_captions
from transforms.core.extract.dialogs import remove_dialogs
from transforms.core.extract.html_document import parse
from transforms.core.extract.named_elements import named_elements
from transforms.core.extract.rendered_blocks import render
from transforms.core.extract.selection import MIN_SHARE
from transforms.errors import ExtractError
from transforms.records import FeedEntry, Page

OUT = Path("transforms/rules/article_blocks.json")
FOLDS = 5
# A body that the page does not show word for word cannot say which blocks are its own.
MAX_LOST_SHARE = 0.25
# Each page counts the same, whatever its length; the shortest count less.
MIN_PAGE_WORDS = 200
TREES, LEAVES, RATE, MIN_IN_LEAF = 40, 8, 0.15, 60


@dataclass(frozen=True, slots=True)
class LabelledPage:
    """The features of a page's blocks, which of them are the article's, and their weights."""

    site: str
    features: list[list[float]]
    labels: list[bool]
    weights: list[float]


def labelled_pages(folder: Path) -> Iterator[LabelledPage]:
    """Yield the pages of a folder whose bodies are found among their blocks."""
    rows = [json.loads(line) for line in (folder / "gold.jsonl").open(encoding="utf-8")]
    golds, contents = read_pages(folder)
    rows = [row for row in rows if row.get("body") is not None]
    for row, gold, content in zip(rows, golds, contents, strict=True):
        found = _labelled(row.get("site") or row["id"], gold.body, content)
        if found:
            yield found


def _labelled(site: str, gold: str, content: bytes) -> LabelledPage | None:
    entry = FeedEntry(url="http://file.invalid/page", url_key="page", first_seen_at=NOW)
    page = Page(
        entry=entry, final_url=entry.url, content_type=None, content=content, fetched_at=NOW
    )
    try:
        tree = parse(page)
    except ExtractError:
        return None
    remove_dialogs(tree)
    captions = find_captions(tree, named_elements(tree)).elements
    rendered = render(tree, captions).blocks
    for element in captions:
        element.drop_tree()
    kept = kept_blocks(align(extracted_blocks(tree, rendered), rendered), rendered)
    lines = [line for line in gold.split("\n") if line.strip()]
    spans = align(lines, rendered)
    lost = sum(len(line) for line, span in zip(lines, spans, strict=True) if span is None)
    own = covered(spans)
    if not own or lost > MAX_LOST_SHARE * sum(map(len, lines)):
        return None
    words = [len(block.text.split()) + 2 for block in rendered]
    total = max(sum(words[index] for index in own), MIN_PAGE_WORDS)
    return LabelledPage(
        site,
        block_features(rendered, kept),
        [index in own for index in range(len(rendered))],
        [count / total for count in words],
    )


def train(pages: Sequence[LabelledPage]) -> Any:
    """Return the trained booster."""
    lightgbm = import_module("lightgbm")
    data = lightgbm.Dataset(
        np.array([row for page in pages for row in page.features]),
        label=[label for page in pages for label in page.labels],
        weight=[weight for page in pages for weight in page.weights],
        feature_name=list(FEATURES),
        free_raw_data=False,
    )
    parameters = {
        "objective": "binary",
        "num_leaves": LEAVES,
        "learning_rate": RATE,
        "min_data_in_leaf": MIN_IN_LEAF,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.6,
        "lambda_l2": 5,
        "seed": 1,
        "deterministic": True,
        "verbose": -1,
    }
    return lightgbm.train(parameters, data, num_boost_round=TREES)


def accuracy(pages: Sequence[LabelledPage]) -> float:
    """Return the weighted share of blocks told right, each by a model without its site."""
    right = total = 0.0
    for fold in range(FOLDS):
        inside = [page for page in pages if _fold(page) != fold]
        model = train(inside)
        for page in pages:
            if _fold(page) == fold:
                shares = model.predict(np.array(page.features))
                told = (shares >= MIN_SHARE) == np.array(page.labels)
                right += float(np.dot(told, page.weights))
                total += sum(page.weights)
    return right / total


def _fold(page: LabelledPage) -> int:
    return hashlib.sha256(page.site.encode()).digest()[0] % FOLDS


def exported(model: Any) -> dict[str, Any]:
    """Return the trees as `block_model` reads them: a list for each property of the nodes."""
    trees = [_nodes(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]
    return {
        "features": list(FEATURES),
        "depth": max(tree.pop("depth") for tree in trees),
        "trees": trees,
    }


def _nodes(root: dict[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {"feature": [], "threshold": [], "left": [], "right": [], "value": []}
    deepest = 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        number = len(tree["value"])
        is_leaf = "leaf_value" in node
        tree["feature"].append(0 if is_leaf else node["split_feature"])
        tree["threshold"].append(0.0 if is_leaf else float(f"{node['threshold']:.6g}"))
        tree["value"].append(float(f"{node['leaf_value']:.5g}") if is_leaf else 0.0)
        tree["left"].append(number)
        tree["right"].append(number)
        if not is_leaf:
            tree["left"][number] = add(node["left_child"], depth + 1)
            tree["right"][number] = add(node["right_child"], depth + 1)
        return number

    add(root, 0)
    return {**tree, "depth": deepest}


def main() -> None:
    """Train on the folders and write the model."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=OUT)
    chosen = parser.parse_args()
    pages = [page for folder in chosen.folders for page in labelled_pages(folder)]
    told = accuracy(pages)
    sys.stdout.write(f"{len(pages)} pages; {told:.4f} of the text told right on sites left out\n")
    chosen.output.write_text(json.dumps(exported(train(pages))) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
