"""What a build did, for people and for the ledger: nothing disappears or changes without a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_CARRIED = 40
SHOWN = 10
"""So many codes are on the screen; all of them are in the events."""


@dataclass
class Outcome:
    """What a build did; copies by their codes.

    Attributes:
        first: There was no batch before.
        papers_made: Papers of copies that had none.
        papers_changed: Papers that are others now.
        keys_revised: What changed to the keys that got their next revision for it.
        withdrawn: Copies whose students have left the roster.
        returned: Copies of students who came back.
        take_out: Room to the copies of it that are withdrawn.
        moved: Copies that are in another room now.
        carry: From which room to which, to the copies that are moved so.
        renamed: Rooms that have another name now.
        held: Spare copies whose students stay where they were put at the door, and where the
            roster has them now.
        kept_spares: Spare copies that stay though fewer are asked for.
        runs_changed: Print runs that are new or others now.
        runs_gone: Print runs of rooms that have no copies any more.
        doubts: Conditions that no longer hold to the released copies of which this is so.
        kept_papers: Copies whose sealed papers stay, though this version would make other bytes.
        differing: Sealed copies whose students have another accommodation now.
        respelled: Copies whose students have another name now.
        drawn_again: Late copies whose first draw could not be made.
        neighbors: Room to how unlike the papers of neighbors are (`Parted`).
        remade: Released files that were missing, or not as they were released.
        aside: Where files are now that others had put into the folders, or edited.
    """

    first: bool = False
    papers_made: list[str] = field(default_factory=list)
    papers_changed: list[str] = field(default_factory=list)
    keys_revised: dict[str, list[str]] = field(default_factory=dict)
    withdrawn: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    take_out: dict[str, list[str]] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)
    carry: dict[str, list[str]] = field(default_factory=dict)
    renamed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    kept_spares: list[str] = field(default_factory=list)
    runs_changed: list[str] = field(default_factory=list)
    runs_gone: list[str] = field(default_factory=list)
    doubts: dict[str, list[str]] = field(default_factory=dict)
    kept_papers: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    respelled: list[str] = field(default_factory=list)
    drawn_again: list[str] = field(default_factory=list)
    neighbors: dict[str, dict[str, int]] = field(default_factory=dict)
    remade: list[str] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)

    @property
    def revised(self) -> list[str]:
        """The copies whose keys were revised."""
        return sorted({code for codes in self.keys_revised.values() for code in codes})

    @property
    def touched(self) -> list[str]:
        """The copies of which anything is new, another, or gone."""
        groups = (self.papers_made, self.papers_changed, self.revised, self.withdrawn)
        return sorted({code for group in (*groups, self.returned) for code in group})

    def data(self) -> dict[str, Any]:
        """All of it that is not empty, as JSON data."""
        return {name: value for name, value in asdict(self).items() if value}

    def lines(self) -> Iterator[str]:
        """What people should read, and what is to be done."""
        yield from self._about_papers()
        yield from self._about_keys()
        yield from self._about_people()
        yield from self._about_neighbors()
        if self.remade:
            yield f"files that were missing or changed, made again: {listed(self.remade)}"
        if self.aside:
            yield f"moved aside, not written by this program: {listed(self.aside, len(self.aside))}"
        yield from self._to_do()

    def _about_papers(self) -> Iterator[str]:
        if self.papers_made and not self.first:
            yield counted("papers made", self.papers_made)
        if self.drawn_again:
            said = "late copies that were drawn once more, since their first draw cannot be made"
            yield f"{counted(said, list(dict.fromkeys(self.drawn_again)))}; run make check"
        if self.papers_changed:
            yield counted("papers changed", self.papers_changed)
            # Both print the record's mark, and the key prints the questions of its paper.
            yield counted("keys changed with their papers", self.papers_changed)
        if self.kept_papers:
            kept = counted("sealed papers that stay as they are", self.kept_papers)
            yield f"{kept}; this version of the program would make other bytes of the same text"
        if self.runs_changed and not self.first:
            yield counted("print runs changed", self.runs_changed)
        if self.runs_gone:
            yield counted("print runs gone", self.runs_gone)

    def _about_keys(self) -> Iterator[str]:
        for change, codes in sorted(self.keys_revised.items()):
            yield f"next revision of the key, {change}: {listed(codes)}"
        for condition, codes in sorted(self.doubts.items()):
            yield f"warning: {condition} for {listed(codes)}; what was drawn and released stays"

    def _about_people(self) -> Iterator[str]:
        if self.withdrawn:
            yield counted("copies withdrawn, their students are not in the roster", self.withdrawn)
        if self.returned:
            yield counted("copies in use again", self.returned)
        if self.respelled:
            said = "copies whose students have another name now, as the lists of the office have it"
            yield counted(said, self.respelled)
        for renamed in self.renamed:
            yield f"room renamed: {renamed}; its spare copies go with it"
        if self.moved:
            yield counted("copies that are in another room now", self.moved)
        if self.held:
            stay = "students with a spare copy stay where they were put at the door, whatever the"
            do = "to move one, make bind COPY=… STICKER=… SEAT=…, or take the copy back first"
            yield f"{stay} roster has now ({do}): {listed(self.held, MOST_CARRIED)}"
        if self.kept_spares:
            spares = counted("spare copies that are more than asked for", self.kept_spares)
            yield f"{spares}; they may be printed, so they stay"

    def _about_neighbors(self) -> Iterator[str]:
        for room, parted in self.neighbors.items():
            numbers = f"{parted['least_numbers']} of {parted['numbers']} numeric answers"
            others = f"{parted['least_others']} of {parted['others']} others"
            share = f"{parted['sharing']} share a number"
            count = parted["pairs"]
            pairs = f"{count} pairs of neighbors differ" if count > 1 else "1 pair differs"
            late = f"{parted.get('late_least_numbers')} of {parted['numbers']}"
            beside = f", {parted.get('late')} pairs with a late or moved copy in at least {late}"
            more = beside if parted.get("late") else ""
            yield f"{room}: {pairs} in at least {numbers} and {others}; {share}{more}"

    def _taken_out(self) -> Iterator[str]:
        for room, codes in self.take_out.items():
            yield listed(codes, MOST_CARRIED) + (f" ({room})" if room else "")

    def _to_do(self) -> Iterator[str]:
        if self.first:
            yield "to do: make proof, look at that set, make approve; then print-shop/ can go out"
            return
        if to_print := sorted({*self.papers_made, *self.papers_changed, *self.returned}):
            yield f"to do: print these {len(to_print)}: {listed(to_print)}"
        if self.papers_changed:
            yield f"to do: destroy printed papers of {listed(self.papers_changed)}"
        if self.differing:
            stay = "sealed papers stay as they are, though the roster has it otherwise now"
            do = "thaw the batch and build, or give these students what they need by hand"
            yield f"to do: {stay}; {do}: {listed(self.differing)}"
        if self.withdrawn:
            yield f"to do: take these out if they are printed: {'; '.join(self._taken_out())}"
        for way, codes in self.carry.items():
            yield f"to do: carry these {way} if they are printed: {listed(codes, MOST_CARRIED)}"
        if again := sorted({*self.revised, *self.papers_changed}):
            yield f"to do: give the correctors these keys again: {listed(again)}"


def counted(what: str, codes: Sequence[str]) -> str:
    """How many, and which."""
    return f"{what}: {len(codes)} ({listed(codes)})"


def listed(codes: Sequence[str], most: int = SHOWN) -> str:
    """The first of some codes or names, and how many more there are."""
    more = len(codes) - most
    return ", ".join(sorted(codes)[:most]) + (f" and {more} more" if more > 0 else "")
