"""Author texts: LaTeX with ``<< name >>`` for drawn values and ``<% if ... %>`` for variants.

A text may print names and compare them; it cannot loop, call, filter or reach for attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

FALLBACK = "fallback"

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    block_start_string="<%",
    block_end_string="%>",
    variable_start_string="<<",
    variable_end_string=">>",
    comment_start_string="<#",
    comment_end_string="#>",
    undefined=jinja2.StrictUndefined,
    autoescape=False,
    trim_blocks=True,
    optimized=True,
)

_CONDITIONS = (nodes.Compare, nodes.Operand, nodes.Const, nodes.And, nodes.Or, nodes.Not)
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, *_CONDITIONS)


class TextError(ValueError):
    """A text that is refused.

    Attributes:
        line: 0-based line within the text.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Shown:
    """A value as a text prints and compares it."""

    value: Any
    tex: str

    def __str__(self) -> str:
        return self.tex

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, Shown) else other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.value < (other.value if isinstance(other, Shown) else other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.value > (other.value if isinstance(other, Shown) else other))

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Text:
    """A text of the bank.

    Attributes:
        source: What the author wrote.
        line: The line of the file on which it begins.
        names: The values it uses, in no order; ``fallback.x`` is ``fallback_x``.
        printed: Those that it prints, in the order in which they first appear.
    """

    source: str
    line: int = 0
    names: frozenset[str] = field(default=frozenset(), compare=False)
    printed: tuple[str, ...] = field(default=(), compare=False)
    _template: jinja2.Template | None = field(default=None, compare=False, repr=False)

    @property
    def varies(self) -> bool:
        """Whether the text depends on the copy."""
        return self._template is not None

    def render(self, shown: Mapping[str, Shown]) -> str:
        """The text with the copy's values.

        Args:
            shown: All names that the text uses.
        """
        if self._template is None:
            return self.source
        return self._template.render({name: shown[name] for name in self.names})


def read_text(source: str, line: int = 0) -> Text:
    """Parses a text.

    Raises:
        TextError: Its syntax is wrong, or it does more than print and compare.
    """
    source = source.strip("\n")
    if re.search(r"<<|<%|<#", source) is None:
        return Text(source, line)
    flat = re.sub(rf"(<<\s*{FALLBACK})\.(?=[A-Za-z])", r"\1_", source)
    try:
        tree = _ENVIRONMENT.parse(flat)
    except jinja2.TemplateSyntaxError as error:
        raise TextError(f"{error.message}", error.lineno - 1) from None
    except RecursionError:
        raise TextError("nested too deeply", 0) from None
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__
            message = f"only << name >> and <% if name == ... %> are allowed here, not {kind}"
            raise TextError(message, getattr(node, "lineno", 1) - 1)
    uses = [node.name for node in tree.find_all(nodes.Name)]
    outputs = [
        child.name
        for output in tree.find_all(nodes.Output)
        for child in output.nodes
        if isinstance(child, nodes.Name)
    ]
    template = _ENVIRONMENT.from_string(flat)
    return Text(source, line, frozenset(uses), tuple(dict.fromkeys(outputs)), template)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)
