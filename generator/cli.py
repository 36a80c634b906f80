"""The command line: thin, with results on stdout, progress and messages on stderr."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from generator import __version__
from generator.errors import Complaint, CopyError, GeneratorError, InputError

_Command = TypeVar("_Command", bound=Callable[..., Any])

EXIT_INTERRUPTED = 130
PLAIN_WIDTH = 120
"""Characters of a line of tables where there is no terminal."""


class _Commands(click.Group):
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


def _stop_as_by_ctrl_c() -> None:
    """To be ended, or to lose the terminal, is to be interrupted: nothing is left half-done."""

    def stop(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has it ignored
            signal.signal(number, stop)


def _system_error(error: OSError) -> InputError:
    """What the operating system refuses, as something that the user can mend."""
    advice = {
        errno.ENOSPC: "the disk is full; make room and build again, it goes on where it was",
        errno.EDQUOT: "the disk quota is used up; make room and build again",
        errno.EACCES: "may not be written by this user",
        errno.EROFS: "is on a file system that can only be read",
        errno.ENOTDIR: "is in the way: it is a file, expected a folder",
        errno.EXDEV: "is on another file system than the rest of the output; keep all of it on one",
    }.get(error.errno or 0, error.strerror or str(error))
    return InputError([Complaint(str(error.filename or ""), 0, 0, "", advice)])


def _fail(error: GeneratorError) -> NoReturn:
    click.echo(str(error), err=True)
    if error.advice:
        click.echo(error.advice, err=True)
    sys.exit(error.exit_code)


def _path(name: str, default: str, text: str) -> Callable[[_Command], _Command]:
    kind = click.Path(path_type=Path)
    return click.option(name, type=kind, default=Path(default), show_default=True, help=text)


def _shared(command: _Command) -> _Command:
    """The options that all commands have."""
    options = [
        _path("--exam", "bank/exam.yaml", "The exam file."),
        _path("--roster", "bank/roster.csv", "The students, as CSV."),
        _path("--out", "output", "Where the output folder of each exam is."),
        click.option(
            "--jobs",
            type=click.IntRange(1, 256),
            default=lambda: os.cpu_count() or 1,
            show_default="all cores",
            help="Processes at a time.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="generator")
def main() -> None:
    """Papers and keys with other numbers for every student, from a YAML bank."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    if threading.current_thread() is threading.main_thread():
        _stop_as_by_ctrl_c()


@main.command()
@_shared
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


