"""From a YAML file to its model, with every error at its place in the file.

A file with errors is read as far as possible: unknown keys and parts that are wrong are left out,
so that the rest can be checked for what only a whole problem shows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from generator.bank.fields.readers import QUARTERS, kind
from generator.bank.yaml import Route, Source, char_name, read_yaml, shorten
from generator.errors import Complaint, InputError
from generator.exact.numbers import WITH_A_POINT

MAX_ERRORS = 300
"""So many are translated of a file; with more of them it is no file of this kind."""

M = TypeVar("M", bound=BaseModel)
M_co = TypeVar("M_co", bound=BaseModel, covariant=True)


@dataclass(frozen=True)
class Parsed(Generic[M_co]):
    """A file that was read.

    Attributes:
        source: The file with its positions.
        model: What it says; None where too much is wrong.
        kept: For each part of the model its index in the file, where some were left out.
        problems: All that is wrong with it.
    """

    source: Source
    model: M_co | None
    kept: tuple[int, ...]
    problems: tuple[Complaint, ...]

    @property
    def whole(self) -> bool:
        """Whether the model has everything that is in the file."""
        parts = self.source.data.get("parts")
        return self.model is not None and len(self.kept) == len(parts or ())


def parse_file(
    path: Path,
    model: type[M],
    problems: list[Complaint],
    change: Callable[[Source, list[Complaint]], Source] = lambda source, problems: source,
    *,
    quarters: bool = False,
) -> Parsed[M] | None:
    """Reads a file; None where it cannot be read as YAML.

    Args:
        path: The file.
        model: What it is to be.
        problems: Gets all that is wrong.
        change: What stands for something else is put in its place before the check.
        quarters: Whether there may be quarters of points; an exam file says so itself.
    """
    try:
        source = change(read_yaml(path), problems)
    except InputError as error:
        problems.extend(error.problems)
        return None
    parsed = _parse(source, model, {QUARTERS: quarters or in_quarters(source)})
    problems.extend(parsed.problems)
    return parsed


def in_quarters(source: Source) -> bool:
    """Whether an exam file says that points are given in quarters."""
    grades = source.data.get("grades")
    step = str(grades.get("step", "")).strip() if isinstance(grades, dict) else ""
    return re.fullmatch(r"0?\.250*", step) is not None


def _parse(source: Source, model: type[M], context: Mapping[str, bool]) -> Parsed[M]:
    try:
        found: M | None = model.model_validate(source.data, context=context)
        return Parsed(source, found, _part_numbers(source, ()), source.problems)
    except ValidationError as error:
        details = error.errors(include_url=False)
    details = [detail for detail in details if not _is_spurious(detail)]
    errors = [_Error(source, model, detail) for detail in details[:MAX_ERRORS]]
    problems = (*source.problems, *(error.problem() for error in errors))
    left_out = {error.left_out() for error in errors}
    found = _readable(source, model, left_out, context) if len(details) <= MAX_ERRORS else None
    return Parsed(source, found, _part_numbers(source, left_out), problems)


def _readable(
    source: Source, model: type[M], left_out: Collection[Route], context: Mapping[str, bool]
) -> M | None:
    try:
        return model.model_validate(_without(source.data, left_out), context=context)
    except ValidationError:
        return None


def _is_spurious(detail: ErrorDetails) -> bool:
    """Whether a list is called too short because of members that are reported themselves."""
    least = detail.get("ctx", {}).get("min_length", 0)
    return detail["type"] == "too_short" and len(detail["input"]) >= least


def _part_numbers(source: Source, left_out: Collection[Route]) -> tuple[int, ...]:
    parts = source.data.get("parts")
    count = len(parts) if isinstance(parts, list) else 0
    return tuple(index for index in range(count) if ("parts", index) not in left_out)


def _without(data: Any, left_out: Collection[Route], here: Route = ()) -> Any:
    """A copy of data without the values at some routes."""
    if isinstance(data, dict):
        return {
            key: _without(value, left_out, (*here, key))
            for key, value in data.items()
            if (*here, key) not in left_out
        }
    if isinstance(data, list):
        return [
            _without(value, left_out, (*here, index))
            for index, value in enumerate(data)
            if (*here, index) not in left_out
        ]
    return data


class _Error:
    """A pydantic error, put into words of the file."""

    def __init__(self, source: Source, model: type[BaseModel], detail: Mapping[str, Any]) -> None:
        self.source, self.detail = source, detail
        self.type: str = detail["type"]
        walk = _walk_models(model, detail["loc"])
        self.model = walk.model
        *self.parent, self.last = walk.route or [""]
        missing = self.type == "missing"
        self.route: Route = tuple(self.parent) if missing else tuple(walk.route)
        self.at_key = walk.at_key or self.type == "extra_forbidden"

    def left_out(self) -> Route:
        """What must be left out for the rest to be readable; nothing helps at the top level."""
        if self.type == "extra_forbidden":
            return self.route
        return self.route[:2] if self.route[:1] == ("parts",) else ()

    def problem(self) -> Complaint:
        report = self.source.key_problem if self.at_key else self.source.problem
        found = report(self.route, self.message())
        if self.type != "missing":
            return found
        return replace(found, where=".".join(filter(None, (found.where, str(self.last)))))

    def message(self) -> str:
        detail, found = self.detail, kind(self.detail["input"])
        limits = detail.get("ctx", {})
        if self.type == "missing":
            return f"the field {self.last} is missing; {self._what_to_add()}"
        if self.type == "extra_forbidden":
            if detail["input"] is None and re.fullmatch(r"[0-9]+", str(self.last)):
                return f"between braces a comma begins a new entry; {WITH_A_POINT}"
            if detail["input"] is None and self.cut_at_comma():
                return (
                    "between braces a comma begins a new entry; put the expression in quotes, "
                    'as in {is: "max(a, b)"}'
                )
            return unknown_key(str(self.last), _fields(self.model))
        if self.type == "value_error":
            return str(detail["msg"]).removeprefix("Value error, ")
        if self.type in {"tuple_type", "list_type"}:
            return f"expected a list, got {found}"
        if self.type in {"dict_type", "model_type", "model_attributes_type"}:
            return f"expected a mapping of keys and values, got {found}"
        if self.type == "too_short":
            return f"expected at least {limits['min_length']} entries, got {len(detail['input'])}"
        if self.type == "too_long":
            return f"expected at most {limits['max_length']} entries, got {len(detail['input'])}"
        return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}, got {found}"

    def cut_at_comma(self) -> bool:
        """Whether a key is the rest of a text that YAML cut at a comma."""
        place = self.source.spans.get(self.route)
        before = self.source.text[: place.key].rstrip() if place else ""
        return before.endswith(",") and not re.fullmatch(r"[a-z_]+", str(self.last))

    def _what_to_add(self) -> str:
        info = _fields(self.model)[str(self.last)]
        what = (info.description or "").rstrip(".")
        example = next((it for it in info.examples or () if isinstance(it, str | int | float)), "")
        if not example:
            return f"add it ({what})"
        is_text = self.last == "id" or ":" in str(example)
        quoted = f'"{example}"' if is_text and re.fullmatch(r"[0-9.:]+", str(example)) else example
        return f"add it ({what}), for example {self.last}: {shorten(str(quoted))}"


def unknown_key(key: str, known: Iterable[str]) -> str:
    """The message about a key that is not among the known ones, with those that look like it."""
    names = sorted(known)
    odd = next((char for char in key if not char.isprintable() or char == "\u200b"), "")
    if odd and key.replace(odd, "").strip() in names:
        return f"unknown key {shorten(key)!r}: {char_name(odd)} is part of it; take it out"
    near = near_names(key, names)
    hint = f"did you mean {near}?" if near else f"known here: {', '.join(names)}"
    return f"unknown key {shorten(key)!r}; {hint}"


def near_names(name: str, known: Iterable[str]) -> str:
    """Those of the known names that look like another one, as ``a or b``."""
    return " or ".join(difflib.get_close_matches(name[:60], list(known), n=2))


@dataclass(frozen=True)
class _Walked:
    """Where an error is.

    Attributes:
        model: The innermost model around it.
        route: The keys and indices of the file that lead to it.
        at_key: Whether it is about a key, not about the value.
    """

    model: type[BaseModel]
    route: list[str | int]
    at_key: bool


def _walk_models(model: type[BaseModel], location: tuple[int | str, ...]) -> _Walked:
    """Follows pydantic's location, which also has the names of models and marks of keys."""
    route: list[str | int] = []
    here: Any = model
    for key in location:
        if key == "[key]":
            return _Walked(model, route, True)
        if get_origin(here) in {Union, UnionType}:
            here = next(it for it in map(_bare, get_args(here)) if it.__name__ == key)
            continue
        route.append(key)
        if isinstance(here, type) and issubclass(here, BaseModel):
            model = here
            info = _fields(model).get(str(key))
            here = _bare(info.annotation) if info else None
        else:
            # The values of a dict, or the members of a tuple.
            values = [it for it in get_args(here) if it is not Ellipsis][-1:]
            here = _bare(values[0]) if values else None
    return _Walked(model, route, False)


def _bare(annotation: Any) -> Any:
    """A type without its annotations, and without None."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        members = [it for it in get_args(annotation) if it is not NoneType]
        if get_origin(annotation) not in {Union, UnionType} or len(members) > 1:
            return annotation
        annotation = members[0]


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {info.alias or name: info for name, info in model.model_fields.items()}
