"""Commands that make a batch, and what becomes of it until it is printed and written."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.shared_options import (
    ask_passphrase,
    encrypted_option,
    passphrase_file_option,
    shared,
)
from generator.errors import CopyError, InputError


@click.command()
@shared
@click.option(
    "--redraw",
    multiple=True,
    metavar="PROBLEM",
    help="Draw this problem afresh for every copy; may be given several times.",
)
@click.option(
    "--withdraw",
    is_flag=True,
    help="Withdraw the copies of all students who are not in the roster, however many.",
)
@click.option(
    "--timings",
    type=click.Path(path_type=Path),
    default=None,
    help="Write what each stage took to this file, as JSON.",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Where copies are made: on all cores here, or by the workers of a scheduler.",
)
@click.option("--scheduler", default=None, metavar="ADDRESS", help="E.g. tcp://10.0.0.5:8786.")
def build(
    exam: Path,
    roster: Path,
    out: Path,
    jobs: int,
    redraw: tuple[str, ...],
    withdraw: bool,
    timings: Path | None,
    engine: str,
    scheduler: str | None,
) -> None:
    """Build papers, keys and lists for the roster."""
    from generator.commands.whole_errors import build_or_say_all
    from generator.work.progress import Terminal

    if (engine == "dask") != (scheduler is not None):
        raise InputError("--engine dask and --scheduler ADDRESS go together")
    done = build_or_say_all(
        exam,
        roster,
        out,
        jobs=jobs,
        redraw=redraw,
        withdraw=withdraw,
        timings=timings,
        scheduler=scheduler,
        progress=Terminal(),
    )
    click.echo(str(done))


@click.command()
@shared
@click.option("--quick", is_flag=True, help="Do not check the bank before.")
def reference(exam: Path, roster: Path, out: Path, jobs: int, quick: bool) -> None:
    """Build the reference copy, E0743, as paper and key."""
    from generator.commands.whole_errors import reference_or_say_all
    from generator.work.progress import Terminal

    click.echo(reference_or_say_all(exam, out, jobs, Terminal(), quick=quick))


@click.command()
@shared
def bench(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Measure builds, the floor, and plain LaTeX; FULL=1 adds 10,000 copies."""
    from generator.bench.bench import bench as measure

    click.echo(measure(exam, out, jobs))


@click.command()
@shared
def seal(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Say that the papers are with the printer: no build may change one any more."""
    from generator.commands.seal import seal as do

    click.echo(do(exam, out))


@click.command()
@shared
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the events.")
def thaw(exam: Path, roster: Path, out: Path, jobs: int, reason: str) -> None:
    """Take the seal back."""
    from generator.commands.seal import thaw as do

    click.echo(do(exam, out, reason))


@click.command()
@shared
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all codes and details.")
def events(exam: Path, roster: Path, out: Path, jobs: int, as_json: bool) -> None:
    """List what happened to the batch: built, sealed, revised, bound, reprinted."""
    from generator.commands.seal import show_events

    click.echo(show_events(exam, out, as_json=as_json))


@click.command()
@shared
@click.option("--copy", required=True, metavar="CODE", help="The copy, e.g. E0312 or E0312-Y.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the events.")
def reprint(exam: Path, roster: Path, out: Path, jobs: int, copy: str, reason: str) -> None:
    """Make a paper once more, as E0312.1; the one before is void from then on."""
    from generator.commands.reprint import reprint as do

    click.echo(do(exam, out, copy, reason, jobs))


@click.command()
@shared
@click.option("--copy", required=True, metavar="CODE", help="The copy, e.g. E0312 or E0312-Y.")
@click.option(
    "--sticker", required=True, metavar="NUMBER", help="Of the student; none takes it back."
)
@click.option(
    "--seat", default="", metavar="SEAT", help="Where the student sits; their own, or a free one."
)
def bind(
    exam: Path, roster: Path, out: Path, jobs: int, copy: str, sticker: str, seat: str
) -> None:
    """Give a spare copy to a student, at the door."""
    from generator.commands.bind import bind_at_the_door

    click.echo(bind_at_the_door(exam, out, roster, copy, sticker, seat))


@click.command()
@shared
@click.argument("kind", type=click.Choice(["absent", "withdrew", "attended"]), required=False)
@click.argument("who", nargs=-1)
def attendance(
    exam: Path, roster: Path, out: Path, jobs: int, kind: str | None, who: tuple[str, ...]
) -> None:
    """Note whose students did not come or gave up: WHO are copy codes, stickers or numbers.

    "attended" takes a note back. Without arguments, it lists what is noted.
    """
    from generator.commands.bind import attendance as do

    if kind and not who:
        raise InputError(f"say who, e.g. by the code of a copy: attendance {kind} E0312-Y")
    click.echo(do(exam, out, kind or "", who))


@click.command()
@shared
def proof(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Make one set marked PROOF, to look at before all are printed."""
    from generator.commands.proof import make_proof

    click.echo(make_proof(exam, out, jobs))


@click.command()
@shared
@click.option("--by", default="", metavar="NAME", help="Who approves; it is kept with the events.")
def approve(exam: Path, roster: Path, out: Path, jobs: int, by: str) -> None:
    """Say that the proof was looked at and is good."""
    from generator.commands.proof import approve as do

    click.echo(do(exam, out, by))


@click.command("print-shop")
@shared
@encrypted_option
@passphrase_file_option
def print_shop(
    exam: Path, roster: Path, out: Path, jobs: int, encrypted: bool, passphrase_file: Path | None
) -> None:
    """Pack what the print shop gets into one archive."""
    from generator.commands.delivery import pack

    click.echo(pack(exam, out, ask_passphrase(encrypted, passphrase_file, twice=True)))


@click.command()
@encrypted_option
@passphrase_file_option
@click.argument("received", type=click.Path(path_type=Path, exists=True))
def verify(received: Path, encrypted: bool, passphrase_file: Path | None) -> None:
    """Check a print shop's folder or archive that was received; no bank is needed."""
    from generator.commands.delivery import verify as do

    click.echo(do(received, ask_passphrase(encrypted, passphrase_file, twice=False)))


@click.command()
@shared
@click.option(
    "--pictures",
    type=click.IntRange(1),
    help="So many of each kind of damage at 150 dpi; of every page one, if it is not said.",
)
def rehearse(exam: Path, roster: Path, out: Path, jobs: int, pictures: int | None) -> None:
    """Damage pictures of finished pages, and see whether they are still identified."""
    from generator.commands.rehearse import rehearse as do
    from generator.work.progress import Terminal

    rehearsed = do(exam, out, Terminal(), jobs, pictures)
    click.echo("\n".join(rehearsed.lines()))
    if wrong := [*rehearsed.wrong, *(rehearsed.stack or ())]:
        raise CopyError(wrong)
