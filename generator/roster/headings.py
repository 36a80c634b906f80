"""The row with the headings, and which column is what.

Known are headings of campus systems in several languages, and those that the exam file names.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from generator.roster.table import DELIMITERS, EXPORT, Report, RosterForm, Row, Table, clean

NUMBER = "registration_number"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "registration_number": ("registration_number", "matriculation_number", "Matrikelnummer"),
    "last_name": ("name", "last_name", "surname", "Nachname"),
    "first_name": ("first_name", "given_name", "Vorname"),
    "room": ("room", "Raum"),
    "seat": ("seat", "Platz"),
    "large_print": ("large_print", "Großdruck"),
    "extra_time": ("extra_time", "Zeitzugabe"),
    "paper_color": ("paper_color", "Papierfarbe"),
    "room_and_seat": ("room_and_seat", "Raum/Platz"),
}
"""The columns, and the headings that messages name; of a heading only letters and digits count."""
ALSO_KNOWN: Mapping[str, tuple[str, ...]] = {
    "registration_number": (
        *("Matr.-Nr.", "Matrikel-Nr.", "Matrikel", "MtkNr", "MatrNummer", "registration no"),
        *("matriculation no", "student number", "student id", "id number", "registration"),
        *("ID-Nummer", "SIS User ID", "URN", "candidate number", "Studentnummer", "Matricola"),
        *("Numéro d'étudiant", "Numéro étudiant", "N° étudiant", "Matricule", "Nr albumu"),
        *("Nº de matrícula", "N.° de matrícula", "Número de matrícula", "Matrícula"),
        *("numero di matricola", "numer albumu"),
    ),
    "last_name": (
        *("family_name", "Familienname", "Zuname", "family name of student", "last names"),
        *("Nom", "Nom de famille", "Apellidos", "Apellido", "Cognome", "Nazwisko"),
        *("Achternaam", "Apelido"),
    ),
    "first_name": (
        *("given_names", "forename", "Vornamen", "Rufname", "first name of student", "forenames"),
        *("first names", "Prénom", "Prénoms", "Prénom(s)", "Nombre", "Nombres", "Nome", "Imię"),
        *("Imiona", "Voornaam", "Nome próprio"),
    ),
    "room": (
        *("Hörsaal", "Hoersaal", "Saal", "Prüfungsraum", "lecture hall", "hall", "room name"),
        *("venue", "Salle", "Aula", "Sala", "Zaal", "Raumnummer", "room number", "room no"),
    ),
    "seat": (
        *("Sitzplatz", "Platznummer", "Platz-Nr.", "Sitz", "seat number", "Sitzplatznummer"),
        *("desk", "Place", "N° de place", "Numéro de place", "Asiento", "Posto", "Miejsce"),
        *("Plaats", "Lugar", "seat no", "Platz Nummer"),
    ),
    "large_print": ("large font", "A3", "Grossdruck", "Vergrößerung"),
    "extra_time": (
        *("extra minutes", "additional time", "Zeitverlängerung", "Zusatzzeit", "Zeitzuschlag"),
        *("Schreibzeitverlängerung", "Verlängerung", "extra time (min)", "extra time (minutes)"),
        *("Zeitzugabe (min)", "Zeitzugabe (Minuten)"),
    ),
    "paper_color": ("paper colour", "coloured paper", "colored paper", "farbiges Papier"),
}
"""Headings of campus systems and learning platforms."""
ROOM_AND_SEAT = "room_and_seat"
SEAT_AND_ROOM = "seat_and_room"
SEAT_WORDS = (
    *("Sitzplatz", "Sitzplatznummer", "Platznummer", "Platz", "Platznr", "Pl"),
    *("Sitz", "Seat", "Desk", "Place", "Asiento", "Posto", "Miejsce"),
)
"""What stands before the seat in a cell that has the room as well."""
_BOTH = ("", "und", "and", "et", "y", "e", "i", "en")
"""What stands between two words of a heading, without signs."""
FULL_NAME = "full_name"
FULL_NAMES = (
    *("full name", "student name", "student", "name of student", "Name, Vorname", "Vollname"),
    *("Nachname, Vorname", "last name, first name", "surname, forename", "Nom, Prénom"),
    *("Apellidos, Nombre", "Cognome, Nome", "Nom et prénom", "Teilnehmer", "Name des Studierenden"),
)
"""Headings of one column for both names; a comma parts these."""
REQUIRED = ("registration_number", "last_name", "first_name")

MOST_TITLE_ROWS = 20
"""So many rows may stand above the header."""


def letters(text: str) -> str:
    """What counts of a heading, and of a room: its letters and digits."""
    text = unicodedata.normalize("NFC", text).casefold()
    return "".join(char for char in text if char.isalnum())


def known_headings(form: RosterForm) -> dict[str, str]:
    """Heading (its letters alone) to column; what the exam file names goes first."""
    known = {
        letters(name): column
        for names_of in (COLUMNS, ALSO_KNOWN)
        for column, names in names_of.items()
        for name in names
    }
    known |= {letters(name): FULL_NAME for name in FULL_NAMES}
    for column, heading in form.headings.items():
        known = {name: other for name, other in known.items() if other != column}
        known[letters(heading)] = column
    room, seat = (letters(form.headings.get(column, "")) for column in ("room", "seat"))
    if room and room == seat:
        known[room] = ROOM_AND_SEAT
    return _headings_of_both(known) | known


def _headings_of_both(known: Mapping[str, str]) -> dict[str, str]:
    """Headings of one column for room and seat: one of each, in either order."""
    rooms = [name for name, column in known.items() if column == "room"]
    seats = [name for name, column in known.items() if column == "seat"]
    both = {}
    for room, seat, word in itertools.product(rooms, seats, _BOTH):
        both[room + word + seat] = ROOM_AND_SEAT
        both[seat + word + room] = SEAT_AND_ROOM
    return both


def find_header(
    found: Sequence[Table], known: Mapping[str, str], report: Report
) -> tuple[Table, Row]:
    """The row with the most known headings, however its line is cut, and on whatever sheet; else
    the first one. Where cells are merged, two rows have them together.

    Raises:
        InputError: There is no row at all, or the header is broken.
    """

    def count(row: Row) -> int:
        return len({known.get(letters(cell)) for cell in row.cells} - {None})

    rows = [(table, row) for table in found for row in _first_rows(table)]
    joined = {
        (table, _join_rows(upper, lower, known)): upper.line
        for table in found
        for upper, lower in itertools.pairwise(_first_rows(table))
        if count(_join_rows(upper, lower, known)) > max(count(upper), count(lower))
    }
    if not rows:
        expected = ", ".join(REQUIRED)
        raise report.stop(1, f"the file is empty; expected a header line such as: {expected}")
    table, header = max(
        [*rows, *joined], key=lambda item: (count(item[1]), -item[1].line, len(item[1].cells))
    )
    if header.broken:
        raise report.stop(header.line, header.broken)
    _check_sheets([it for it in found if it.sheet], table, rows, count, report)
    if count(header) == 0:
        _say_what_the_first_row_is(header, report)
    _say_who_is_behind_the_headings(table, header, report)
    first = joined.get((table, header), header.line)
    above = [row.line for row in table.rows if says_something(row) and row.line < first]
    which = f"this row and that of line {first} have" if first < header.line else "this row has"
    if above or first < header.line:
        message = f"{which} the headings; {len(above)} above it are skipped"
        report.note(header.line, message if above else f"{which} the headings")
    return table, replace(header, cells=tuple(map(clean, header.cells)))


def _first_rows(table: Table) -> list[Row]:
    """Those among which the headings are looked for."""
    return list(itertools.islice(filter(says_something, table.rows), MOST_TITLE_ROWS))


def _join_rows(upper: Row, lower: Row, known: Mapping[str, str]) -> Row:
    """Headings that stand in two rows: what was merged over both, or is broken into two lines."""

    def join(above: str, below: str) -> str:
        whole = above.rstrip("-\u00ad") + below
        if below and letters(below) not in known and letters(whole) in known:
            return whole
        return below or above

    pairs = itertools.zip_longest(map(clean, upper.cells), map(clean, lower.cells), fillvalue="")
    return replace(lower, cells=tuple(join(above, below) for above, below in pairs))


def has_headings_again(row: Row, known: Mapping[str, str]) -> bool:
    """Whether a row of the list is headings, such as those of the next page, or in English."""
    cells = [letters(cell) for cell in row.cells if clean(cell)]
    return len(cells) > 1 and all(cell in known for cell in cells)


def _check_sheets(
    sheets: Sequence[Table],
    table: Table,
    rows: Sequence[tuple[Table, Row]],
    count: Callable[[Row], int],
    report: Report,
) -> None:
    """Says which sheet is read; a second list is never left out silently."""
    others = [it.sheet for it in sheets if it is not table]
    if not others:
        return
    more = [
        it.sheet
        for it in sheets
        if it is not table and any(own is it and count(row) > 1 for own, row in rows)
    ]
    name = f"roster: {{sheet: {(more or others)[0]}}} in the exam file"
    if more:
        both = ", ".join(map(repr, [table.sheet, *more]))
        advice = f"put all students into one sheet, or name the one that counts: {name}"
        raise report.stop(1, f"each of the sheets {both} has a list; {advice}")
    left = ", ".join(map(repr, others))
    report.note(
        1, f"the sheet {table.sheet!r} is read, and not {left}; for another one write {name}"
    )


def _say_what_the_first_row_is(header: Row, report: Report) -> None:
    cells = [cell for cell in map(clean, header.cells) if cell]
    if len(cells) > 2 and any(re.fullmatch(r"\d{4,}", cell) for cell in cells):
        message = "this looks like a student: above the first one, write a row with headings"
        report.complain(header.line, message)
    elif len(cells) == 1 and len(cells[0]) > 20:
        known = ", ".join(DELIMITERS.values())
        report.complain(header.line, f"cells must be parted by one of {known}; {EXPORT}")


def _say_who_is_behind_the_headings(table: Table, header: Row, report: Report) -> None:
    """The first student has no line of their own, if the headings' line does not end."""
    below = (len(row.cells) for row in table.rows if row.line > header.line)
    if len(header.cells) <= max(below, default=0):
        return
    for cell in map(clean, header.cells[:-1]):
        if found := re.search(r"(?<=\D)\d{4,}$", cell.rstrip('"')):
            message = f"{quote(found[0])} stands right behind a heading, {quote(cell)}"
            advice = "begin a new line before it, if it is the first student's"
            report.complain(header.line, f"{message}; {advice}")


