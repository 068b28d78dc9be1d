"""Which events does an article tell? The coder on an article's record."""

from collections.abc import Mapping

from transforms.core.events.cast import Person
from transforms.core.events.coder import code_events, load_coder
from transforms.errors import EventsError
from transforms.records import Article, CodedArticle


def code_article(article: Article, known: Mapping[str, Person] | None = None) -> CodedArticle:
    """Return the article with its mentions; a language without rules has none.

    `known` are the persons on whom other articles agree (`persons.known_persons`).
    """
    if article.body is None:
        return CodedArticle(article=article)
    coder = load_coder()
    try:
        mentions = code_events(
            article.body,
            title=article.title,
            published_at=article.published_at,
            language=article.language,
            coder=coder,
            known=known,
        )
    except EventsError as error:
        if error.reason == "E_EVENTS_LANGUAGE":
            return CodedArticle(article=article)
        raise
    return CodedArticle(article=article, mentions=mentions)
