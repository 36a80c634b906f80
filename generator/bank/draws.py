"""What is drawn: lists become groups, and the reference copy's values are looked up in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from generator.bank import models
from generator.bank.desk import Desk, Spot
from generator.bank.problem import FALLBACK_PREFIX, Group
from generator.bank.source import Route, shorten
from generator.numbers import NumberError, Value, format_number, places

MAX_LIST = 10_000

Member = Fraction | str


def read_groups(desk: Desk) -> tuple[Group, ...]:
    """All groups of a problem, those of fallback values last."""
    drawn, fallback = [], []
    for spot, question in desk.questions():
        part = desk.part_id(spot) or None
        for index, entry in enumerate(question.draw):
            group = _entry_group(desk, (*spot.route, "draw", index), entry, part)
            drawn.append(replace(group, alternative=desk.alternative(spot)))
        if isinstance(question, models.OpenPart):
            for name, listing in question.fallback.items():
                route = (*spot.route, "fallback", name)
                fallback.append(_fallback_group(desk, route, name, listing, part))
    return (*drawn, *fallback)


def _entry_group(desk: Desk, route: Route, entry: models.DrawEntry, part: str | None) -> Group:
    members = _members(desk, route, entry)
    different = entry.distinct or entry.permutation_of is not None
    if different and members and len(set(members)) < len(entry.names):
        message = (
            f"{len(entry.names)} names are to get different values, but there are only "
            f"{len(set(members))}; add members or draw fewer names"
        )
        desk.say((*route, "names"), message)
    longest = max((places(it) or 0 for it in members if isinstance(it, Fraction)), default=0)
    decimals = longest if entry.decimals is None else entry.decimals
    return Group(entry.names, members, different, decimals, part)


def _fallback_group(
    desk: Desk, route: Route, name: str, listing: models.DrawList, part: str | None
) -> Group:
    members = _members(desk, route, listing)
    for member in members:
        if isinstance(member, str):
            desk.say(route, f"fallback values are numbers, got {show(member)}")
            break
    # They stand in a sentence, and are as short as they can be.
    return Group((FALLBACK_PREFIX + name,), members, False, listing.decimals or 0, part, True)


def _members(desk: Desk, route: Route, listing: models.DrawList) -> tuple[Member, ...]:
    """The list that is drawn from; empty where it is wrong."""
    reader = _read_form(desk, route, listing)
    if reader is None:
        return ()
    key, members = reader(desk, route, listing)
    if key and members:
        _check_members(desk, (*route, key), members)
    if not listing.except_:
        return members
    for index, member in enumerate(listing.except_):
        if members and member not in members:
            desk.say((*route, "except", index), f"{show(member)} is not in the list; remove it")
    left = tuple(member for member in members if member not in set(listing.except_))
    if members and not left:
        desk.say((*route, "except"), "nothing is left to draw from; except fewer members")
    return left


_Reader = Callable[[Desk, Route, models.DrawList], tuple[str, tuple[Member, ...]]]


def _read_form(desk: Desk, route: Route, listing: models.DrawList) -> _Reader | None:
    """How the list is given: exactly one form, with what belongs to it."""
    given = listing.model_fields_set
    is_entry = isinstance(listing, models.DrawEntry)
    forms = [key for key in ("from_", "to", "one_of", "permutation_of") if key in given]
    choices = "from and to, one_of or permutation_of" if is_entry else "from and to, or one_of"
    if not forms:
        desk.say(route, f"there is no list to draw from; give {choices}")
        return None
    if len({"from_" if form == "to" else form for form in forms}) > 1:
        desk.say_key((*route, _key(forms[-1])), f"expected only one form of a list: {choices}")
        return None
    strangers = {"one_of": ("step",), "permutation_of": ("step", "except_", "distinct")}
    for field in strangers.get(forms[0], ()):
        if field in given:
            message = f"{_key(field)} has no meaning with {forms[0]}; remove it"
            desk.say_key((*route, _key(field)), message)
    return {"one_of": _one_of, "permutation_of": _permutation}.get(forms[0], _range)


def _key(field: str) -> str:
    return field.removesuffix("_")


def _one_of(desk: Desk, route: Route, listing: models.DrawList) -> tuple[str, tuple[Member, ...]]:
    members = listing.one_of or ()
    if not members:
        desk.say((*route, "one_of"), "the list is empty; give at least one member")
    return "one_of", members


def _permutation(
    desk: Desk, route: Route, listing: models.DrawList
) -> tuple[str, tuple[Member, ...]]:
    members = getattr(listing, "permutation_of", None) or ()
    if not members:
        desk.say((*route, "permutation_of"), "the list is empty; give at least one member")
    return "permutation_of", members


def _range(desk: Desk, route: Route, listing: models.DrawList) -> tuple[str, tuple[Member, ...]]:
    first, last, step = listing.from_, listing.to, listing.step
    nothing: tuple[str, tuple[Member, ...]] = ("", ())
    if first is None or last is None:
        missing = "from" if first is None else "to"
        desk.say(route, f"the field {missing} is missing; a range needs from and to")
        return nothing
    step = Fraction(1) if step is None else step
    if step <= 0:
        desk.say((*route, "step"), f"expected a step of more than 0, got {show(step)}")
        return nothing
    if last < first:
        desk.say((*route, "to"), f"the range is empty: from {show(first)} to {show(last)}")
        return nothing
    count = (last - first) // step + 1
    if count > MAX_LIST:
        desk.say((*route, "to"), f"the range has {count} members; at most {MAX_LIST} are allowed")
        return nothing
    members = tuple(first + step * index for index in range(count))
    if members[-1] != last:
        message = (
            f"steps of {show(step)} lead from {show(first)} to {show(members[-1])}, not to "
            f"{show(last)}; change from, to or step"
        )
        desk.say((*route, "to"), message)
    return "", members


def _check_members(desk: Desk, route: Route, members: Sequence[Member]) -> None:
    seen: set[Member] = set()
    for index, member in enumerate(members):
        if member in seen:
            message = f"{show(member)} is there twice; all members are drawn equally often"
            desk.say((*route, index), message)
        seen.add(member)
        if isinstance(member, str) != isinstance(members[0], str):
            message = (
                f"the list mixes numbers and texts: {show(members[0])} and {show(member)}; "
                "quotes make a number a text"
            )
            desk.say((*route, index), message)
            return
    if len(members) > MAX_LIST:
        desk.say(route, f"the list has {len(members)} members; at most {MAX_LIST} are allowed")


def show(value: Value) -> str:
    """A value for messages."""
    if not isinstance(value, Fraction):
        return repr(shorten(str(value)))
    try:
        return shorten(format_number(value))
    except NumberError:
        return shorten(str(value))


# The reference copy.


def read_reference(desk: Desk, groups: Sequence[Group]) -> Mapping[str, Value]:
    """Every drawn name's value in the reference copy, as far as it is given."""
    groups_by_name = {name: group for group in groups for name in group.names}
    values: dict[str, Value] = {}
    for spot, question in desk.questions():
        for key, prefix, given in _reference_maps(question):
            for name, value in given.items():
                route = (*spot.route, key, name)
                full = prefix + name
                if full in values:
                    desk.say_key(route, f"{name} has a reference value already; remove one")
                elif _check_value(desk, route, full, value, groups_by_name.get(full)):
                    values[full] = value
    _check_complete(desk, groups, values)
    _check_different(desk, groups, values)
    return values


