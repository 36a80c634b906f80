"""Commands for authors: a new exam, checks, previews, questions from and for other systems."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from generator.cli.shared_options import exam_option, out_option, shared
from generator.errors import GeneratorError, InputError

PLAIN_WIDTH = 120
"""Characters of a line of tables where there is no terminal."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a small exam of your own in a new folder."""
    from generator.commands.init import init as make

    click.echo(make(folder))


@click.command()
@exam_option
@out_option
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


@click.command("import")
@click.option("--problem", default="1", show_default=True, help="The number of the problem.")
@click.option("--title", default="Multiple choice", show_default=True, help="Its heading.")
@click.option("--points", default="1", show_default=True, help="Points of each question.")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def import_(file: Path, target: Path, problem: str, title: str, points: str) -> None:
    """Make a problem file of multiple choice in GIFT, Moodle XML, CSV or XLSX."""
    from generator.commands.export import import_questions

    click.echo(import_questions(file, target, problem, title, points))


@click.command()
@shared
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
    from generator.commands.preview import PreviewChoice
    from generator.commands.preview import preview as make
    from generator.commands.preview import watch as keep_watching

    choice = PreviewChoice(problem, copy, random)

    def show() -> None:
        click.echo(make(exam, out, choice, jobs, fail))

    def fail(error: GeneratorError) -> None:
        click.echo(f"{error}\n", err=True)

    if watch:
        keep_watching(exam, show, fail)
    else:
        show()


@click.command()
@shared
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