def says_something(row: Row) -> bool:
    return bool(row.broken) or any(map(clean, row.cells))


def match_columns(header: Row, known: Mapping[str, str], report: Report) -> dict[str, int]:
    """The 0-based position of each column that is there."""
    columns: dict[str, int] = {}
    last = max(i for i, cell in enumerate(header.cells) if cell)
    for position, heading in enumerate(header.cells[: last + 1]):
        column = known.get(letters(heading))
        if column is None:
            which = quote(heading) if heading else f"{position + 1} (without a heading)"
            report.note(header.line, f"column {which} is ignored")
        elif column in columns:
            first = header.cells[columns[column]]
            both = f"columns {quote(first)} and {quote(heading)} mean the same"
            report.complain(header.line, f"{both}; remove or rename one of them", column)
        else:
            columns[column] = position
    _join_names(header, columns, report)
    _join_places(header, columns, report)
    found = ", ".join(map(quote, header.cells[: last + 1]))
    for column in REQUIRED:
        if column not in columns and not (FULL_NAME in columns and column != NUMBER):
            *names, name = COLUMNS[column]
            message = f"no such column; expected one called {', '.join(names)} or {name}"
            advice = f'for another heading, write roster: {{{column}: "…"}} in the exam file'
            report.complain(header.line, f"{message}; found {found}; {advice}", column)
    return columns


