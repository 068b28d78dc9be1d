"""Date the undated events that a speaker reports by the day of the speech."""

from collections.abc import Sequence
from dataclasses import replace

from transforms.records import EventMention


def carry_dates(mentions: Sequence[EventMention]) -> list[EventMention]:
    """Return the mentions with dates for the undated ones of a speaker.

    These take the day of the speaker's first dated mention.
    """
    first_dated: dict[str, EventMention] = {}
    dated = []
    for mention in mentions:
        speech = first_dated.get(mention.claimant or "")
        if speech is not None and _lacks_date(mention):
            mention = replace(
                mention, date=speech.date, date_precision="day", date_basis="relative"
            )
        elif mention.claimant and _has_stated_day(mention):
            first_dated.setdefault(mention.claimant, mention)
        dated.append(mention)
    return dated


def _lacks_date(mention: EventMention) -> bool:
    is_undated = mention.date_basis in ("publication", "none")
    return is_undated and mention.modality == "actual"


def _has_stated_day(mention: EventMention) -> bool:
    is_dated = mention.date is not None and mention.date_basis in ("explicit", "relative")
    return is_dated and mention.date_precision == "day" and mention.modality == "actual"
