"""Events of copies are clustered in work that grows with the mentions, not with their square."""

from functools import partial
from typing import Any

import pytest

from tests.helpers.event_mentions import event_mention
from tests.helpers.work import count_steps
from transforms.core.stories.event_clusters import event_clusters

# Twice the mentions take twice the steps, and a little for the depth of a tree.
MAX_GROWTH = 2.4
Articles = list[list[dict[str, Any]]]


def other_events(count: int) -> Articles:
    return [[event_mention(str(n), 1, f"Roe{n}")] for n in range(count)]


def events_of_one_article(count: int) -> Articles:
    return [[event_mention("a", n, f"Roe{n}") for n in range(count)]]


def same_event(count: int) -> Articles:
    return [[event_mention(f"{n}", 1, "Roe")] for n in range(count)]


def same_signature(count: int) -> Articles:
    return [[event_mention("a", n, "Roe") for n in range(count)] for _ in range(2)]


def linked_by_the_last(count: int) -> Articles:
    return [*other_events(count), [event_mention("z", 1, f"Roe{n}") for n in range(count)]]


def linked_one_by_one(count: int) -> Articles:
    return [
        [event_mention(str(n), 1, f"Roe{n}"), event_mention(str(n), 1, f"Roe{n + 1}")]
        for n in range(count)
    ]


def linked_backwards(count: int) -> Articles:
    return [*other_events(count), *reversed(linked_one_by_one(count))]


@pytest.mark.parametrize(
    "articles",
    [
        other_events,
        events_of_one_article,
        same_event,
        same_signature,
        linked_by_the_last,
        linked_one_by_one,
        linked_backwards,
    ],
)
def test_twice_the_mentions_take_twice_the_work(articles: Any) -> None:
    small, large = (count_steps(partial(event_clusters, articles(count))) for count in (300, 600))
    assert large < MAX_GROWTH * small


@pytest.mark.parametrize(
    ("articles", "expected"),
    [
        (other_events, 9),
        (events_of_one_article, 9),
        (same_event, 1),
        (same_signature, 9),
        (linked_by_the_last, 1),
        (linked_one_by_one, 1),
        (linked_backwards, 1),
    ],
)
def test_clusters_are_those_that_signatures_connect(articles: Any, expected: int) -> None:
    assert len(event_clusters(articles(9))) == expected
