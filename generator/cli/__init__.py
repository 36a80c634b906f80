"""The command line: thin, with results on stdout, progress and messages on stderr.

What a command takes stands here; what it does is imported when it is called, so that ``--help`` and
short commands need not wait for what builds need.
"""

from __future__ import annotations

import logging
import sys
import threading

import click

from generator.cli.bank_commands import check, export, import_, init, preview
from generator.cli.batch_commands import (
    approve,
    attendance,
    bench,
    bind,
    build,
    events,
    print_shop,
    proof,
    reference,
    rehearse,
    reprint,
    seal,
    thaw,
    verify,
)
from generator.cli.command_group import ErrorsAsMessages, stop_as_by_ctrl_c
from generator.cli.corrector_commands import audit, bench_desk, follow_through, keys_bundle, lookup
from generator.cli.desk_commands import desk
from generator.cli.marks_commands import marks
from generator.files.program import VERSION


@click.group(cls=ErrorsAsMessages, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="generator")
def main() -> None:
    """Papers and keys with other numbers for every student, from a YAML bank."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    if threading.current_thread() is threading.main_thread():
        stop_as_by_ctrl_c()


for _command in (
    *(init, export, import_, preview, check),
    *(
        build,
        reference,
        bench,
        seal,
        thaw,
        events,
        reprint,
        attendance,
        bind,
        proof,
        approve,
        print_shop,
        verify,
        rehearse,
    ),
    *(follow_through, lookup, keys_bundle, bench_desk, audit),
    *(desk, marks),
):
    main.add_command(_command)
