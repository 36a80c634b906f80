"""The key desk, and who may use it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import click

from generator.cli.shared_options import ask_passphrase, exam_option, out_option, path_option


class _DeskGroup(click.Group):
    """Where the exam is may be said before the command or behind it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        first: list[str] = []
        rest: list[str] = []
        left = iter(args)
        for given in left:
            if given in {"--exam", "--out"}:
                first += [given, *islice(left, 1)]
            else:
                (first if given.startswith(("--exam=", "--out=")) else rest).append(given)
        return super().parse_args(ctx, [*first, *rest])


@click.group("desk", cls=_DeskGroup, invoke_without_command=True)
@exam_option
@path_option("--roster", "bank/roster.csv", "Not used; as all commands have it.")
@out_option
@click.option("--jobs", type=click.IntRange(1, 256), default=1, hidden=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen to.")
@click.option("--port", type=click.IntRange(1, 65535), default=8743, show_default=True)
@click.option("--tls", is_flag=True, help="With the certificate that `desk certificate` makes.")
@click.option("--behind-proxy", is_flag=True, help="A proxy does TLS and says who is asking.")
@click.option("--at-path", default="", help="The path below which the proxy has it: /desk.")
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
    at_path: str,
    url: str,
) -> None:
    """Open the key desk for correctors, or say with a command who may use it."""
    context.obj = (exam, out, url or f"{'https' if tls else 'http'}://{host}:{port}")
    if context.invoked_subcommand is None:
        from generator.commands.key_desk import serve

        def say(text: str) -> None:
            click.echo(text, err=True)

        serve(
            *(exam, out),
            host=host,
            port=port,
            tls=tls,
            proxied=behind_proxy,
            root=at_path,
            say=say,
        )


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

    def ask(refuse: Callable[[str], str]) -> str:
        what = f"Password of {name}"
        return ask_passphrase(True, file, twice=True, what=what, refuse=refuse) or ""

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
