"""Batches beside one that begins: an exam that got another id would begin a second one unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from generator.errors import GeneratorError
from generator.record.batch import BANK, open_batch
from generator.record.ledger import EXAMINER, LEDGER_FILE


def other_batches(folder: Path, sources: Mapping[str, bytes], exam_file: str) -> Iterator[str]:
    """What to say of batches of the same problems.

    Args:
        folder: That of the batch which begins.
        sources: What it is made of.
        exam_file: The name of its exam file, in which the id stands.
    """
    ours = _problems(sources, exam_file)
    for other in sorted(folder.parent.glob(f"*/{EXAMINER}/{LEDGER_FILE}")):
        batch_folder = other.parent.parent
        if batch_folder == folder:
            continue
        with suppress(GeneratorError, OSError), open_batch(batch_folder) as batch:
            if ours & _problems(batch.ledger.sources, exam_file):
                name, count = batch.exam_id, len(batch.codes())
                yield (
                    f"{folder} is a new batch, with draws and codes of its own; {batch_folder} has "
                    f"copies of the same problems ({count}) and stays as it is. If this is the "
                    f"same exam, put id: {name} back into {exam_file}, build again, and remove "
                    f"{folder}"
                )


def _problems(sources: Mapping[str, bytes], exam_file: str) -> set[tuple[str, bytes]]:
    """The files of a bank but for the exam's own."""
    return {
        (name, content)
        for name, content in sources.items()
        if name.startswith(BANK) and name.endswith(".yaml") and name != BANK + exam_file
    }
