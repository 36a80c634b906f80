"""All strings of a language, from one file: ``en.yaml``, ``de.yaml``.

    catalogue = load_catalogue("de")
    catalogue.text("paper.page", number=3, pages=20)      # Seite 3 von 20
    catalogue.text("paper.pages", count=1)                # 1 Seite
    catalogue.date(datetime.date(2023, 2, 10))            # Freitag, 10. Februar 2023

Plural forms, names of days and months, and what stands between digits are those of Unicode's CLDR,
which babel has for every language; so a new language is one file of texts.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from babel import Locale
from babel.dates import format_date
from babel.numbers import get_decimal_symbol, get_group_symbol

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"
_OTHER = "other"
_FORMATTER = Formatter()
_SIGN = re.compile(r"\D")
"""What an exam may have before decimals, be it not the language's own sign."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""That of libyaml, where it is, is ten times as fast; every command reads a catalogue."""


def known_languages() -> tuple[str, ...]:
    """The languages that there is a file of."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The strings of a language. Made by `load_catalogue`.

    Attributes:
        language: Its code, e.g. ``de``.
        texts: Key to text, or to the forms of a text that depends on a number.
    """

    language: str
    texts: Mapping[str, str | Mapping[str, str]]

    def text(self, key: str, **values: object) -> str:
        """A text with its values filled in.

        Args:
            key: Where it is in the file, e.g. ``paper.page``.
            values: What its braces call for. Of a text that depends on a number, ``count`` or
                ``points`` decides on the form.

        Raises:
            KeyError: There is no such text, or a value is missing; a bug, which tests find.
        """
        return self.template(key, **values).format(**values)

    def template(self, key: str, **values: object) -> str:
        """A text with its braces, in the form that a number asks for."""
        found = self.texts[key]
        if isinstance(found, str):
            return found
        return found.get(self._plural(values), found[_OTHER])

    def pieces(self, key: str, **values: object) -> Iterator[tuple[str, str | None]]:
        """A text as pairs of words and the name of the value behind them, None at the end."""
        for words, name, _, _ in _FORMATTER.parse(self.template(key, **values)):
            yield words, name

    def section(self, name: str) -> Iterator[str]:
        """The keys of a section, without its name."""
        prefix = f"{name}."
        return (key.removeprefix(prefix) for key in self.texts if key.startswith(prefix))

    def all_texts(self) -> Iterator[str]:
        """Every text, in all of its forms."""
        for text in self.texts.values():
            yield from (text,) if isinstance(text, str) else text.values()

    def date(self, day: datetime.date) -> str:
        """A date with the name of its day: ``Freitag, 10. Februar 2023``."""
        return format_date(day, str(self.texts["date"]), locale=self._locale)

    def short_date(self, day: datetime.date) -> str:
        """A date in digits: ``10.02.2023``."""
        return format_date(day, str(self.texts["short_date"]), locale=self._locale)

    @cached_property
    def decimal_sign(self) -> str:
        """What stands before decimals."""
        return str(get_decimal_symbol(self._locale))

    @cached_property
    def thousands_sign(self) -> str:
        """What stands between groups of three digits, where they are grouped."""
        return str(get_group_symbol(self._locale))

    @property
    def breaks_often(self) -> bool:
        """Whether words are broken where a line would be short; else only where they must be."""
        return self.texts["break_words"] == "often"

    @cached_property
    def symbol_first(self) -> bool:
        """Whether the symbol of a currency stands before the number."""
        return str(self._locale.currency_formats["standard"].pattern).startswith("¤")

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def _plural(self, values: Mapping[str, object]) -> str:
        number: Any = values.get("count", values.get("points"))
        if isinstance(number, str):
            number = Fraction(_SIGN.sub(".", number))
        whole = number.denominator == 1
        return str(self._locale.plural_form(int(number) if whole else float(number)))


@cache
def load_catalogue(language: str = DEFAULT) -> Catalogue:
    """The strings of a language.

    Args:
        language: One of `known_languages`.
    """
    file = FOLDER / f"{language}.yaml"
    return Catalogue(language, dict(_flat(yaml.load(file.read_text("utf-8"), _LOADER))))


def _flat(data: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, dict) and _OTHER not in value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
