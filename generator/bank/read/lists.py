"""What is drawn: lists become groups, and the reference copy's values are looked up in them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import prod

from generator.bank import models
from generator.bank.fields.quantities import WrittenEdge
from generator.bank.fields.readers import WRITTEN_FRACTION
from generator.bank.group import Group
from generator.bank.problem import FALLBACK_PREFIX
from generator.bank.read.context import ReadingDesk, Spot
from generator.bank.read.texts import check_source
from generator.bank.template import TextError
from generator.bank.yaml import Route, Scalar, shorten
from generator.exact.numbers import WITH_A_POINT, NumberError, Value, format_number, places

MAX_LIST = 10_000

ListMember = Fraction | str


def read_groups(desk: ReadingDesk) -> tuple[Group, ...]:
    """All groups of a problem, those of fallback values last."""
    drawn, fallback = [_constant_group(*pair) for pair in desk.model.constants.items()], []
    for spot, question in desk.questions():
        part = desk.part_id(spot) or None
        for index, entry in enumerate(question.draw):
            group = _entry_group(desk, (*spot.route, "draw", index), entry, part)
            drawn.append(replace(group, alternative=desk.alternative(spot)))
        for name, listing in question.fallback_lists.items():
            route = (*spot.route, "fallback", name)
            fallback.append(_fallback_group(desk, route, name, listing, part))
    return (*drawn, *fallback)


def _constant_group(name: str, value: Fraction) -> Group:
    """A constant is drawn from a list of one."""
    return Group((name,), (value,), False, places(value) or 0, None)


def _entry_group(
    desk: ReadingDesk, route: Route, entry: models.DrawEntry, part: str | None
) -> Group:
    members = _members(desk, route, entry)
    different = entry.distinct or entry.permutation_of is not None
    if entry.edges is not None:
        return _graph_group(desk, route, entry, entry.edges, members, part)
    if entry.complex:
        return _complex_group(desk, route, entry, members, part)
    if entry.count is not None:
        return _list_group(desk, route, entry, members, part)
    if entry.sorted:
        desk.say_key((*route, "sorted"), "sorted is for lists; say how long they are by count")
    if different and members and len(set(members)) < len(entry.names):
        message = (
            f"{len(entry.names)} names are to get different values, but there are only "
            f"{len(set(members))}; add members or draw fewer names"
        )
        desk.say((*route, "names"), message)
    return Group(entry.names, members, different, _decimals(entry, members), part)


def _decimals(entry: models.DrawEntry, members: Sequence[ListMember]) -> int:
    longest = max((places(it) or 0 for it in members if isinstance(it, Fraction)), default=0)
    return longest if entry.decimals is None else entry.decimals


def has_fractions(desk: ReadingDesk, route: Route) -> bool:
    """Whether numbers of an entry are written as fractions: they are printed as such, then."""
    listed = [desk.source.value((*route, key)) for key in ("one_of", "permutation_of")]
    ends = [desk.source.value((*route, key)) for key in ("from", "to", "step")]
    members = [member for members in listed if isinstance(members, list) for member in members]
    return any(map(is_fraction, (*members, *ends)))


def is_fraction(value: object) -> bool:
    """Whether a value of a file is a number that is written as a fraction: ``2/3``."""
    plain = isinstance(value, Scalar) and value.plain
    return plain and WRITTEN_FRACTION.fullmatch(str(value)) is not None


def _list_group(
    desk: ReadingDesk,
    route: Route,
    entry: models.DrawEntry,
    members: tuple[ListMember, ...],
    part: str | None,
) -> Group:
    """Names that are lists, each of them drawn member by member."""
    shape = entry.count or ()
    size = prod(shape)
    repeats = not entry.distinct and entry.permutation_of is None
    if not repeats and members and len(members) < size:
        message = (
            f"a list of {size} different members cannot be drawn from {len(members)}; add "
            "members, or draw fewer"
        )
        desk.say((*route, "count"), message)
    if entry.sorted and any(isinstance(member, str) for member in members):
        desk.say_key((*route, "sorted"), "only numbers are sorted, not texts")
    if entry.unit is not None:
        desk.say_key((*route, "unit"), "a list has no unit; write it in the text")
    ordered = entry.sorted and not any(isinstance(member, str) for member in members)
    decimals = _decimals(entry, members)
    return Group(
        entry.names, members, False, decimals, part, shape=shape, ordered=ordered, repeats=repeats
    )


def _graph_group(
    desk: ReadingDesk,
    route: Route,
    entry: models.DrawEntry,
    edges: tuple[WrittenEdge, ...],
    members: tuple[ListMember, ...],
    part: str | None,
) -> Group:
    """Names that are graphs: the weight of each edge is drawn."""
    for key in ("count", "sorted", "unit"):
        if getattr(entry, key):
            desk.say_key((*route, key), f"{key} has no meaning with edges; remove it")
    if any(isinstance(member, str) for member in members):
        desk.say_key((*route, "edges"), "the weights of edges are numbers, not texts")
    repeats = not entry.distinct and entry.permutation_of is None
    if not repeats and members and len(members) < len(edges):
        message = (
            f"{len(edges)} edges cannot have different weights out of {len(members)}; add members"
        )
        desk.say_key((*route, "edges"), message)
    return Group(
        entry.names,
        members,
        False,
        _decimals(entry, members),
        part,
        shape=(len(edges),),
        repeats=repeats,
        edges=tuple(edge.ends for edge in edges),
        directed=entry.directed,
    )


def _complex_group(
    desk: ReadingDesk,
    route: Route,
    entry: models.DrawEntry,
    members: tuple[ListMember, ...],
    part: str | None,
) -> Group:
    """Names that are complex numbers, of which both parts are drawn from the list."""
    for key in ("count", "sorted", "distinct", "permutation_of"):
        if getattr(entry, key):
            desk.say_key((*route, key), f"{key} has no meaning with complex; remove it")
    if any(isinstance(member, str) for member in members):
        desk.say_key((*route, "complex"), "the parts of a complex number are numbers, not texts")
    decimals = _decimals(entry, members)
    return Group(entry.names, members, False, decimals, part, shape=(2,), complex=True)


def _fallback_group(
    desk: ReadingDesk, route: Route, name: str, listing: models.DrawList, part: str | None
) -> Group:
    members = _members(desk, route, listing)
    for member in members:
        if isinstance(member, str):
            desk.say(route, f"fallback values are numbers, got {show(member)}")
            break
    # They stand in a sentence, and are as short as they can be.
    return Group((FALLBACK_PREFIX + name,), members, False, listing.decimals or 0, part, True)


def _members(desk: ReadingDesk, route: Route, listing: models.DrawList) -> tuple[ListMember, ...]:
    """The list that is drawn from; empty where it is wrong."""
    form = _form(desk, route, listing)
    if form is None:
        return ()
    if form == "from":
        members = _range(desk, route, listing)
    else:
        members = getattr(listing, form) or ()
        _check_listed(desk, (*route, form), members)
    return _without_excepted(desk, route, listing.except_, members)


def _form(desk: ReadingDesk, route: Route, listing: models.DrawList) -> str | None:
    """How the list is given: exactly one form, with nothing that belongs to another."""
    given = {field.removesuffix("_") for field in listing.model_fields_set}
    forms = [key for key in ("from", "one_of", "permutation_of") if key in given]
    if "to" in given and "from" not in given:
        forms.insert(0, "from")
    is_entry = isinstance(listing, models.DrawEntry)
    choices = "from and to, one_of or permutation_of" if is_entry else "from and to, or one_of"
    if not forms:
        desk.say(route, f"there is no list to draw from; give {choices}")
        return None
    if len(forms) > 1:
        desk.say_key((*route, forms[-1]), f"expected only one form of a list: {choices}")
        return None
    for key in _STRANGERS.get(forms[0], ()):
        if key in given:
            desk.say_key((*route, key), f"{key} has no meaning with {forms[0]}; remove it")
    return forms[0]


_STRANGERS = {"one_of": ("step",), "permutation_of": ("step", "except", "distinct")}
"""Keys that do nothing beside a form of a list."""


def _range(desk: ReadingDesk, route: Route, listing: models.DrawList) -> tuple[Fraction, ...]:
    first, last = listing.from_, listing.to
    step = Fraction(1) if listing.step is None else listing.step
    if first is None or last is None:
        missing = "from" if first is None else "to"
        desk.say(route, f"the field {missing} is missing; a range needs from and to")
        return ()
    if step <= 0:
        desk.say((*route, "step"), f"expected a step of more than 0, got {show(step)}")
        return ()
    if last < first:
        message = f"the range is empty: from {show(first)} to {show(last)}; exchange them"
        desk.say((*route, "to"), message)
        return ()
    count = (last - first) // step + 1
    if count > MAX_LIST:
        desk.say((*route, "to"), f"the range has {count} members; at most {MAX_LIST} are allowed")
        return ()
    members = tuple(first + step * index for index in range(count))
    if members[-1] != last:
        message = (
            f"steps of {show(step)} lead from {show(first)} to {show(members[-1])}, not to "
            f"{show(last)}; change from, to or step"
        )
        desk.say((*route, "to"), message)
    return members


def _check_listed(desk: ReadingDesk, route: Route, members: Sequence[ListMember]) -> None:
    if not members:
        desk.say(route, "the list is empty; give at least one member")
    if len(members) > MAX_LIST:
        desk.say(route, f"the list has {len(members)} members; at most {MAX_LIST} are allowed")
    seen: set[ListMember] = set()
    for index, member in enumerate(members):
        if isinstance(member, str):
            _check_text_member(desk, (*route, index), member)
        if member in seen:
            message = f"{show(member)} is there twice; all members are drawn equally often"
            if has_decimal_commas(desk.source.written(route)):
                message += f" ({len(members)} members? {WITH_A_POINT})"
            if is_fraction(written := desk.source.value((*route, index))):
                message += f"; quotes make a text of it, as in '{written}'"
            desk.say((*route, index), message)
        seen.add(member)
        if isinstance(member, str) != isinstance(members[0], str):
            message = (
                f"the list mixes numbers and texts: {show(members[0])} and {show(member)}; "
                "quotes make a number a text"
            )
            desk.say((*route, index), message)
            return


_LISTED = re.compile(r"\[[^\]\"']*\]")
_NARROW_COMMA = re.compile(r"[0-9],[0-9]")
_WIDE_COMMA = re.compile(r",\s")


def has_decimal_commas(written: str) -> bool:
    """Whether a list of YAML looks as if some of its commas were decimal ones: ``[1,5, 2,5]``."""
    listed = _LISTED.match(written)
    return bool(listed and _NARROW_COMMA.search(listed[0]) and _WIDE_COMMA.search(listed[0]))


def _check_text_member(desk: ReadingDesk, route: Route, member: str) -> None:
    """A text that is drawn is printed as TeX, and looked for on the paper word by word."""
    try:
        check_source(desk, route, member)
    except TextError as error:
        desk.say(route, str(error), error.offset)
        return
    if "%" in member.replace(r"\%", ""):
        desk.say(route, r"% begins a comment in TeX, and the rest is not printed; write \%")


def _without_excepted(
    desk: ReadingDesk, route: Route, excepted: Sequence[ListMember], members: tuple[ListMember, ...]
) -> tuple[ListMember, ...]:
    if not members:
        return ()
    known = set(members)
    for index, member in enumerate(excepted):
        if member not in known:
            desk.say((*route, "except", index), f"{show(member)} is not in the list; remove it")
    gone = set(excepted)
    left = tuple(member for member in members if member not in gone)
    if not left:
        desk.say((*route, "except"), "nothing is left to draw from; except fewer members")
    return left


def show(value: Value) -> str:
    """A value for messages."""
    if isinstance(value, tuple):
        return shorten(f"[{', '.join(map(show, value))}]")
    if not isinstance(value, Fraction):
        return repr(shorten(str(value)))
    try:
        return shorten(format_number(value))
    except NumberError:
        return shorten(str(value))


# The reference copy.


def read_reference(desk: ReadingDesk, groups: Sequence[Group]) -> Mapping[str, Value]:
    """Every drawn name's value in the reference copy, as far as it is given."""
    groups_by_name = {name: group for group in groups for name in group.names}
    values: dict[str, Value] = dict(desk.model.constants)
    for spot, question in desk.questions():
        for given in question.reference_values_of:
            for name, value in given.values.items():
                route = (*spot.route, given.field, name)
                full = given.prefix + name
                if full in values:
                    desk.say_key(route, f"{name} has a reference value already; remove one")
                    continue
                group = groups_by_name.get(full)
                drawn = _as_drawn(group, value)
                if _check_value(desk, route, full, drawn, group):
                    values[full] = drawn
    _check_complete(desk, groups, values)
    _check_different(desk, groups, values)
    return values


