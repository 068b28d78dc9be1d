"""Between a page's headline and its first paragraph: another story's teaser goes, what is the
article's own stays.
"""

from tests.helpers.lakes import article
from transforms.core.clean.strip import load_rules, strip_boilerplate

LEDE = (
    "Officials of Kenya met envoys of France in Nairobi on Monday to discuss the port they "
    "have argued over."
)
MORE = "The talks went on into the night, and both sides agreed to meet again next week."


def cleaned(*head: str) -> str:
    dirty = article(
        "http://a.test/1", "\n\n".join([*head, LEDE, MORE]), title="Talks on the harbour"
    )
    return strip_boilerplate(dirty, load_rules("en")).body or ""


def test_a_teaser_that_labels_somebody_the_article_names_goes() -> None:
    assert cleaned("Kenya: President opens a zoo in the rain") == f"{LEDE}\n\n{MORE}"


def test_a_label_that_the_article_does_not_name_stays() -> None:
    head = "Tested by: John Dale and the bike crew"
    assert cleaned(head).startswith(head)


def test_a_channel_beside_a_players_button_goes_and_alone_it_stays() -> None:
    assert cleaned("Download", "CGTN", "01:22") == f"{LEDE}\n\n{MORE}"
    assert cleaned("CGTN").startswith("CGTN")
