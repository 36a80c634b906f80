"""Rows of the database of marks: operations in their order, and the states beside them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import fields
from fractions import Fraction

from generator.marks.operation import FIRST, Marked, Operation

COLUMNS = "id, who, code, part, kind, name, value, round"
SELECT = f"SELECT {COLUMNS} FROM operations"
INSERT = (
    "INSERT INTO operations (id, who, code, part, round, kind, name, value, at, version) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def operation_of(row: Sequence[object]) -> Operation:
    """The operation of a row of `COLUMNS`."""
    identifier, who, code, part, kind, name, value = map(str, row[:-1])
    return Operation(identifier, who, code, part, kind, name, value, round=int(str(row[-1])))


def key_of(operation: Operation) -> tuple[str, str, int]:
    """Copy, subproblem and round: where an operation is counted."""
    return operation.code, operation.part, operation.round


def operations_of(
    connection: sqlite3.Connection, code: str, part: str, round: int
) -> list[tuple[int, Operation]]:
    """Version and operation of a subproblem, in order."""
    query = (
        f"SELECT version, {COLUMNS} FROM operations WHERE code = ? AND part = ? AND round = ? "
        "ORDER BY version"
    )
    rows = connection.execute(query, (code, part, round))
    return [(version, operation_of(row)) for version, *row in rows]


def state_of(connection: sqlite3.Connection, code: str, part: str, round: int) -> Marked:
    """The state of a subproblem; version 0 where nobody has touched it."""
    query = "SELECT content FROM states WHERE part = ? AND round = ? AND code = ?"
    row = next(connection.execute(query, (part, round, code)), None)
    return Marked(code, part, round) if row is None else load(row[0])


def states_of(
    connection: sqlite3.Connection, *, code: str = "", part: str = "", round: int = FIRST
) -> list[Marked]:
    """All states that somebody has touched, of a copy or of a subproblem if it is given."""
    query = "SELECT content FROM states WHERE round = ?"
    values: list[str | int] = [round]
    for column, value in (("code", code), ("part", part)):
        if value:
            query += f" AND {column} = ?"
            values.append(value)
    rows = connection.execute(f"{query} ORDER BY code, part", values)
    return [load(content) for (content,) in rows]


_FRACTIONS = ("points", "total", "checked")


def dump(state: Marked) -> str:
    """A state as it is kept."""
    data = {
        it.name: getattr(state, it.name)
        for it in fields(state)
        if it.name not in {*_FRACTIONS, "given"}
    }
    data["given"] = dict(state.given)
    for name in _FRACTIONS:
        value = getattr(state, name)
        data[name] = None if value is None else str(value)
    return json.dumps(data, ensure_ascii=False)


def load(content: str) -> Marked:
    data = json.loads(content)
    for name in _FRACTIONS:
        found = data.get(name)
        data[name] = None if found is None else Fraction(found)
    for name in ("ticks", "comments"):
        data[name] = tuple(data[name])
    return Marked(**data)
