"""Marks: typed lists in, lists with totals and grades out."""

from __future__ import annotations

from pathlib import Path

import click

from generator.cli.shared_options import exam_option, out_option, round_option


@click.group()
@exam_option
@out_option
@click.pass_context
def marks(context: click.Context, exam: Path, out: Path) -> None:
    """Marks: typed lists in, lists with totals and grades out, statistics, feedback."""
    # --exam and --out may stand before the command as well as behind it.
    context.default_map = {name: {"exam": exam, "out": out} for name in marks.commands}


@marks.command("allow")
@exam_option
@out_option
@click.option("--part", "parts", multiple=True, metavar="PART", help="3.1, or all of problem 3.")
@click.option("--examiner", is_flag=True, help="May settle what two correctors see differently.")
@click.argument("name")
def allow_marks(exam: Path, out: Path, parts: tuple[str, ...], examiner: bool, name: str) -> None:
    """Say who may mark what; without --part everything."""
    from generator.commands.marks import allow

    click.echo(allow(exam, out, name, parts, examiner=examiner))


@marks.command("import")
@exam_option
@out_option
@round_option
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
@exam_option
@out_option
@click.argument("problem")
def marks_form(exam: Path, out: Path, problem: str) -> None:
    """Print a list of all copies as CSV, to type the marks of a problem into."""
    from generator.commands.marks import form

    click.echo(form(exam, out, problem))


@marks.command("export")
@exam_option
@out_option
@click.option("--names", is_flag=True, help="With registration numbers, into examiner/.")
def export_marks(exam: Path, out: Path, names: bool) -> None:
    """Write marks, totals and grades as CSV and XLSX."""
    from generator.commands.marks import export

    click.echo(export(exam, out, names=names))


@marks.command("statistics")
@exam_option
@out_option
def write_statistics(exam: Path, out: Path) -> None:
    """Write examiner/statistics.html: difficulty, variants, distractors, correctors."""
    from generator.commands.marks import statistics

    click.echo(statistics(exam, out))


@marks.command("feedback")
@exam_option
@out_option
def write_feedback(exam: Path, out: Path) -> None:
    """Write examiner/feedback/: points, mistakes and the own key of each copy, as PDF."""
    from generator.commands.marks import feedback

    click.echo(feedback(exam, out))


@marks.command("progress")
@exam_option
@out_option
@round_option
def show_progress(exam: Path, out: Path, round: int) -> None:
    """Show who is how far and how fast."""
    from generator.commands.marks import progress

    click.echo(progress(exam, out, round))


@marks.command("differences")
@exam_option
@out_option
def show_differences(exam: Path, out: Path) -> None:
    """List what two correctors see differently."""
    from generator.commands.marks import differences

    click.echo(differences(exam, out))


@marks.command("sample")
@exam_option
@out_option
@click.argument("part")
@click.argument("count", type=click.IntRange(1, 10_000))
def choose_sample(exam: Path, out: Path, part: str, count: int) -> None:
    """Choose marked copies for being marked again, to see whether correctors drift."""
    from generator.commands.marks import sample

    click.echo(sample(exam, out, part, count))
