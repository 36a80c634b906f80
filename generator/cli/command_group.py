"""What all commands have in common: errors of the tree become messages and exit codes."""

from __future__ import annotations

import errno
import shutil
import signal
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any, NoReturn

import click

from generator.errors import Complaint, GeneratorError, InputError

EXIT_INTERRUPTED = 130


class ErrorsAsMessages(click.Group):
    """Turns the errors of the tree into messages and exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GeneratorError as error:
            _fail(error)
        except OSError as error:
            _fail(_system_error(error))
        except KeyboardInterrupt as stopped:
            click.echo("interrupted; the former output is untouched", err=True)
            sys.exit(stopped.args[0] if stopped.args else EXIT_INTERRUPTED)


def stop_as_by_ctrl_c() -> None:
    """To be ended, or to lose the terminal, is to be interrupted: nothing is left half-done."""

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, stop)


def _system_error(error: OSError) -> InputError:
    """What the operating system refuses, as something that the user can mend."""
    left = _left_on_disks(str(error.filename or ""))
    advice = {
        errno.ENOSPC: f"the disk is full{left}; make room and run it again: it goes on from there",
        errno.EDQUOT: f"the disk quota is used up{left}; make room and run it again",
        errno.EACCES: "may not be written by this user",
        errno.EROFS: "is on a file system that can only be read",
        errno.ENOTDIR: "is in the way: it is a file, expected a folder",
        errno.EXDEV: "is on another file system than the rest of the output; keep all of it on one",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputError([Complaint(str(error.filename or ""), 0, 0, "", advice)])


def _left_on_disks(file: str) -> str:
    """What the disks have left that this command may have written to, the fullest one first.

    A system says that there is no room, but not always where.
    """
    words = [file, *(word.rpartition("=")[2] for word in sys.argv[1:]), ".", gettempdir()]
    left: dict[int, tuple[int, str]] = {}
    for word in words:
        folder = next((path for path in (Path(word), *Path(word).parents) if path.is_dir()), None)
        if word and folder is not None:
            usage = shutil.disk_usage(folder)
            text = f"{usage.free / 1e6:,.1f} of {usage.total / 1e6:,.1f} MB at {folder.resolve()}"
            left.setdefault(folder.stat().st_dev, (usage.free, text))
    return f" (free now: {'; '.join(text for _, text in sorted(left.values()))})"


def _fail(error: GeneratorError) -> NoReturn:
    click.echo(str(error), err=True)
    if error.advice:
        click.echo(error.advice, err=True)
    sys.exit(error.exit_code)
