"""`exam-variants init FOLDER`: a small exam of one's own, that builds at once."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

from generator.errors import Complaint, InputError
from generator.files.program import INSTALLED, PROGRAM, SCHEMAS

STARTER = PROGRAM / "starter"
MAKEFILE = "Makefile"
NAME = "exam-variants"


def init(folder: Path) -> str:
    """Makes a folder with a bank, a roster and a Makefile of three lines.

    Args:
        folder: A folder that is not there yet, or is empty.

    Returns:
        What to do next.

    Raises:
        InputError: The folder has something in it already.
        OSError: It cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = "is there already, and has something in it; name a folder that does not exist yet"
        raise InputError([Complaint(str(folder), 0, 0, "", message)])
    bank = folder / "bank"
    bank.mkdir(parents=True)
    for file in sorted(STARTER.iterdir()):
        if file.name == MAKEFILE:
            (folder / MAKEFILE).write_text(file.read_text().replace(NAME, _called()))
        else:
            shutil.copyfile(file, bank / file.name)
    shutil.copytree(SCHEMAS, bank / "schema")
    return (
        f"{folder}: an exam to change: bank/exam.yaml, bank/problem-*.yaml, bank/roster.csv\n"
        f"Now: cd {shlex.quote(str(folder))} && make"
    )


def _called() -> str:
    """How a Makefile elsewhere calls this program: by its name, where the shell finds that."""
    if INSTALLED and shutil.which(NAME) is not None:
        return NAME
    called = f"{shlex.quote(sys.executable)} -m generator"
    if not INSTALLED:
        called = f"PYTHONPATH={shlex.quote(str(PROGRAM.parent))} {called}"
    return called.replace("$", "$$")
