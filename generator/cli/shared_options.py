"""Options that several commands have."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.errors import Complaint, InputError

Command = TypeVar("Command", bound=Callable[..., Any])


def path_option(name: str, default: str, text: str) -> Callable[[Command], Command]:
    """An option that is a path."""
    kind = click.Path(path_type=Path)
    return click.option(name, type=kind, default=Path(default), show_default=True, help=text)


exam_option = path_option("--exam", "bank/exam.yaml", "The exam file.")
out_option = path_option("--out", "output", "Where the output folder of each exam is.")
_roster_option = path_option("--roster", "bank/roster.csv", "The students, as CSV or XLSX.")
_jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=lambda: os.cpu_count() or 1,
    show_default="all cores",
    help="Processes at a time.",
)
round_option = click.option(
    "--round",
    type=click.IntRange(1, 4),
    default=1,
    show_default=True,
    help="1 first marking, 2 second, 3 sample, 4 settled by the examiner.",
)
encrypted_option = click.option("--encrypted", is_flag=True, help="With a passphrase (AES-256).")
passphrase_file_option = click.option(
    "--passphrase-file", type=click.Path(path_type=Path), default=None, help="It stands in there."
)


def shared(command: Command) -> Command:
    """The options that all commands have."""
    return exam_option(_roster_option(out_option(_jobs_option(command))))


def ask_passphrase(
    wanted: bool,
    file: Path | None,
    *,
    twice: bool,
    what: str = "Passphrase",
    refuse: Callable[[str], str] = lambda typed: "",
) -> str | None:
    """From a file or from the terminal: on the command line everybody on the machine reads it.

    Args:
        refuse: Why what was typed will not do, before it is asked for again; empty if it will.

    Raises:
        InputError: There is no terminal to ask on.
    """
    if file is not None:
        return file.read_text("utf-8").strip("\r\n")
    if not wanted:
        return None
    if not sys.stdin.isatty():
        option = "--passphrase-file FILE" if what == "Passphrase" else "--file FILE"
        message = (
            f"{what.lower()}: there is no terminal to ask on; name a file that has it: {option}"
        )
        raise InputError([Complaint("", 0, 0, "", message)])
    while True:
        typed = str(click.prompt(what, hide_input=True, err=True))
        why = refuse(typed)
        if not why and twice:
            again = str(click.prompt("Once more, to be sure", hide_input=True, err=True))
            why = "" if again == typed else "these were two different ones"
        if not why:
            return typed
        click.echo(f"{why}; try again", err=True)
