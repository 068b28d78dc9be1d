"""Which events does an article tell? The coder on an article's record."""

from transforms.core.events.coder import code_events, load_coder
from transforms.core.events.entities.person_mentions import Person
from transforms.errors import EventsError
from transforms.records import CodedArticle, CodingInput


def code_article(coding_input: CodingInput) -> CodedArticle:
    """Return the article with its mentions; a language without rules has none."""
    article = coding_input.article
    if article.body is None:
        return CodedArticle(article=article)
    try:
        mentions = code_events(
            article.body,
            title=article.title,
            published_at=article.published_at,
            language=article.language,
            coder=load_coder(),
            known={
                fact.name: Person(fact.name, fact.country, fact.sector)
                for fact in coding_input.persons
            },
        )
    except EventsError as error:
        if error.reason == "E_EVENTS_LANGUAGE":
            return CodedArticle(article=article)
        raise
    return CodedArticle(article=article, mentions=mentions)
