"""Columns: which field each holds, by the many names that people and programs give them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from app.domain.names import plain
from app.errors import UnreadableFile
from app.transfer.tables.programs import Program, program_of

NAMES = {
    "title": "title, book title, name, main title, full title, edition title, title proper, original title, works "
    "labels, titel, titre, titulo, titolo, tytul, название, заглавие, 书名, 書名, タイトル, 題名, 245 a, nazev",
    "sort_title": "sort title, title sort",
    "call_number": "call number, callnumber, call no, call, shelf mark, shelfmark, signatur, cote, signatura, "
    "sygnatura, collocazione, 請求記号, 952 o, 852 h",
    "location": "location, shelf, shelving location, shelf location, physical location, standort, regal, emplacement, "
    "ubicacion, lokalizacja, 952 c, 852 c",
    "subtitle": "subtitle, sub title, edition subtitle, untertitel, sous titre, subtitulo, sottotitolo, podtytul, "
    "подзаголовок, 245 b, zusatz, zusatz zum titel, undertitel, ondertitel",
    "author": "author, author name, author full name, primary author, main author, first author, author text, author "
    "label, author detail, creator, written by, writer, authorship, autor, auteur, autore, verfasser, автор, "
    "作者, 著者, 著者名, author sort, author l f, author last first, 100 a, forfattare, forfatter",
    "first_name": "author first name, author given name, first name, vorname, prenom, nombre",
    "last_name": "author last name, author surname, author family name, last name, surname, nachname, nom de "
    "famille, apellido",
    "author_role": "primary author role, author role",
    "more_authors": "additional author, secondary author, second author, third author, co author, coauthor, other "
    "author, author 2, author 3, author 4, author 5, author 6, author 7, author 8, author 9, "
    "weitere autoren, autres auteurs, otros autores, altri autori, 700 a",
    "more_roles": "secondary author role, additional author role",
    "contributors": "contributor, mitwirkende, contributeur",
    "trl": "translator, translated by, translator label, ubersetzer, traducteur, traductor, traduttore, tradutor, "
    "tlumacz, переводчик, vertaler, 訳者, 翻訳者, oversattare, oversetter, oversaetter, prekladatel, 译者",
    "edt": "editor, edited by, herausgeber, редактор, 編者",
    "ill": "illustrator, illustrated by, illustrateur, ilustrador, illustratore, ilustrator, иллюстратор, художник",
    "nrt": "narrator, narrated by, read by, sprecher",
    "pht": "photographer",
    "isbn": "isbn13, isbn 13, isbn, isbn10, isbn 10, isbns, ean, ean 13, ean13, ean isbn13, upc isbn10, "
    "edition isbn, edition isbn 13, edition isbn 10, isbn uid, isbn number, isbn issn, 020 a",
    "published_year": "published year, original publication year, original year published, first published, first "
    "edition, first publication year, first publish year, publication year, year of publication, year published, pub "
    "year, year, date published, original date published, publication date, date of publication, published, publish "
    "date, published date, pubdate, pub date, release date, release year, copyright date, copyright year, copyright, "
    "edition publication date, date, reference year, imprint date, imprintdate, inferred date, inferreddate, "
    "erscheinungsjahr, jahr, erscheinungsdatum, annee, annee de publication, date de publication, ano, ano de "
    "publicacion, ano de publicacao, anno, anno di pubblicazione, jaar, год, год издания, 出版年, 発行年, 出版日, "
    "発行日, 発売日, 出版年月, jahr der veroffentlichung, veroffentlicht, annee d edition, annee de parution, date de "
    "parution, date d edition, parution, ano de edicion, fecha de publicacion, fecha de edicion, data de publicacao, "
    "data di pubblicazione, anno di edizione, rok wydania, rok, data wydania, дата издания, дата выхода, uitgavejaar, "
    "260 c, 264 c, jaar van uitgave, utgivningsar, utgivelsesar, udgivelsesar, rok vydani",
    "language": "language, language code, lang, edition language, sprache, langue, idioma, lingua, taal, jezyk, язык, "
    "语言, 言語, 041 a, original language, orig lang, sprak, sprog, jazyk",
    "publisher": "publisher, publisher name, publisher label, edition publisher label, publishing house, imprint, "
    "verlag, editeur, editorial, editora, editore, uitgever, wydawnictwo, издательство, 出版社, 発行所, 260 b, 264 b, "
    "publication, casa editrice, uitgeverij, forlag, nakladatel, nakladatelstvi",
    "description": "description, summary, synopsis, blurb, comment, abstract, abstract note, beschreibung, "
    "zusammenfassung, inhalt, inhaltsangabe, klappentext, resume, descripcion, sinopsis, descrizione, trama, opis, "
    "описание, аннотация, 内容紹介, あらすじ, 520 a, samenvatting, sinopse, beskrivning, 简介, 内容简介",
    "pages": "page, num page, number of page, no of page, page count, pagecount, edition number of page, seiten, "
    "seitenzahl, seitenanzahl, anzahl seiten, nombre de page, nb page, nb de page, nbre de page, pagina, numero de "
    "pagina, no pagina, n pagina, pagine, numero di pagine, liczba stron, strony, страниц, страницы, количество "
    "страниц, кол во страниц, число страниц, ページ, ページ数, 頁数, extent, physical description, 300 a, umfang, "
    "aantal pagina s, antal sidor, antal sider, antall sider, pocet stran, 页数",
    "series": "series, series name, series title, series label, series detail, reihe, serie, collana, seria, серия, "
    "coleccion, cykl, シリーズ, シリーズ名, 490 a, 440 a, 830 a, 丛书",
    "series_position": "series position, series number, series index, number in series, works series ordinal, series "
    "order, series no, no in series, book number, volume number, bandnummer, no dans la serie, n dans la serie, numero "
    "dans la serie, numero en la serie, tom, номер в серии, 490 v, 440 v, 830 v, bandnr",
    "volume": "volume, vol, band, tome, tomo, deel",
    "cover_url": "cover url, image url, cover, cover image, cover link, edition cover, thumbnail",
    "genres": "genre, category, categorie, subject, tag, genre label, subject label, keyword, schlagwort, schlagworte, "
    "genero, genere, kategorie, gatunek, kategoria, жанр, жанры, категория, ジャンル, subject heading, manual tag, "
    "automatic tag, 650 a, 655 a, schlagworter, zanr, 标签",
    "oclc": "oclc, oclc number, oclc no, oclc num, worldcat number",
    "lccn": "lccn, loc control number, lc control number, 010 a",
    "doi": "doi",
    "issn": "issn, 022 a",
    "olid": "olid, openlibrary key, open library key, openlibrary id, open library id",
    "asin": "asin, amazon asin",
    "wikidata": "wikidata, wikidata id",
    "identifiers": "identifier",
    "links": "url, link, book url, info link, associated url, 856 u",
}
"""The names of each field's columns in singular and without accents, the preferred ones first."""
UNITED = {"more_authors", "contributors", "trl", "edt", "ill", "nrt", "pht", "genres"}
"""Fields to which all of their columns contribute. Of others the first that is filled counts."""
ROLES = ("trl", "edt", "ill", "nrt", "pht")
OF_LISTS = {"author", "more_authors", "contributors", *ROLES}

