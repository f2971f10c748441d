"""The types of BibTeX entries, the roles of their people, and the names of their languages.

Source: the manual of biblatex 3.20, sections 2.1 (types), 2.2 (fields) and 2.3.6 (roles of editors); babel's manual for
languages.
"""

from __future__ import annotations

from app.transfer.role_words import role_in_brackets

BOOKS = {
    *("book", "mvbook", "collection", "mvcollection", "proceedings", "mvproceedings", "reference", "mvreference"),
    *("booklet", "manual", "thesis", "phdthesis", "mastersthesis", "report", "techreport", "unpublished"),
}
NOT_BOOKS = {
    "article": "is an article, not a book",
    "suppperiodical": "is an article, not a book",
    "review": "is an article, not a book",
    "periodical": "is an issue of a periodical, not a book",
    "online": "is a web page, not a book",
    "electronic": "is a web page, not a book",
    "www": "is a web page, not a book",
    "set": "is a set of other entries, not a book",
    "xdata": "is data for other entries, not a book",
    **dict.fromkeys(("inproceedings", "conference"), "is a paper in proceedings, not a book"),
    **dict.fromkeys(
        ("inbook", "incollection", "bookinbook", "suppbook", "suppcollection", "inreference"),
        "is a part of a book, not a book",
    ),
}

PEOPLE = {
    "author": "aut",
    "editor": "edt",
    "translator": "trl",
    "annotator": "ann",
    "commentator": "cmm",
    "introduction": "aui",
    "foreword": "aui",
    "afterword": "aft",
    "illustrator": "ill",
    "editora": "edt",
    "editorb": "edt",
    "editorc": "edt",
}
"""The roles of the people of a field, unless `editortype` and the like say another."""
WRITTEN = {"aut": "author", "edt": "editor", "trl": "translator", "ann": "annotator", "cmm": "commentator"} | {
    "aui": "introduction",
    "aft": "afterword",
}
"""The fields of roles."""
EDITOR_TYPES = {"ill": "illustrator", "com": "compiler", "red": "redactor", "ctb": "collaborator", "orm": "organizer"}
OTHER_TYPES = {"founder": "ctb", "continuator": "aut", "reviser": "edt", "reviewer": "rev"}

LANGUAGES = {
    **dict.fromkeys(("american", "usenglish"), "en-US"),
    **dict.fromkeys(("british", "ukenglish"), "en-GB"),
    "canadian": "en-CA",
    "australian": "en-AU",
    "newzealand": "en-NZ",
    "acadian": "fr-CA",
    "canadien": "fr-CA",
    **dict.fromkeys(("ngerman", "germanb"), "de"),
    **dict.fromkeys(("austrian", "naustrian"), "de-AT"),
    **dict.fromkeys(("swissgerman", "nswissgerman"), "de-CH"),
    **dict.fromkeys(("francais", "frenchb"), "fr"),
    **dict.fromkeys(("brazilian", "brazil"), "pt-BR"),
    "portuges": "pt",
    "mexican": "es-MX",
    "polutonikogreek": "el",
    "ancientgreek": "grc",
    "magyar": "hu",
    "norsk": "nb",
    "slovene": "sl",
    "farsi": "fa",
    "bahasa": "id",
    "lowersorbian": "dsb",
    "uppersorbian": "hsb",
}
"""Names of babel and biblatex that are not those of CLDR."""


def editor_role(kind: str) -> str | None:
    """The relator code of an editor's type; None if it has none."""
    kind = kind.strip().lower()
    own = {word: code for code, word in EDITOR_TYPES.items()} | OTHER_TYPES
    return own.get(kind) or role_in_brackets(kind)


def language_name(text: str) -> str:
    """The name or tag of a language that biblatex may call `langgerman`, or babel `ngerman`."""
    name = text.strip().lower()
    if name.startswith("lang") and name != "language":
        name = name.removeprefix("lang")
        return LANGUAGES.get(name, name)
    return LANGUAGES.get(name, text.strip())
