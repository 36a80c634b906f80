"""What a copy contributes to a run of TeX, as plain text: quick, for it is made for every copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from generator.compose.plan import Page


def define_block(name: str, source: str) -> str:
    """The definition of a block; the line break ends a comment that the author may end with."""
    return f"\\DefineBlock{{{name}}}{{{source}\n}}%\n"


def copy_source(code: str, blocks: Mapping[str, str], pages: Iterable[int]) -> str:
    """What a copy contributes to a run: its blocks, and the pages that vary."""
    definitions = "".join(define_block(name, source) for name, source in blocks.items())
    ships = "".join(f"\\ShipPage{{{page}}}" for page in pages)
    return f"\\BeginCopy{{{code}}}%\n{definitions}{ships}%\n\\EndCopy\n"


def chunk_source(
    copies: Sequence[tuple[str, Mapping[str, str]]], plan: Iterable[Page], varying: Iterable[int]
) -> str:
    """What copies contribute to one run; pages with the same blocks are the same in all copies.

    Args:
        copies: Code and blocks of each, of the same names.
        plan: The pages, which say on which of them a block stands.
        varying: The numbers of those that copies contribute.
    """
    page_of = {owner: page.number for page in plan for owner in page.owners}
    pages = [(code, _own_pages(blocks, page_of, varying)) for code, blocks in copies]
    uses = Counter(own for _, owns in pages for own in owns)
    known: dict[tuple[int, str], int] = {}
    pieces: list[str] = []
    for code, owns in pages:
        pieces.append(f"\\BeginCopy{{{code}}}%\n")
        for own in owns:
            number, definitions = own
            if uses[own] == 1:  # there is nothing to keep
                pieces.append(f"{definitions}\\ShipPage{{{number}}}%\n")
                continue
            if own not in known:
                known[own] = len(known) + 1
                pieces.append(f"\\DefineOwn{{{known[own]}}}{{{definitions}}}%\n")
            pieces.append(f"\\ShipOwn{{{known[own]}}}{{{number}}}%\n")
        pieces.append("\\EndCopy\n")
    return "".join(pieces)


def _own_pages(
    blocks: Mapping[str, str], page_of: Mapping[str, int], varying: Iterable[int]
) -> list[tuple[int, str]]:
    """The pages that a copy contributes, each with the definitions of the blocks on it."""
    own: dict[int, list[str]] = {number: [] for number in varying}
    for name, source in blocks.items():
        page = page_of[name.partition("/")[0]]
        if page in own:  # else only keys vary there, and the master of papers has it
            own[page].append(define_block(name, source))
    return [(number, "".join(definitions)) for number, definitions in own.items()]
