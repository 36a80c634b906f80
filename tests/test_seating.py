"""Seats: who sits where, and that neighbors get papers that are unlike."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_bank import EXAM, complaints, load

from generator.errors import InputError
from generator.exact.secret import REFERENCE_SECRET
from generator.language.catalogue import load_catalogue
from generator.office.attendance import Attendee, RoomList
from generator.office.exam_head import ExamHead
from generator.office.seating import seating_pdf
from generator.pipeline.copy_answers import CopyAnswer, compare
from generator.pipeline.door_seat import DoorSeats, Sitting
from generator.pipeline.given_seats import Former, check_seats, place_students
from generator.pipeline.part_copies import best_free_seat, neighbors_of, part_copies
from generator.record.copy import Copy, Holder
from generator.record.ledger import Ledger, now
from generator.rooms.neighbors import Costs, _Search, likeness, part_neighbors
from generator.rooms.room_plan import Chair, RoomPlan, blocked_seats, row_names, seat_key
from generator.rooms.seat_students import Sitter, seat_students
from generator.roster.students import parse_roster

HALL = RoomPlan("Hall", row_names(4), 6, gaps=(3,), row_gaps=(2,), distance=1)


def plan(rows: int, seats: int, *, distance: int = 0, row_distance: int = 0) -> RoomPlan:
    return RoomPlan("Hall", row_names(rows), seats, distance=distance, row_distance=row_distance)


def sitters(count: int, **seats: str) -> list[Sitter]:
    return [Sitter(f"{n}", b"%03d" % (7 * n % 100), seats.get(f"s{n}", "")) for n in range(count)]


def are_neighbors(plan: RoomPlan, one: Chair, other: Chair) -> bool:
    """Whether two seats are beside, before or behind each other, or across a corner; seats and
    rows that stay empty between students don't part them."""
    down, across = abs(one.row - other.row), abs(one.column - other.column)
    return one != other and down <= plan.row_distance + 1 and across <= plan.distance + 1


# --- rooms ----------------------------------------------------------------------------------------


def test_a_gap_parts_seats_and_distances_count_over_it() -> None:
    assert [chair.seat for chair in HALL.free(())][:4] == ["A1", "A3", "A4", "A6"]
    three, four = HALL.find("A 03"), HALL.find("a4")
    assert three is not None
    assert four is not None
    assert are_neighbors(HALL, three, four)
    near = RoomPlan("Hall", row_names(4), 6, gaps=(3,))
    three, four = near.find("A3"), near.find("A4")
    assert three is not None
    assert four is not None
    assert not are_neighbors(near, three, four)


@pytest.mark.parametrize(
    ("entry", "seats"),
    [("B2", ["B2"]), ("b", ["B1", "B2", "B3"]), ("A 01 to A2", ["A1", "A2"]), ("Z1", []),
     ("A1 to B2", []), ("A3 to A1", [])],
)  # fmt: skip
def test_seats_are_blocked_by_what_people_write(entry: str, seats: list[str]) -> None:
    assert blocked_seats(plan(2, 3), entry) == tuple(map(seat_key, seats))


