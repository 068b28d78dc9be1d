"""Feeds that move: permanent redirects are counted, and followed after several polls in a row."""

from dataclasses import replace

from transforms.records import FeedState

# Polls in a row that must report the same move before it is followed: one may be a temporary
# mistake of a server; three are at least 20 minutes apart (`hints.MIN_INTERVAL_S`).
MOVES_UNTIL_FOLLOWED = 3

# `moved_count` and `attempt` are 16-bit columns.
MAX_COUNT = 32_000


def polled_url(state: FeedState) -> str:
    """Return the URL to poll: the configured one, or where it has moved to for good."""
    is_followed = state.moved_count >= MOVES_UNTIL_FOLLOWED
    moved_to = state.moved_to if is_followed else None
    return moved_to or state.source.feed_url


def is_moved(state: FeedState) -> bool:
    """Return whether another URL than the configured one is polled."""
    return polled_url(state) != state.source.feed_url


def count_move(state: FeedState, target: str | None) -> FeedState:
    """Return the state after a feed was received from `target` by permanent redirects.

    `target` is None for a response without such redirects.
    """
    if is_moved(state):
        # The new URL was polled. If it has moved too, the next poll starts from the configured URL.
        return state if target is None else forget_move(state)
    if target is None or target == state.source.feed_url:
        return forget_move(state)
    count = state.moved_count + 1 if target == state.moved_to else 1
    return replace(state, moved_to=target, moved_count=min(count, MAX_COUNT))


def forget_move(state: FeedState) -> FeedState:
    """Return the state without its move: the configured URL is polled."""
    return replace(state, moved_to=None, moved_count=0)
