"""How a name looks in a formula when the bank doesn't say."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_GREEK: Final = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "varepsilon|vartheta|varrho|varphi|ell|upsilon|phi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega"
)
SHORT_GREEK: Final = {"lam": "lambda", "eps": "epsilon"}
"""``lambda`` alone is a word of Python's, so an expression cannot use it as a name."""

ACCENTS: Final = frozenset({"hat", "bar", "tilde"})
STAGES: Final = frozenset({"new", "old", "next", "prev"})

_WITH_NUMBER: Final = re.compile(r"([A-Za-z]+)([0-9]+)")


@lru_cache(maxsize=4096)
def default_symbol(name: str) -> str:
    r"""The TeX symbol of a name, for use in math mode.

    ``h1`` is ``h_{1}``, ``w11`` is ``w_{11}``, ``n_x`` is ``n_{x}``, ``alpha`` is ``\alpha``,
    ``mse`` is ``\mathrm{mse}``, ``grad_w21`` is ``\mathrm{grad}_{w_{21}}``, ``y_hat`` is
    ``\hat{y}`` and ``w21_new`` is ``w_{21}^{\mathrm{new}}``.
    """
    head, *others = [piece for piece in name.split("_") if piece] or [name]
    match = _WITH_NUMBER.fullmatch(head)
    base, subscripts = (_letters(match[1]), [match[2]]) if match else (_letters(head), [])
    superscript = ""
    for piece in others:
        if piece in ACCENTS:
            base = rf"\{piece}{{{base}}}"
        elif piece in STAGES and not superscript:
            superscript = rf"^{{\mathrm{{{piece}}}}}"
        else:
            subscripts.append(default_symbol(piece))
    subscript = f"_{{{','.join(subscripts)}}}" if subscripts else ""
    return f"{base}{subscript}{superscript}"


def _letters(word: str) -> str:
    word = SHORT_GREEK.get(word, word)
    if _GREEK.fullmatch(word):
        return f"\\{word}"
    return word if len(word) == 1 or word.isdigit() else rf"\mathrm{{{word}}}"
