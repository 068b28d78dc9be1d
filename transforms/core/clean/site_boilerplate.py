"""The boilerplate that is known of a site, and whether a block belongs to it."""

from dataclasses import dataclass

from transforms.core.clean.outline import BlockFeatures, Zone
from transforms.core.ids import stable_id


@dataclass(frozen=True, slots=True)
class SiteBoilerplate:
    """The hashes of the blocks that are a site's boilerplate."""

    hashes: frozenset[str] = frozenset()

    @property
    def version(self) -> str | None:
        """The id of this set of hashes (`articles.memory_version`), None if it is empty."""
        return stable_id(*sorted(self.hashes)) if self.hashes else None

    def has(self, features: BlockFeatures, zone: Zone | None) -> bool:
        """Return whether a block is boilerplate in a zone (None: it is in no zone).

        A line that is boilerplate in one zone is so in the other too; labels and paragraphs only in
        the zone in which they were found.
        """
        if features.never_boilerplate or not features.folded:
            return False
        if features.is_long:
            return zone == "edge" and features.key("edge") in self.hashes
        if features.is_label:
            return features.key(zone or "inside") in self.hashes
        return features.key("edge") in self.hashes or features.key("inside") in self.hashes


NO_BOILERPLATE = SiteBoilerplate()