@given(st.integers(1, 8), st.integers(1, 12), st.integers(0, 3), st.integers(0, 2))
def test_seats_that_are_given_keep_their_distance(
    rows: int, seats: int, distance: int, row_distance: int
) -> None:
    room = plan(rows, seats, distance=distance, row_distance=row_distance)
    chairs = list(room.free(()))
    for one, other in itertools.combinations(chairs, 2):
        if one.row == other.row:
            assert abs(one.column - other.column) > distance
        else:
            assert abs(one.row - other.row) > row_distance
    assert len(chairs) == -(-rows // (row_distance + 1)) * -(-seats // (distance + 1))


def test_neighbors_are_those_of_the_definition() -> None:
    chairs = list(HALL.free(()))
    near = neighbors_of(HALL, chairs)
    for one, other in itertools.permutations(range(len(chairs)), 2):
        assert (other in near[one]) == are_neighbors(HALL, chairs[one], chairs[other])


# --- students -------------------------------------------------------------------------------------


def test_seats_of_the_roster_and_former_seats_stay() -> None:
    first = seat_students(plan(2, 4), sitters(4, s2="B 03"))
    assert first.seats["2"] == "B 03"
    again = [
        Sitter(it.number, it.lot, it.seat, first.seats[it.number]) for it in sitters(4, s2="B 03")
    ]
    later = seat_students(plan(2, 4), [*again, Sitter("late", b"")])
    assert {number: later.seats[number] for number in first.seats} == first.seats
    assert later.seats["late"] not in first.seats.values()


def test_who_finds_no_seat_is_named() -> None:
    seated = seat_students(plan(1, 3, distance=1), sitters(3))
    assert len(seated.seats) == 2
    assert len(seated.standing) == 1


HEADER = "registration_number,last_name,first_name,room,seat\n"


def roster_complaints(text: str, *rooms: RoomPlan) -> list[str]:
    roster = parse_roster((HEADER + text).encode(), "roster.csv")
    found = check_seats({room.name: room for room in rooms}, roster, "roster.csv")
    return [str(complaint) for complaint in found]


def test_what_a_room_has_not_is_refused_at_its_line() -> None:
    room = RoomPlan("Hall", row_names(2), 3, blocked=frozenset({seat_key("B1")}))
    wrong = roster_complaints(
        "01,A,B,Hall,A1\n02,C,D,Hull,\n03,E,F,Hall,C1\n04,G,H,Hall,b1\n05,I,J,,A2\n", room
    )
    assert wrong == [
        "roster.csv:3: room: there is no room 'Hull'; rooms in the exam file has Hall: correct it, "
        "or add the room",
        "roster.csv:4: seat: Hall has no seat 'C1'; it has 2 rows of 3 seats, A1 to B3",
        "roster.csv:5: seat: the seat 'b1' of Hall is blocked in the exam file; give another one, "
        "or leave the cell empty",
        "roster.csv:6: room: the seat 'A2' needs a room; write both, or none",
    ]


def test_an_unknown_room_is_said_once_with_all_of_its_lines() -> None:
    text = "01,A,B,Hull,\n02,C,D,Hall,Z9\n03,E,F,Hull,A1\n04,G,H,Hull,\n"
    assert roster_complaints(text, plan(2, 3)) == [
        "roster.csv:2: room: there is no room 'Hull' (also in lines 4, 5); rooms in the exam file "
        "has Hall: correct it, or add the room",
        "roster.csv:3: seat: Hall has no seat 'Z9'; it has 2 rows of 3 seats, A1 to B3",
    ]


def test_more_students_than_seats_are_refused_with_what_to_do() -> None:
    text = "".join(f"{n:02},A,B,Hall,\n" for n in range(5))
    [message] = roster_complaints(text, plan(2, 3, distance=1))
    assert message.startswith("roster.csv:6: room: 5 students have the room Hall, and there are")
    assert "put 1 into another room" in message


def test_rooms_are_filled_one_after_the_other_where_the_roster_names_none() -> None:
    text = HEADER + "".join(f"{n:02},A,B,,\n" for n in range(5))
    roster = parse_roster(text.encode(), "roster.csv")
    rooms = {"Hall": plan(1, 3), "Attic": RoomPlan("Attic", row_names(2), 2)}
    places = place_students(rooms, roster, {"03": Former("Attic", "B2")}, REFERENCE_SECRET)
    assert sorted(room or "" for room, _ in places.values()) == ["Attic"] * 2 + ["Hall"] * 3
    assert places["03"] == ("Attic", "B2")
    assert len(set(places.values())) == 5


def test_rooms_of_the_exam_file(tmp_path: Path) -> None:
    room = "rooms: {Main hall: {rows: 2, seats: 3, blocked: [A, B1 to B2], gaps: [1]}}\n"
    exam = load(tmp_path, exam=EXAM + room)
    assert exam.rooms["Main hall"].count() == 1
    wrong = (
        "rooms:\n  Hall: {rows: 2, seats: 3, blocked: [C1], gaps: [3], row_names: [A]}\n"
        "  Attic: {rows: 2, seats: 3, blocked: [C1], gaps: [3]}\n"
        "  Cellar: {rows: 1, seats: 2, blocked: [A]}\n"
    )
    found = complaints(tmp_path, exam=EXAM + wrong)
    assert [(it.line, it.message.partition(";")[0]) for it in found] == [
        (14, "there is no room 'Main hall'"),
        (18, "1 names for 2 rows"),
        (19, "'C1' is not in this room (2 rows of 3 seats, A1 to B3)"),
        (19, "behind 3 of 3 there is nothing to part"),
        (20, "nobody has room"),
    ]


# --- which copy lies where ------------------------------------------------------------------------


def test_copies_are_compared_as_correctors_would() -> None:
    def copy(
        number: Fraction, choice: str, text: str = "same"
    ) -> dict[tuple[str, str, str], CopyAnswer]:
        return {
            ("1", "1.1", "mse"): CopyAnswer(number, True, 0.1),
            ("1", "1.2", "text"): CopyAnswer("same", False),
            ("2", "2.1", "correct"): CopyAnswer((choice,), False),
        }

    values = [Fraction(10, 10), Fraction(11, 10), Fraction(13, 10)]
    alike = compare([copy(value, choice) for value, choice in zip(values, "aab", strict=True)])
    assert (alike.number_count, alike.other_count) == (1, 1)
    assert alike.numbers.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert alike.others.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]


