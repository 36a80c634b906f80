"""Commands for those who mark: look-ups, keys to take along, who saw what."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.cli.shared_options import (
    ask_passphrase,
    exam_option,
    out_option,
    passphrase_file_option,
    shared,
)
from generator.errors import InputError


@click.command("follow-through")
@exam_option
@out_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.argument("code")
@click.argument("written", nargs=-1, metavar="STEP=VALUE...")
def follow_through(
    exam: Path, out: Path, as_json: bool, code: str, written: tuple[str, ...]
) -> None:
    """What is right on a copy after what a student wrote: follow-through E0312-Y h1=3.

    With - in place of the code, one copy a line is read until the end: E0312-Y h1=3.
    """
    from generator.commands.correctors import follow_lines, say_follow_through

    def note(text: str) -> None:
        click.echo(text, err=True)

    if code == "-":
        asked = (line.split() for line in sys.stdin if line.strip())
        for said in follow_lines(exam, out, asked, as_json=as_json, note=note):
            click.echo(str(said), err=isinstance(said, InputError))
        return
    click.echo(say_follow_through(exam, out, code, written, as_json=as_json, note=note))


@click.command()
@exam_option
@out_option
@click.option("--paper", default=None, metavar="CODE", help="Where it was read: neighbors first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.argument("part")
@click.argument("written", metavar="STEP=VALUE")
def lookup(
    exam: Path, out: Path, paper: str | None, as_json: bool, part: str, written: str
) -> None:
    """Whose number is it: lookup 3.3 w21_new=0.65 lists the copies whose keys have it."""
    from generator.commands.correctors import say_lookup

    click.echo(say_lookup(exam, out, part, written, paper=paper, as_json=as_json))


@click.command("keys-bundle")
@shared
@click.option("--for", "who", required=True, metavar="NAME", help="Stands on every page.")
@passphrase_file_option
def keys_bundle(
    exam: Path, roster: Path, out: Path, jobs: int, who: str, passphrase_file: Path | None
) -> None:
    """Pack keys to take along: encrypted pages, with follow-through in the browser."""
    from generator.commands.key_desk import make_bundle

    click.echo(make_bundle(exam, out, who, ask_passphrase(False, passphrase_file, twice=False)))


@click.command("bench-desk")
@shared
def bench_desk(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Measure the key desk with a hundred correctors at once."""
    from generator.bench.bench_desk import bench_desk as measure

    click.echo(measure(exam, out, lambda text: click.echo(text, err=True)))


@click.command()
@exam_option
@out_option
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--copy", default=None, metavar="CODE", help="Only what is about this copy.")
@click.option("--who", default=None, metavar="NAME", help="Only what this corrector did.")
def audit(exam: Path, out: Path, as_json: bool, copy: str | None, who: str | None) -> None:
    """Verify the log of the correctors, and print who saw and did what."""
    from generator.commands.marks import audit as show

    click.echo(show(exam, out, copy, who, as_json=as_json))
