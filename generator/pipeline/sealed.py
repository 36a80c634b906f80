"""Papers that are with the printer, through the builds that come after: no byte of them changes.

Marks are compared before anything is typeset, bytes before anything is released. What the user has
changed is refused. What another version of the program does to the same text is not the user's
doing: the papers stay as they are, and keys are made for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator.errors import Complaint, CopyError, InputError
from generator.files.whole import sums_of
from generator.record.batch import CLASS_FILES, open_batch
from generator.record.copy import Copy
from generator.record.ledger import Ledger, Released

if TYPE_CHECKING:  # makes pages, which a look at whether a batch is sealed does without
    from generator.pipeline.workshop import Workshop

KEPT_PAPERS = "kept_papers"
"""The fact which sealed papers are those of an earlier version of the program."""
_DRAWINGS = f"{CLASS_FILES}figures/"
_GONE = "making their papers, which are gone, again with this version of the program"


def check_redraw(ledger: Ledger, redraw: Iterable[str]) -> None:
    """Whether problems may be drawn afresh.

    Raises:
        InputError: The batch is sealed.
    """
    if ledger.sealed and (names := sorted(redraw)):
        what = f"drawing problem {', '.join(names)} afresh"
        raise _refusal(ledger, ledger.codes(), what)


class SealedPapers:
    """The papers of a sealed batch."""

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        before: Mapping[str, Released],
        sources: Mapping[str, bytes],
    ) -> None:
        """Prepares.

        Args:
            folder: The batch's, as it was released.
            ledger: What the build works on; its sources and facts are still those of the release.
            before: Code to what was released of it.
            sources: What the batch would be made of now.
        """
        self.folder = folder
        self.ledger = ledger
        self.before = before
        self.sources = sources

    def check_marks(self, workshop: Workshop) -> None:
        """Whether papers would say something else than is printed on them.

        Raises:
            InputError: Names them all.
        """
        changed = [copy for copy in self.ledger.active() if self._is_other(copy)]
        same = self._same_texts(changed, workshop) if changed else set()
        for copy in changed:
            if copy.code in same:
                self.ledger.put(replace(copy, mark=self.before[copy.code].mark))
        self._check([copy.code for copy in changed if copy.code not in same])

    def _is_other(self, copy: Copy) -> bool:
        return copy.code in self.before and self.before[copy.code].mark not in {"", copy.mark}

    def _same_texts(self, copies: Sequence[Copy], workshop: Workshop) -> set[str]:
        """Copies whose papers this version would print alike from the bank as it was sealed."""
        if not self.ledger.sources:
            return set()
        from generator.pipeline.workshop import Workshop

        with open_batch(self.folder) as batch:
            try:
                sealed = Workshop(batch.exam, workshop.secret, workshop.digits)
                pairs = [(copy, sealed.mark(batch.copy(copy.code))) for copy in copies]
            except (InputError, CopyError):  # this version takes that bank for another one
                return set()
        return {copy.code for copy, mark in pairs if mark == copy.mark}

    def check_papers(
        self, copies: Sequence[Copy], reprints: Sequence[str], facts: dict[str, Any]
    ) -> Iterator[Copy]:
        """Whether papers that were made are other bytes than those that were released.

        Args:
            copies: Those of which it is so.
            reprints: Codes of reprints of which it is so.
            facts: What else the batch would be made of now; which papers stay is added.

        Returns:
            The copies whose released papers stay.

        Raises:
            InputError: Names all that would change.
        """
        kept = set(self.ledger.facts.get(KEPT_PAPERS, ()))
        others = self._of_other_versions(facts, kept)
        self._check([copy.code for copy in copies if copy.code not in others])
        lost = [copy.code for copy in copies if not self._is_there(copy.code)]
        if lost or reprints:
            raise _refusal(self.ledger, [*lost, *reprints], _GONE)
        facts[KEPT_PAPERS] = sorted(kept.union(copy.code for copy in copies))
        for copy in copies:
            kept_copy = replace(copy, paper_sha256=self.before[copy.code].paper_sha256)
            self.ledger.put(kept_copy)
            yield kept_copy

    def _is_there(self, code: str) -> bool:
        from generator.release.handover import copy_paths

        paper = copy_paths(self.folder, Copy(code))[0]
        return sums_of([paper]) == [self.before[code].paper_sha256]

    def _of_other_versions(
        self, facts: Mapping[str, Any], kept: Collection[str]
    ) -> Collection[str]:
        """Copies of which other bytes of the same text are this program's doing, not the user's.

        Args:
            kept: Copies whose papers an earlier version has made, as was found before.
        """
        had = self.ledger.sources
        if not had:  # the version that built the batch did not say what it was made of
            return self.before.keys()
        known = self.ledger.facts
        if known.get("plan") != facts["plan"]:
            return ()
        if _look(had) != _look(self.sources):
            # A version of the program brings its class along; with the same one, users changed it.
            is_other = known.get("modules") != facts["modules"]
            stands_there = known.get("layout") == facts["layout"]
            return self.before.keys() if is_other and stands_there else ()
        names = ("program", "toolchain", "python")
        other = any(known.get(name) != facts[name] for name in names)
        return self.before.keys() if other else kept

    def _check(self, changed: Sequence[str]) -> None:
        if not changed:
            return
        had, has = self.ledger.sources, self.sources
        names = sorted({*_used(had), *_used(has)}) if had else []
        files = [name for name in names if had.get(name) != has.get(name)]
        what = f"the change of {', '.join(files)}" if files else "this build"
        if files and all(name.startswith(CLASS_FILES) for name in files):
            # A version of the program brings its class along, and may set the same text otherwise.
            what += (
                ", by you or by another version of the program than the one that built the batch "
                "(which can still revise its keys),"
            )
        raise _refusal(self.ledger, changed, what)


def _look(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    used = _used(sources)
    return {name: content for name, content in used.items() if name.startswith(CLASS_FILES)}


def _used(sources: Mapping[str, bytes]) -> dict[str, bytes]:
    """Without the drawings that nothing names: they are on no paper."""
    return {
        name: content
        for name, content in sources.items()
        if not name.startswith(_DRAWINGS)
        or any(Path(name).stem.encode() in it for other, it in sources.items() if other != name)
    }


def _refusal(ledger: Ledger, codes: Sequence[str], what: str) -> InputError:
    """That something may not be done since papers are with the printer."""
    sealed = ledger.sealed
    assert sealed is not None
    message = (
        f"the batch was sealed at {sealed.time}, and {what} would change {len(codes)} papers: "
        f"{', '.join(sorted(codes))}. Nothing was changed. Undo it; if these papers are not to be "
        "used, thaw the batch first: make thaw REASON='...'"
    )
    return InputError([Complaint(str(ledger.path.parent.parent), 0, 0, "", message)])
