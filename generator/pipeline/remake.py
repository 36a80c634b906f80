"""Papers and keys of a batch that was built before, from what the ledger has kept of its bank.

The bank's own files, the class and the figures may have been edited, moved or lost since.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from generator.errors import CopyError
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.batch import CLASS_FILES, Batch
from generator.record.ledger import Ledger
from generator.release.finished import Produced
from generator.roster.accommodation import Accommodation
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import forbid


def remake(
    batch: Batch,
    codes: Iterable[str],
    cache: Path,
    jobs: int = 1,
    new: Mapping[str, Accommodation] | None = None,
) -> Iterator[Produced]:
    """Makes copies again: the same bytes, as long as program and TeX are those of the batch.

    Args:
        codes: Of copies, or of reprints (``E0312.1``), whose papers have the record of their copy.
        cache: Where presses are kept.
        new: Codes of reprints that the batch does not know yet, to what is different about them.

    Raises:
        InputError: There is no such copy, or the batch's bank is not known.
        CopyError: This version of the program would print another text, or a copy failed.
    """
    exam = batch.exam
    workshop = Workshop(exam, batch.secret, batch.ledger.digits)
    with tempfile.TemporaryDirectory(prefix="exam-variants-") as folder:
        batch.write_sources(Path(folder))
        press = prepare_press(exam, cache, jobs, Path(folder) / CLASS_FILES)
        producer = Producer(workshop, press, forbid(exam, people(batch.ledger)), Path(folder))
        copies = []
        for code in codes:
            copy = batch.copy(code.partition(".")[0])
            if workshop.mark(copy) != copy.mark:
                message = f"{code}: this version of the program would print another text"
                raise CopyError(message, advice="Use the version that built the batch.")
            different = (new or {}).get(code) or batch.ledger.printed_as(code, copy)
            copies.append(replace(copy, code=code, accommodation=different))
        yield from producer.produce(copies)


def people(ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """Registration number, first and last name of all who have a copy."""
    for holder in ledger.holders().values():
        yield holder.registration_number, holder.first_name, holder.last_name
