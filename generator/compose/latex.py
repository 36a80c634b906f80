"""LaTeX by PyLaTeX; the one module that marks text as TeX already (``NoEscape``)."""

from __future__ import annotations

from collections.abc import Iterable

from pylatex import Command, NoEscape
from pylatex.base_classes import Container
from pylatex.utils import escape_latex

from generator.bank.characters import as_set


class Tex(Container):  # type: ignore[misc]
    """A sequence of commands, one a line."""

    def dumps(self) -> str:
        """The LaTeX of the commands."""
        return str(NoEscape("%\n".join(item.dumps() for item in self) + "\n"))


def tex(source: str) -> NoEscape:
    """Marks a text of the bank or of this package as TeX; nothing else may be."""
    return NoEscape(source)


def command(name: str, *arguments: str) -> Command:
    """A command; arguments that are not :func:`tex` are escaped."""
    plain = (
        it if isinstance(it, NoEscape) or it.isascii() else tex(escaped(it)) for it in arguments
    )
    return Command(name, arguments=list(plain))


def escaped(text: str) -> str:
    """A plain text as TeX."""
    return as_set(str(escape_latex(text)))


def sequence(commands: Iterable[Command]) -> NoEscape:
    """Commands as the body of another one."""
    return NoEscape("%\n" + Tex(data=list(commands)).dumps())
