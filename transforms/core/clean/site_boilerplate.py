"""What does the memory of a site know as boilerplate, and is a block of it?"""

from dataclasses import dataclass

from transforms.core.clean.outline import Shape, Zone
from transforms.core.ids import stable_id


@dataclass(frozen=True, slots=True)
class SiteBoilerplate:
    """The blocks of a site that are its boilerplate, by hash.

    `version` names this very set, None where it is empty.
    """

    hashes: frozenset[str] = frozenset()

    @property
    def version(self) -> str | None:
        """The name of the memory that cleaned an article."""
        return stable_id(*sorted(self.hashes)) if self.hashes else None

    def has(self, shape: Shape, zone: Zone | None) -> bool:
        """Return whether a block in a zone (None: where boilerplate does not stand) is boilerplate.

        A line that is proven in one zone is boilerplate in the other too, labels and paragraphs
        only where they are.
        """
        if shape.own or not shape.folded:
            return False
        if shape.long:
            return zone == "edge" and shape.key("edge") in self.hashes
        if shape.label:
            return shape.key(zone or "inside") in self.hashes
        return shape.key("edge") in self.hashes or shape.key("inside") in self.hashes


NO_BOILERPLATE = SiteBoilerplate()