def random_costs(count: int, seed: int, most: tuple[int, ...] = (3, 4, 6)) -> Costs:
    dice = np.random.default_rng(seed)
    ids = dice.integers(0, most, (count, len(most))).astype(np.int32)
    nothing = np.zeros((count, 0))
    others = dice.integers(0, 5, (count, 2)).astype(np.int32)
    return likeness(ids, nothing, nothing, others).costs()


def cost_of(costs: Costs, near: list[list[int]], order: tuple[int, ...]) -> int:
    return sum(int(costs[order[s], order[t]]) for s, seats in enumerate(near) for t in seats)


@pytest.mark.parametrize("seed", range(6))
def test_no_arrangement_of_a_small_room_is_better(seed: int) -> None:
    """All of them are tried."""
    room = plan(2, 4)
    near = neighbors_of(room, room.chairs)
    costs = random_costs(8, seed)
    found = part_neighbors(costs, near, [True] * 8)
    least = min(cost_of(costs, near, order) for order in itertools.permutations(range(8)))
    assert cost_of(costs, near, tuple(found)) == least


@pytest.mark.parametrize(("seed", "most"), [(3, 1), (0, 2), (10, 2)])
def test_no_exchange_of_two_copies_is_left_that_pays(seed: int, most: int) -> None:
    """Before anything is shaken up; seats that pay little are looked at like all others."""
    room = plan(5, 8)
    near = neighbors_of(room, room.chairs)
    dice = np.random.default_rng(seed)
    costs = np.triu(dice.integers(0, 3 * most, (40, 40)).astype(np.int32) // 2, 1)
    costs += costs.T
    search = _Search(costs, near, 32)
    search._descend()
    found = [int(copy) for copy in search.order[:-1]]
    assert search.total() == cost_of(costs, near, tuple(found))
    assert found[32:] == list(range(32, 40))
    for one, other in itertools.combinations(range(32), 2):
        tried = found.copy()
        tried[one], tried[other] = found[other], found[one]
        assert cost_of(costs, near, tuple(tried)) >= search.total()


def test_a_hall_gets_far_better_than_by_chance_and_what_was_released_stays() -> None:
    room = plan(20, 30)
    near = neighbors_of(room, room.chairs)
    costs = random_costs(600, 1, (8, 8, 12, 20, 20))
    movable = [seat % 10 > 0 for seat in range(600)]
    found = part_neighbors(costs, near, movable)
    assert sorted(found) == list(range(600))
    assert all(found[seat] == seat for seat in range(600) if not movable[seat])
    assert cost_of(costs, near, tuple(found)) < cost_of(costs, near, tuple(range(600))) / 5
    assert found == part_neighbors(costs, near, movable)


def late_room(tmp_path: Path, empty: int) -> tuple[Ledger, RoomPlan, set[str]]:
    """A row of five whose copies are released, and three who come late to a room with more."""
    room = plan(2, 5 + empty)
    ledger = Ledger(tmp_path / "ledger", "small-1", REFERENCE_SECRET, tmp_path / "working")
    seats = [chair.seat for chair in room.chairs][:8]
    for index, seat in enumerate(seats):
        ledger.put(Copy(f"E{index:04}", "Hall"))
        ledger.bind(f"E{index:04}", Holder(f"{index}", seat=seat), "roster", now())
    return ledger, room, {f"E{index:04}" for index in (5, 6, 7)}


def same_as(codes: Sequence[str]) -> list[dict[tuple[str, str, str], CopyAnswer]]:
    """Two numbers of each copy; the late ones have those of E0003 and E0004, or of each other."""
    first = {"E0005": 3, "E0006": 4, "E0007": 4}
    numbers = [first.get(code, int(code[1:])) for code in codes]
    return [
        {("1", "1.1", name): CopyAnswer(Fraction(number), True) for name in ("sum", "mean")}
        for number in numbers
    ]


@pytest.mark.parametrize(
    ("empty", "least", "chosen"), [(3, 2, set()), (0, 2, set()), (3, 0, {"5", "6", "7"})]
)
def test_late_students_sit_where_their_copies_are_unlike(
    tmp_path: Path, empty: int, least: int, chosen: set[str]
) -> None:
    """Nobody else is moved; nor are they where the roster says their seats."""
    ledger, room, new = late_room(tmp_path, empty)
    with closing(ledger):
        before = ledger.bindings()
        parted = part_copies(ledger, room, new, same_as, chosen)
        assert parted is not None
        after = ledger.bindings()
    assert [it for it in before if it.code not in new] == [it for it in after if it.code not in new]
    assert len({it.holder.seat for it in after}) == 8
    assert {it.code for it in after} == {it.code for it in before}
    assert parted.late_least_numbers == least


def test_who_comes_from_another_room_sits_where_the_copy_is_unlike(tmp_path: Path) -> None:
    """Their copies are released, but nobody was told of a seat in this room."""
    ledger, room, moved = late_room(tmp_path, 3)
    with closing(ledger):
        codes = {it.holder.registration_number: it.code for it in ledger.bindings()}
        parted = part_copies(ledger, room, set(), same_as, set(), moved)
        assert parted is not None
        assert parted.late_least_numbers == 2
        now_bound = {it.holder.registration_number: it.code for it in ledger.bindings()}
        stayed = part_copies(ledger, room, set(), same_as)
    assert now_bound == codes
    assert stayed is not None
    assert stayed.late == 0


def test_a_spare_copy_is_taken_to_the_free_seat_where_it_is_unlike_its_neighbors(
    tmp_path: Path,
) -> None:
    """E0006 has the numbers of E0004 on A5; the first of the free seats is beside it."""
    ledger, room, _ = late_room(tmp_path, 3)
    with closing(ledger):
        for code in ("E0005", "E0006", "E0007"):
            ledger.release(code, now())
        seat = best_free_seat(ledger, room, "E0006", "late", same_as)
        assert seat not in {"", *(it.holder.seat for it in ledger.bindings())}
        chair = room.find(seat)
        other = room.find("A5")
        assert chair is not None
        assert other is not None
        assert neighbors_of(room, [chair, other]) == [[], []]
        first = next(room.free(it for it in room.chairs if it.seat[0] == "A" and it.column < 5))
        assert neighbors_of(room, [first, other]) == [[1], [0]]
        full = RoomPlan("Hall", ("A",), 5)
        assert best_free_seat(ledger, full, "E0005", "late", same_as) == ""
        assert best_free_seat(ledger, full, "E0005", "4", same_as) == "A5"


def test_a_seat_of_another_room_is_none_of_this_one(tmp_path: Path) -> None:
    ledger, _, _ = late_room(tmp_path, 3)
    with closing(ledger):
        ledger.put(Copy("E0009", "Hall", 1))
        for room, seat, given in (("Hall", "B8", "B8"), ("Aula", "B8", ""), ("Hall", "A1", "")):
            seats = DoorSeats(ledger, None, "E0009", "late", Sitting(room, seat))
            assert seats.find() == Sitting("Hall", given)


def test_who_has_a_seat_of_the_plan_keeps_it_at_the_door(tmp_path: Path) -> None:
    hall = "rooms: {Hall: {rows: 2, seats: 8}, Main hall: {rows: 1, seats: 9}}\n"
    exam = load(tmp_path, exam=EXAM + hall)
    ledger, _, _ = late_room(tmp_path, 3)
    with closing(ledger):
        ledger.put(Copy("E0009", "Hall", 1))
        seats = DoorSeats(ledger, exam, "E0009", "late", Sitting("Hall", "B5"))
        assert seats.find() == Sitting("Hall", "B5")


def test_who_was_given_a_spare_copy_keeps_that_seat_whatever_the_roster_says() -> None:
    former = {
        "1": Former("Hall", "B2", has_spare=True),
        "9": Former("Hall", "A1", has_spare=True),  # in no roster any more
    }
    header = "registration_number,name,first_name,room,seat\n"
    roster = parse_roster(f"{header}1,One,A,Lab,A3\n2,Two,B,Hall,\n".encode(), "roster.csv")
    rooms = {"Hall": plan(2, 2), "Lab": RoomPlan("Lab", ("A",), 3)}
    places = place_students(rooms, roster, former, REFERENCE_SECRET)
    assert places["1"] == ("Hall", "B2")
    assert places["2"][1] in {"A2", "B1"}
    assert set(places) == {"1", "2"}
    taken = f"{header}1,One,A,Hall,\n2,Two,B,Hall,B2\n3,Three,C,Hall,A1\n"
    with pytest.raises(InputError) as caught:
        place_students(rooms, parse_roster(taken.encode(), ""), former, REFERENCE_SECRET)
    assert "the seat B2 of Hall is for 2 by the roster, and 1 sits there" in str(caught.value)
    assert "the seat A1 of Hall is for 3 by the roster, and 9 sits there" in str(caught.value)
    # Without plans as well.
    assert place_students({}, roster, former, REFERENCE_SECRET)["1"] == ("Lab", "B2")


# --- on paper -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "seats", "pages"), [(4, 6, 1), (30, 40, 4)])
def test_the_plan_shows_every_seat_and_copy(rows: int, seats: int, pages: int) -> None:
    room = plan(rows, seats)
    head = ExamHead("small-1", "Testing", "10 February 2030", load_catalogue("en"))
    people = tuple(
        Attendee(chair.seat, "王 小明", "03", f"E{index:04}-Y", "", "")
        for index, chair in enumerate(room.chairs)
        if index % 7
    )
    pdf = seating_pdf(head, [RoomList("Hall", people)], {"Hall": room})
    document = pypdfium2.PdfDocument(pdf)
    texts = [page.get_textpage().get_text_range() for page in document]
    words = " ".join(texts[:pages]).split()
    assert {chair.seat for chair in room.chairs} <= set(words)
    assert {attendee.code for attendee in people} <= set(words)
    assert document[pages - 1].get_size()[0] > 800 > document[pages].get_size()[0]


def test_bad_rooms_raise_as_input(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load(tmp_path, exam=EXAM + "rooms: {Hall: {rows: 0, seats: 3}}\n")


def test_a_printer_that_is_off_by_half_a_sheet_is_no_printer(tmp_path: Path) -> None:
    (wrong,) = complaints(tmp_path, exam=EXAM + "stickers: {sheet: L7160, offset: [100, -2]}\n")
    assert "expected a shift of at most 15 mm" in wrong.message
