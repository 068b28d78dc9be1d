"""Assign ids that are stable from merge to merge, when groups are joined or split."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_MAX_IDS = 100
"""Most ids made from one member of a group; it bounds the search. A member needs a new id each time
that its group is split."""


@dataclass(slots=True)
class StableIds:
    """Assigns ids to groups one after the other, and no id twice.

    A new id is made from a member of the group and a number, one above that of the last known id
    made from the member. That id is always known if the member is in the lake: it is the id of the
    member's group, or among those that the group has taken over.
    """

    previous: dict[str, frozenset[str]]
    """Ids in the lake before the merge, each with the ids that its group had taken over."""
    taken: set[str] = field(default_factory=set)
    _known: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Collect all ids in the lake."""
        self._known = frozenset(self.previous).union(*self.previous.values())

    def assign(self, old: Iterable[str], make: Callable[[int], str]) -> tuple[str, list[str]]:
        """Return a group's id and its `previous_ids`.

        `old` are the previous ids of its members, in order of publication; `make(n)` returns the
        n-th candidate for a new id.
        """
        free = [i for i in dict.fromkeys(old) if i not in self.taken]
        chosen = free[0] if free else self._new(make)
        self.taken.update(free, {chosen})
        inherited = (self.previous.get(old_id, frozenset()) for old_id in free)
        taken_over = set(free).union(*inherited)
        return chosen, sorted(taken_over - {chosen})

    def _new(self, make: Callable[[int], str]) -> str:
        last_known = -1
        for number in range(_MAX_IDS):
            candidate = make(number)
            if candidate in self.taken or candidate in self._known:
                last_known = number
        return make(last_known + 1)