def _join_names(header: Row, columns: dict[str, int], report: Report) -> None:
    """Both names may stand in one column, whatever it is called."""
    if "first_name" in columns and "last_name" not in columns and FULL_NAME in columns:
        columns["last_name"] = columns.pop(FULL_NAME)
    if {"first_name", "last_name"} <= columns.keys() and FULL_NAME in columns:
        heading = header.cells[columns.pop(FULL_NAME)]
        report.note(header.line, f"column {quote(heading)} is ignored")
    if "last_name" in columns and "first_name" not in columns:
        columns.setdefault(FULL_NAME, columns.pop("last_name"))


def _join_places(header: Row, columns: dict[str, int], report: Report) -> None:
    """Room and seat may stand in one column, but not in others as well."""
    both = [column for column in (ROOM_AND_SEAT, SEAT_AND_ROOM) if column in columns]
    single = [column for column in ("room", "seat") if column in columns]
    if both and len(single) == 2:
        for column in both:
            heading = header.cells[columns.pop(column)]
            report.note(header.line, f"column {quote(heading)} is ignored")
    elif len(both + single) > 1 and both:
        names = " and ".join(quote(header.cells[columns[column]]) for column in both + single)
        message = f"columns {names} say the same; remove or rename one of them"
        report.complain(header.line, message, both[0])


def quote(text: str, most: int = 40) -> str:
    """A cleaned cell for a message: in quotation marks, not too long."""
    return f"'{text}'" if len(text) <= most else f"'{text[: most - 1]}…'"
