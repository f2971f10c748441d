"""Words for what a person did, as MARC relator codes."""

from __future__ import annotations

from app.domain.names import LONGEST_NAME, plain
from app.domain.relator_codes import AUTHOR, RELATORS

TERMS = {
    AUTHOR: "author, authors, by, written by, writer, creator, autor, autora, auteur, autore, verfasser, verfasserin",
    "trl": "translator, translators, trans, transl, tr, translated by, ubersetzer, ubersetzerin, traducteur, "
    "traductrice, traductor, traductora, traduttore",
    "edt": "editor, editors, ed, eds, edited by, herausgeber, herausgeberin, hrsg",
    "ill": "illustrator, illustrators, ill, illus, illustrated by, illustrateur, illustratrice, ilustrador",
    "nrt": "narrator, narrators, narrated by, reader, read by, sprecher, sprecherin",
    "pht": "photographer, photographs by, photos by",
    "aui": "introduction, introduction by, foreword, foreword by, preface, preface by",
    "aft": "afterword, afterword by",
    "com": "compiler, compiled by",
    "adp": "adapter, adapted by",
    "ctb": "contributor, contributors",
    "cov": "cover artist, cover designer, cover by",
    "art": "artist",
    "clr": "colorist, colourist",
    "cmp": "composer",
    "cmm": "commentator",
    "ann": "annotator",
}
CODES = {term: code for code, terms in TERMS.items() for term in terms.split(", ")}


def role_of(text: str) -> str | None:
    """The code of a term such as `Translator` or `ed.`; None if it is none that is known."""
    return CODES.get(_normalized(text))


def role_in_brackets(text: str) -> str | None:
    """The code of a term, or the code itself: a name may be as short as one, but hardly in brackets."""
    word = _normalized(text)
    return CODES.get(word, word if word in RELATORS else None)


def is_plural(text: str) -> bool:
    """Whether a term is that of several people, such as `eds.`."""
    word = _normalized(text)
    return word.endswith("s") and word in CODES and word.removesuffix("s") in CODES


def _normalized(text: str) -> str:
    return plain(text).strip(" .,:;") if len(text) <= LONGEST_NAME else text