IN_BRACKETS = re.compile(r"\([^)]*\)")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
APART = re.compile(r"[^\w]+|_")


@cache
def _fields() -> dict[str, tuple[str, int]]:
    """The field and the rank of each name."""
    return {
        name.strip(): (of_field, rank)
        for of_field, names in NAMES.items()
        for rank, name in enumerate(names.split(", "))
    }


@dataclass
class Columns:
    """The columns of a table.

    Attributes:
        header: the names of all.
        of: the places of each field's columns in groups, the preferred one first; columns of one name are one group.
        passed_over: those that are not read.
        program: the one that wrote the file, if it is known.
    """

    header: list[str]
    of: dict[str, list[list[int]]] = field(default_factory=dict)
    passed_over: list[str] = field(default_factory=list)
    program: Program | None = None

    @property
    def understood(self) -> list[tuple[str, str]]:
        """Fields with the columns that they are read from."""
        return [
            (of_field, ", ".join(self.header[place] for group in groups for place in group))
            for of_field, groups in self.of.items()
        ]

    @property
    def has_author(self) -> bool:
        """Whether any column names people."""
        return bool(self.of.keys() & {"author", "last_name", "contributors"})


def columns_of(header: list[str], mapping: dict[str, str] | None = None) -> Columns:
    """The columns of a header.

    Args:
        header: its cells.
        mapping: names of columns by fields; it precedes what their names mean. An empty name means that there is none.

    Raises:
        UnreadableFile: the mapping names a column or a field that does not exist.
    """
    mapping, names = mapping or {}, [" ".join(name.split()) for name in header]
    columns = Columns(names, program=program_of({key_of(name) for name in names}))
    ranked: dict[str, list[tuple[int, int]]] = {}
    for of_field, name in mapping.items():
        if name:
            ranked[of_field] = [(-1, place) for place in _places(names, of_field, name)]
    mapped = {place for places in ranked.values() for _, place in places}
    for place, name in enumerate(names):
        found = None if place in mapped else _field_of(name, columns.program)
        if found is not None and found[0] not in mapping:
            ranked.setdefault(found[0], []).append((found[1], place))
        elif place not in mapped and name:
            columns.passed_over.append(name)
    columns.of = {of_field: _groups(names, ranked[of_field]) for of_field in NAMES if of_field in ranked}
    return columns


def key_of(name: str) -> str:
    """A column's name without capitals, accents, marks and what is in brackets."""
    words = APART.sub(" ", plain(CAMEL.sub(" ", IN_BRACKETS.sub(" ", name)))).split()
    return " ".join(words)


def _field_of(name: str, program: Program | None) -> tuple[str, int] | None:
    """The field and the rank of a column's name: as it is, in singular, or what precedes a slash."""
    key = key_of(name)
    if program is not None and key in program.columns:
        of_field = program.columns[key]
        return (of_field, 0) if of_field else None
    known = _fields()
    singular = " ".join(word.removesuffix("s") if len(word) > 3 else word for word in key.split())  # noqa: PLR2004
    bracketed = "(" in name.replace("(s)", "")  # `Author (Last, First)` comes after `Author`
    for candidate in (key, singular, key.removesuffix("s")):
        if candidate in known:
            of_field, rank = known[candidate]
            return of_field, rank + bracketed
    before, slash, _ = name.partition("/")
    return _field_of(before, program) if slash else None


def _places(names: list[str], of_field: str, name: str) -> list[int]:
    if of_field not in NAMES:
        msg = f"“{of_field}” is not a field; the fields are: {', '.join(NAMES)}"
        raise UnreadableFile(msg)
    places = [place for place, other in enumerate(names) if plain(other) == plain(" ".join(name.split()))]
    if not places:
        msg = f"there is no column “{name}”; the columns are: {', '.join(filter(None, names))}"
        raise UnreadableFile(msg)
    return places


def _groups(names: list[str], ranked: list[tuple[int, int]]) -> list[list[int]]:
    groups: dict[str, list[int]] = {}
    for _, place in sorted(ranked):
        groups.setdefault(key_of(names[place]) + str("(" in names[place]), []).append(place)
    return list(groups.values())