def _reference_maps(question: models.Drawn) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    if isinstance(question, models.PoolPart):
        yield "reference_values", "", question.reference_values
    elif isinstance(question, models.Question | models.ProblemFile):
        yield "reference", "", question.reference
    if isinstance(question, models.OpenPart):
        yield "reference_fallback", FALLBACK_PREFIX, question.reference_fallback


def _check_value(desk: Desk, route: Route, name: str, value: Value, group: Group | None) -> bool:
    if group is None:
        known = desk.names.get(name)
        if known is None or known.kind != "unread":
            shown = name.removeprefix(FALLBACK_PREFIX)
            what = "has no fallback value" if shown != name else "is not drawn"
            desk.say_key(route, f"{shown} {what}; remove it")
        return False
    if group.members and value not in group.members:
        listed = shorten(", ".join(map(show, group.members)))
        desk.say(route, f"{show(value)} is not in the list that it is drawn from: {listed}")
    return True


def _check_complete(desk: Desk, groups: Sequence[Group], values: Mapping[str, Value]) -> None:
    for name in (name for group in groups for name in group.names):
        if name in values or not desk.whole:
            continue
        shown = name.removeprefix(FALLBACK_PREFIX)
        known = desk.names[name]
        where = "reference_values" if _is_pool(desk, known.spot) else "reference"
        where = "reference_fallback" if shown != name else where
        desk.say_key(known.route, f"{where} gives no value for {shown}; add it")


def _is_pool(desk: Desk, spot: Spot) -> bool:
    return any(isinstance(part, models.PoolPart) for here, part in desk.parts() if here == spot)


def _check_different(desk: Desk, groups: Sequence[Group], values: Mapping[str, Value]) -> None:
    for group in groups:
        found = [values[name] for name in group.names if name in values]
        if group.different and len(set(found)) < len(found):
            names = ", ".join(group.names)
            message = f"the reference values of {names} must differ, as this entry says"
            desk.say(desk.names[group.names[0]].route[:-1], message)