def _as_drawn(group: Group | None, value: Value) -> Value:
    """A reference value as it is drawn.

    Of a graph, the weights alone are written; a complex number as ``[3, -2]``.
    """
    if group is None or not (group.edges or group.complex) or not isinstance(value, tuple):
        return value
    numbers = all(isinstance(it, Fraction) for it in value)
    return group.arranged(value) if len(value) == group.size and numbers else value


def _check_value(
    desk: ReadingDesk, route: Route, name: str, value: Value, group: Group | None
) -> bool:
    if group is None:
        known = desk.names.get(name)
        if known is None or known.kind != "unread":
            shown = name.removeprefix(FALLBACK_PREFIX)
            what = "has no fallback value" if shown != name else "is not drawn"
            desk.say_key(route, f"{shown} {what}; remove it")
        return False
    if group.members and not group.admits(value):
        listed = shorten(", ".join(map(show, group.members)))
        if group.shape:
            desk.say(route, f"expected {_list_in_words(group)}: {listed}")
            return True
        desk.say(route, f"{show(value)} is not in the list that it is drawn from: {listed}")
    return True


def _list_in_words(group: Group) -> str:
    """What a drawn list looks like, for a message."""
    size = " times ".join(map(str, group.shape))
    if group.complex:
        return "[real part, imaginary part], members of the list"
    if group.edges:
        unlike = "different " if not group.repeats else ""
        return f"the weights of the {size} edges in their order, {unlike}members of the list"
    kind = "a list" if len(group.shape) == 1 else "a matrix, written [[1, 2], [3, 4]],"
    words = ["different"] * (not group.repeats) + ["ascending"] * group.ordered
    return f"{kind} of {size} {' '.join([*words, 'members'])} of the list that it is drawn from"


def _check_complete(
    desk: ReadingDesk, groups: Sequence[Group], values: Mapping[str, Value]
) -> None:
    for name in (name for group in groups for name in group.names):
        if name in values or not desk.whole:
            continue
        shown = name.removeprefix(FALLBACK_PREFIX)
        known = desk.names[name]
        where = _field_of(desk, known.spot, FALLBACK_PREFIX if shown != name else "")
        desk.say_key(known.route, f"{where} gives no value for {shown}; add it")


def _field_of(desk: ReadingDesk, spot: Spot, prefix: str) -> str:
    """The field in which the reference values of what is drawn at a spot stand."""
    own = next(question for here, question in desk.questions() if here == spot)
    return next(it.field for it in own.reference_values_of if it.prefix == prefix)


def _check_different(
    desk: ReadingDesk, groups: Sequence[Group], values: Mapping[str, Value]
) -> None:
    for group in groups:
        found = [values[name] for name in group.names if name in values]
        if group.different and len(set(found)) < len(found):
            names = ", ".join(group.names)
            message = f"the reference values of {names} must differ, as this entry says"
            desk.say(desk.names[group.names[0]].route[:-1], message)
