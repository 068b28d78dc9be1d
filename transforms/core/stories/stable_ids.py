"""Ids once given stay: which of several groups keeps an id, and what becomes of the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

_MOST = 100
"""Ids made from one member of a group, at most. A member needs a new one each time its group is
split: this bounds the search."""


@dataclass(slots=True)
class StableIds:
    """Gives ids to groups in turn, so that no id is ever given twice.

    A group's member is asked for a new id with a number: one above the greatest of its ids that are
    known. The last id made from a member is always known where the member is, as its group's id or
    among those its group took over.
    """

    previous: dict[str, frozenset[str]]
    """Ids in the lake before, each with the ids it had taken over."""
    taken: set[str] = field(default_factory=set)
    _known: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Gather all the ids that the lake knows."""
        self._known = frozenset(self.previous).union(*self.previous.values())

    def assign(self, old: Iterable[str], make: Callable[[int], str]) -> tuple[str, list[str]]:
        """Return a group's id and its `previous_ids`.

        `old` are the ids its members had, those of the earliest member first; `make(n)` gives the
        n-th choice for a new one.
        """
        free = [i for i in dict.fromkeys(old) if i not in self.taken]
        chosen = free[0] if free else self._new(make)
        self.taken.update(free, {chosen})
        merged = {i for i in free if i != chosen}
        inherited = {p for i in free for p in self.previous.get(i, frozenset())}
        return chosen, sorted((merged | inherited) - {chosen})

    def _new(self, make: Callable[[int], str]) -> str:
        known = (n for n in range(_MOST) if (made := make(n)) in self.taken or made in self._known)
        last = max(known, default=-1)
        return make(last + 1)