@main.command()
@_shared
def reference(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Build the reference copy, E0743, as paper and key."""
    from generator.pipeline.build import build_reference

    click.echo(build_reference(exam, out, jobs))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a small exam of your own in a new folder."""
    from generator.commands.init import init as make

    click.echo(make(folder))


@main.command()
@_path("--exam", "bank/exam.yaml", "The exam file.")
@_path("--out", "output", "Where the output folder of each exam is.")
@click.option(
    "--count",
    type=click.IntRange(0, 1000),
    default=1,
    show_default=True,
    help="Variants of each question; 0: the reference.",
)
@click.option("--seed", default="export", show_default=True, help="Another one gives others.")
@click.argument("system", type=click.Choice(["moodle", "gift", "canvas", "qti21", "qti30"]))
def export(exam: Path, out: Path, count: int, seed: str, system: str) -> None:
    """Write drawn questions for another system; never those of the exam's copies."""
    from generator.commands.export import export as write

    click.echo(write(exam, out, system, count, seed))


@main.command("import")
@click.option("--problem", default="1", show_default=True, help="The number of the problem.")
@click.option("--title", default="Multiple choice", show_default=True, help="Its heading.")
@click.option("--points", default="1", show_default=True, help="Points of each question.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def import_(file: Path, target: Path, problem: str, title: str, points: str) -> None:
    """Make a problem file of multiple choice in GIFT, Moodle XML, CSV or XLSX."""
    from generator.commands.export import import_questions
    from generator.exact.numbers import parse_number

    try:
        each = parse_number(points)
    except ValueError:
        raise InputError([Complaint("", 0, 0, "--points", f"{points!r} is no number")]) from None
    click.echo(import_questions(file, target, problem, title, each))


@main.command()
@_shared
def bench(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Measure builds, the floor, and plain LaTeX; FULL=1 adds 10,000 copies."""
    from generator.bench.bench import bench as measure

    click.echo(measure(exam, out, jobs))


@main.command()
@_shared
@click.option("--problem", default=None, metavar="ID", help="Only this problem.")
@click.option("--copy", default=None, metavar="CODE", help="A copy of the batch, e.g. E0012.")
@click.option("--random", is_flag=True, help="A draw at random instead of the reference copy.")
@click.option("--watch", is_flag=True, help="Again after every change, until Ctrl-C.")
def preview(
    exam: Path,
    roster: Path,
    out: Path,
    jobs: int,
    problem: str | None,
    copy: str | None,
    random: bool,
    watch: bool,
) -> None:
    """Show a problem or the exam, paper and key side by side."""
    from generator.commands.preview import Choice
    from generator.commands.preview import preview as make
    from generator.commands.preview import watch as keep_watching

    choice = Choice(problem, copy, random)

    def show() -> None:
        click.echo(make(exam, out, choice, jobs, fail))

    def fail(error: GeneratorError) -> None:
        click.echo(f"{error}\n", err=True)

    if watch:
        keep_watching(exam, show, fail)
    else:
        show()


@main.command()
@_shared
@click.option(
    "--draws",
    type=click.IntRange(1, 1_000_000),
    default=5_000,
    show_default=True,
    help="How often each problem is drawn.",
)
@click.option("--tag", default="", help="Only problems with a part that has this tag.")
def check(exam: Path, roster: Path, out: Path, jobs: int, draws: int, tag: str) -> None:
    """Check bank and roster, and try every problem with many draws."""
    from rich.console import Console

    from generator.commands.check import check_exam, page_file, show
    from generator.work.progress import Terminal

    checked = check_exam(exam, roster, out, draws, jobs, Terminal(), tag)
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=PLAIN_WIDTH)
    show(checked, console)
    click.echo(f"{page_file(out, checked.exam)}: the same as a page, with plots of the loads")
    if checked.errors:
        sys.exit(InputError.exit_code)


@main.command("follow-through")
@_path("--exam", "bank/exam.yaml", "The exam file.")
@_path("--out", "output", "Where the output folder of each exam is.")
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


@main.command()
@_shared
def seal(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Say that the papers are with the printer: no build may change one any more."""
    from generator.commands.seal import seal as do

    click.echo(do(exam, out))


@main.command()
@_shared
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the events.")
def thaw(exam: Path, roster: Path, out: Path, jobs: int, reason: str) -> None:
    """Take the seal back."""
    from generator.commands.seal import thaw as do

    click.echo(do(exam, out, reason))


@main.command()
@_shared
@click.option("--json", "as_json", is_flag=True, help="As JSON, with all codes and details.")
def events(exam: Path, roster: Path, out: Path, jobs: int, as_json: bool) -> None:
    """List what happened to the batch: built, sealed, revised, bound, reprinted."""
    from generator.commands.seal import show_events

    click.echo(show_events(exam, out, as_json=as_json))


@main.command()
@_shared
@click.option("--copy", required=True, metavar="CODE", help="The copy, e.g. E0312 or E0312-Y.")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the events.")
def reprint(exam: Path, roster: Path, out: Path, jobs: int, copy: str, reason: str) -> None:
    """Make a paper once more, as E0312.1; the one before is void from then on."""
    from generator.commands.reprint import reprint as do

    click.echo(do(exam, out, copy, reason, jobs))


@main.command()
@_path("--exam", "bank/exam.yaml", "The exam file.")
@_path("--out", "output", "Where the output folder of each exam is.")
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


@main.command()
@_shared
@click.option("--copy", required=True, metavar="CODE", help="The copy, e.g. E0312 or E0312-Y.")
@click.option(
    "--sticker", required=True, metavar="NUMBER", help="Of the student; none takes it back."
)
def bind(exam: Path, roster: Path, out: Path, jobs: int, copy: str, sticker: str) -> None:
    """Give a spare copy to a student, at the door."""
    from generator.bank.read.exam import read_exam_id
    from generator.pipeline.binding import bind as do
    from generator.release.place import Place

    exam_id = read_exam_id(exam)
    click.echo(do(Place(out, exam_id), exam_id, roster, copy, sticker))


@main.command()
@_shared
def proof(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Make one set marked PROOF, to look at before all are printed."""
    from generator.commands.proof import make_proof

    click.echo(make_proof(exam, out, jobs))


@main.command()
@_shared
@click.option("--by", default="", metavar="NAME", help="Who approves; it is kept with the events.")
def approve(exam: Path, roster: Path, out: Path, jobs: int, by: str) -> None:
    """Say that the proof was looked at and is good."""
    from generator.commands.proof import approve as do

    click.echo(do(exam, out, by))


def _passphrase(wanted: bool, file: Path | None, *, twice: bool) -> str | None:
    """From a file or from the terminal: on the command line everybody on the machine reads it."""
    if file is not None:
        return file.read_text("utf-8").strip("\r\n")
    if not wanted:
        return None
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))


_encrypted = click.option("--encrypted", is_flag=True, help="With a passphrase (AES-256).")
_passphrase_file = click.option(
    "--passphrase-file", type=click.Path(path_type=Path), default=None, help="It stands in there."
)


@main.command("print-shop")
@_shared
@_encrypted
@_passphrase_file
def print_shop(
    exam: Path, roster: Path, out: Path, jobs: int, encrypted: bool, passphrase_file: Path | None
) -> None:
    """Pack what the print shop gets into one archive."""
    from generator.commands.delivery import pack

    click.echo(pack(exam, out, _passphrase(encrypted, passphrase_file, twice=True)))


@main.command()
@_encrypted
@_passphrase_file
@click.argument("received", type=click.Path(path_type=Path, exists=True))
def verify(received: Path, encrypted: bool, passphrase_file: Path | None) -> None:
    """Check a print shop's folder or archive that was received; no bank is needed."""
    from generator.commands.delivery import verify as do

    click.echo(do(received, _passphrase(encrypted, passphrase_file, twice=False)))


@main.command()
@_shared
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


@main.command("keys-bundle")
@_shared
@click.option("--for", "who", required=True, metavar="NAME", help="Stands on every page.")
@_passphrase_file
def keys_bundle(
    exam: Path, roster: Path, out: Path, jobs: int, who: str, passphrase_file: Path | None
) -> None:
    """Pack keys to take along: encrypted pages, with follow-through in the browser."""
    from generator.commands.key_desk import make_bundle

    click.echo(make_bundle(exam, out, who, _passphrase(False, passphrase_file, twice=False)))


@main.command("bench-desk")
@_shared
def bench_desk(exam: Path, roster: Path, out: Path, jobs: int) -> None:
    """Measure the key desk with a hundred correctors at once."""
    from generator.bench.bench_desk import bench_desk as measure

    click.echo(measure(exam, out, lambda text: click.echo(text, err=True)))


# The key desk.


@main.group("desk", invoke_without_command=True)
@_path("--exam", "bank/exam.yaml", "The exam file.")
@_path("--roster", "bank/roster.csv", "Not used; as all commands have it.")
@_path("--out", "output", "Where the output folder of each exam is.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, hidden=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen to.")
@click.option("--port", type=click.IntRange(1, 65535), default=8743, show_default=True)
@click.option("--tls", is_flag=True, help="With the certificate that `desk certificate` makes.")
@click.option("--behind-proxy", is_flag=True, help="A proxy does TLS and says who is asking.")
@click.option("--url", default="", help="How the desk is reached; links begin with it.")
@click.pass_context
def desk(
    context: click.Context,
    exam: Path,
    roster: Path,
    out: Path,
    jobs: int,
    host: str,
    port: int,
    tls: bool,
    behind_proxy: bool,
    url: str,
) -> None:
    """Open the key desk for correctors, or say with a command who may use it."""
    context.obj = (exam, out, url or f"{'https' if tls else 'http'}://{host}:{port}")
    if context.invoked_subcommand is None:
        from generator.commands.key_desk import serve

        def say(text: str) -> None:
            click.echo(text, err=True)

        serve(exam, out, host=host, port=port, tls=tls, proxied=behind_proxy, say=say)


@desk.command("add")
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["examiner", "corrector", "door"]),
    default="corrector",
    show_default=True,
)
@click.option("--problems", default="", metavar="3,4", help="Only these; all by default.")
@click.pass_obj
def desk_add(place: tuple[Path, Path, str], name: str, role: Any, problems: str) -> None:
    """Give somebody access, and a link that signs in once."""
    from generator.commands.key_desk import add_person

    exam, out, url = place
    own = [it.strip() for it in problems.split(",") if it.strip()]
    click.echo(add_person(exam, out, name, role, own, url))


@desk.command("link")
@click.argument("name")
@click.pass_obj
def desk_link(place: tuple[Path, Path, str], name: str) -> None:
    """Make another link for somebody."""
    from generator.commands.key_desk import make_link

    click.echo(make_link(place[0], place[1], name, place[2]))


@desk.command("password")
@click.argument("name")
@click.option("--file", type=click.Path(path_type=Path), default=None, help="It stands in there.")
@click.pass_obj
def desk_password(place: tuple[Path, Path, str], name: str, file: Path | None) -> None:
    """Set somebody's password."""
    from generator.commands.key_desk import set_password

    def ask() -> str:
        return _passphrase(True, file, twice=True) or ""

    click.echo(set_password(place[0], place[1], name, ask))


@desk.command("end")
@click.argument("name")
@click.option("--access", is_flag=True, help="Take the access back as well.")
@click.pass_obj
def desk_end(place: tuple[Path, Path, str], name: str, access: bool) -> None:
    """End somebody's sessions and links."""
    from generator.commands.key_desk import end_person

    click.echo(end_person(place[0], place[1], name, access=access))


@desk.command("people")
@click.pass_obj
def desk_people(place: tuple[Path, Path, str]) -> None:
    """List who has access."""
    from generator.commands.key_desk import list_people

    click.echo(list_people(place[0], place[1]))


@desk.command("record")
@click.argument("switch", type=click.Choice(["on", "off"]))
@click.pass_obj
def desk_record(place: tuple[Path, Path, str], switch: str) -> None:
    """Switch the recording of marks on or off."""
    from generator.commands.key_desk import record_marks

    click.echo(record_marks(place[0], place[1], on=switch == "on"))


@desk.command("open")
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept with the events.")
@click.pass_obj
def desk_open(place: tuple[Path, Path, str], reason: str) -> None:
    """Let keys be seen before their release."""
    from generator.commands.key_desk import open_early

    click.echo(open_early(place[0], place[1], reason))


@desk.command("close")
@click.pass_obj
def desk_close(place: tuple[Path, Path, str]) -> None:
    """Take an early opening back."""
    from generator.commands.key_desk import close_again

    click.echo(close_again(place[0], place[1]))


@desk.command("certificate")
@click.argument("names", nargs=-1)
@click.pass_obj
def desk_certificate(place: tuple[Path, Path, str], names: tuple[str, ...]) -> None:
    """Make a certificate for these host names and addresses."""
    from generator.commands.key_desk import make_certificate

    click.echo(make_certificate(place[0], place[1], names))


_exam = _path("--exam", "bank/exam.yaml", "The exam file.")
_out = _path("--out", "output", "Where the output folder of each exam is.")
_round = click.option(
    "--round",
    type=click.IntRange(1, 4),
    default=1,
    show_default=True,
    help="1 first marking, 2 second, 3 sample, 4 settled by the examiner.",
)


@main.command()
@_exam
@_out
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--copy", default=None, metavar="CODE", help="Only what is about this copy.")
@click.option("--who", default=None, metavar="NAME", help="Only what this corrector did.")
def audit(exam: Path, out: Path, as_json: bool, copy: str | None, who: str | None) -> None:
    """Verify the log of the correctors, and print who saw and did what."""
    from generator.commands.marks import audit as show

    click.echo(show(exam, out, copy, who, as_json=as_json))


@main.group()
def marks() -> None:
    """Marks: typed lists in, lists with totals and grades out, statistics, feedback."""


@marks.command("allow")
@_exam
@_out
@click.option("--part", "parts", multiple=True, metavar="PART", help="3.1, or all of problem 3.")
@click.option("--examiner", is_flag=True, help="May settle what two correctors see differently.")
@click.argument("name")
def allow_marks(exam: Path, out: Path, parts: tuple[str, ...], examiner: bool, name: str) -> None:
    """Say who may mark what; without --part everything."""
    from generator.commands.marks import allow

    click.echo(allow(exam, out, name, parts, examiner=examiner))


@marks.command("import")
@_exam
@_out
@_round
@click.option("--who", required=True, metavar="NAME", help="Whose marks they are.")
@click.option("--replace", is_flag=True, help="Change what others have given.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def import_marks(
    exam: Path, out: Path, round: int, who: str, replace: bool, files: tuple[Path, ...]
) -> None:
    """Take marks from CSV or XLSX: code, part, points; or code and a column a subproblem."""
    from generator.commands.marks import import_marks as take

    click.echo(take(exam, out, files, who, round, replace=replace))


@marks.command("form")
@_exam
@_out
@click.argument("problem")
def marks_form(exam: Path, out: Path, problem: str) -> None:
    """Print a list of all copies as CSV, to type the marks of a problem into."""
    from generator.commands.marks import form

    click.echo(form(exam, out, problem))


@marks.command("export")
@_exam
@_out
@click.option("--names", is_flag=True, help="With registration numbers, into examiner/.")
def export_marks(exam: Path, out: Path, names: bool) -> None:
    """Write marks, totals and grades as CSV and XLSX."""
    from generator.commands.marks import export

    click.echo(export(exam, out, names=names))


@marks.command("statistics")
@_exam
@_out
def write_statistics(exam: Path, out: Path) -> None:
    """Write examiner/statistics.html: difficulty, variants, distractors, correctors."""
    from generator.commands.marks import statistics

    click.echo(statistics(exam, out))


@marks.command("feedback")
@_exam
@_out
def write_feedback(exam: Path, out: Path) -> None:
    """Write examiner/feedback/: points, mistakes and the own key of each copy, as PDF."""
    from generator.commands.marks import feedback

    click.echo(feedback(exam, out))


@marks.command("progress")
@_exam
@_out
@_round
def show_progress(exam: Path, out: Path, round: int) -> None:
    """Show who is how far and how fast."""
    from generator.commands.marks import progress

    click.echo(progress(exam, out, round))


@marks.command("differences")
@_exam
@_out
def show_differences(exam: Path, out: Path) -> None:
    """List what two correctors see differently."""
    from generator.commands.marks import differences

    click.echo(differences(exam, out))


@marks.command("sample")
@_exam
@_out
@click.argument("part")
@click.argument("count", type=click.IntRange(1, 10_000))
def choose_sample(exam: Path, out: Path, part: str, count: int) -> None:
    """Choose marked copies for being marked again, to see whether correctors drift."""
    from generator.commands.marks import sample

    click.echo(sample(exam, out, part, count))
