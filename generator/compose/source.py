"""What a copy contributes to a run of TeX, as plain text: quick, for it is made for every copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def define_block(name: str, source: str) -> str:
    """The definition of a block; the line break ends a comment that the author may end with."""
    return f"\\DefineBlock{{{name}}}{{{source}\n}}%\n"


def copy_source(code: str, blocks: Mapping[str, str], pages: Iterable[int]) -> str:
    """What a copy contributes to a run: its blocks, and the pages that vary."""
    definitions = "".join(define_block(name, source) for name, source in blocks.items())
    ships = "".join(f"\\ShipPage{{{page}}}" for page in pages)
    return f"\\BeginCopy{{{code}}}%\n{definitions}{ships}%\n\\EndCopy\n"
