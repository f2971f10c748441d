"""The title under which a catalogue files a book: without the article with which it begins.

Articles are those of the book's own language: `Die Hard` is English. Clients send `sort_title` where the rule is wrong.
Source: Library of Congress, "Initial Definite and Indefinite Articles" (MARC 21, appendix F).
"""

from __future__ import annotations

import re

LONGEST = 500
ARTICLES = {
    language: frozenset(articles.split())
    for languages, articles in {
        "af": "die 'n",
        "ca": "el la els les lo los un una uns unes",
        "cy": "y yr",
        "da": "den det de en et",
        "de": "der die das des dem den ein eine einem einen einer eines",
        "el": "ο η το οι τα ένας μια μία ένα",  # noqa: RUF001  (Greek)
        "en": "a an the",
        "eo": "la",
        "es": "el la los las lo un una unos unas",
        "fr": "le la les un une",
        "fy": "de it in",
        "ga": "an na",
        "gd": "an am na",
        "gl": "o a os as un unha uns unhas",
        "hu": "a az egy",
        "it": "il lo la i gli le un uno una",
        "mi": "te nga ngā he",
        "nb nn no": "den det de dei en et ei ein eit",
        "nl": "de het een 't 'n",
        "pt": "o a os as um uma uns umas",
        "ro": "un o",
        "sv": "den det de en ett",
    }.items()
    for language in languages.split()
}
"""By the first part of a language tag."""
PREFIXES = {"ar": ("al-", "el-"), "ca": ("l'",), "fr": ("l'",), "he": ("ha-", "he-"), "it": ("l'", "un'", "gl'")}
"""Articles that no space separates from the word. Others of Arabic and Hebrew cannot be distinguished from words."""
ONE_WITH_ARTICLE = {article: language for language, articles in ARTICLES.items() for article in articles}
ONE_WITH_PREFIX = {prefix: language for language, prefixes in PREFIXES.items() for prefix in prefixes}
"""One of the languages that have the article: all of them file a title in the same way."""
APOSTROPHES = re.compile("[\u2019\u02bc\u2018\uff07]")


def sort_title_of(title: str, language: str | None) -> str:
    """The sort title of a book: `The Great Gatsby` in English is filed as `Great Gatsby, The`.

    A title without an article, or without a language, stays as it is, and so does one that has no room for the comma.

    Args:
        title: the title.
        language: its language, as a tag.
    """
    primary = (language or "").partition("-")[0]
    article, _, rest = title.partition(" ")
    if _plain(article) not in ARTICLES.get(primary, ()):
        start = _plain(title)
        article = next((title[: len(one)] for one in PREFIXES.get(primary, ()) if start.startswith(one)), "")
        rest = title[len(article) :]
    rest = rest.strip()
    filed = f"{rest}, {article}"
    return filed if article and rest and len(filed) <= LONGEST else title


def sort_titles_of(title: str) -> set[str]:
    """The sort titles that a title has in any language."""
    start = _plain(title)
    languages = [ONE_WITH_ARTICLE.get(start.partition(" ")[0])]
    languages += [language for prefix, language in ONE_WITH_PREFIX.items() if start.startswith(prefix)]
    return {title, *(sort_title_of(title, language) for language in languages if language)}


def _plain(text: str) -> str:
    return APOSTROPHES.sub("'", text).lower()
