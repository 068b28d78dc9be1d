"""Who is named: persons, nationalities and bodies of an article, and what pronouns refer to."""
