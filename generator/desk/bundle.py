"""Keys to take along: static pages in an encrypted archive, with follow-through in the browser.

The pages are those of the desk without marks. The steps of the exam go along as trees, the values
of a copy as exact numbers; `static/bundle.js` evaluates the one on the other in fractions of whole
numbers, as the program does. What it does not know it leaves to the desk, and says so.
"""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Final

import pyzipper

from generator.bank.exam import Exam
from generator.bank.problem import Problem
from generator.codes.check_character import with_check
from generator.desk.library import Library
from generator.desk.serve import environment, say
from generator.desk.web import STATIC
from generator.draw.draw import resolve
from generator.exact.numbers import Complex, Value
from generator.exact.secret import Secret, fields_digest
from generator.expressions import Step
from generator.language.units import unit_text
from generator.solve.accepted import accepted
from generator.solve.follow import part_of_steps
from generator.solve.solve import Solution

ASSETS: Final = ("desk.css", "bundle.js", "vendor/temml-0.13.5.min.js", "vendor/temml.LICENSE")
FIRST_DATE: Final = (1980, 1, 1, 0, 0, 0)
_FOLLOW: Final = (
    "right",
    "follow_through",
    "fallback",
    "as_in_the_key",
    "wrong",
    "trivial",
    "lost",
    "only_desk",
)


def bundle_pages(
    library: Library, problems: Sequence[str], who: str, when: datetime.date
) -> Iterator[tuple[str, bytes]]:
    """The files of a bundle, by name.

    Args:
        problems: The ids of those whose keys go along.
        who: Who gets it; stands on every page.
    """
    exam = library.exam
    mark = watermark(library.batch.secret, exam.id, who)
    own = [it for it in exam.problems if it.id in problems]
    common = {"who": who, "mark": mark, "when": exam.conventions.catalogue.date(when)}
    for name in ASSETS:
        yield name, (STATIC / name).read_bytes()
    yield "steps.js", steps_script(exam, own)
    checked = [(code, with_check(code)) for code in library.codes]
    yield "index.html", _render(exam, "bundle_index.html", codes=checked, **common)
    for code, shown in checked:
        yield f"{code}.html", _page(library, code, shown, own, common)


def watermark(secret: Secret, exam: str, who: str) -> str:
    """What tells whose bundle a page is from, also where the name was taken off."""
    return fields_digest(secret.audit_key, "bundle", exam, who).hex()[:12]


def _render(exam: Exam, template: str, **values: Any) -> bytes:
    catalogue = exam.conventions.catalogue
    page = environment().get_template(template)
    language = exam.conventions.language
    return page.render(
        say=partial(say, catalogue.text), exam=exam, language=language, **values
    ).encode()


def _page(
    library: Library, code: str, checked: str, own: Sequence[Problem], common: Mapping[str, str]
) -> bytes:
    solutions = library.solutions(code)
    views = [
        (library.view(code, problem), json.dumps(bundle_values(problem, solutions[problem.id])))
        for problem in own
    ]
    return _render(
        library.exam,
        "bundle_key.html",
        views=views,
        code=code,
        checked=checked,
        recording=False,
        cells={},
        given={},
        panels={},
        **common,
    )


def bundle_values(whole: Problem, solution: Solution) -> dict[str, dict[str, Any]]:
    """The numbers of a copy: exact values, with their least decimals and what else counts.

    Where the rubric states when a step has become trivial, that condition as well.
    """
    problem = resolve(whole, solution.draw.choices)
    found: dict[str, dict[str, Any]] = {}
    stated = {
        item.step: item.trivial
        for part in reversed(problem.parts)
        for item in reversed(part.rubric)
        if item.step and item.trivial
    }
    parts = part_of_steps(problem)
    for name, value in solution.values.items():
        entry: dict[str, Any] = {"value": _plain(value)}
        if name in problem.steps:
            form = problem.form(name)
            entry |= {"places": form.min_decimals, "form": form.kind}
            symbol = form.symbol if form.kind == "currency" else ""
            entry["unit"] = unit_text(problem.units.get(name, "")) or symbol
            if name in problem.accepts and (bounds := accepted(problem, name, solution.values)):
                entry["accept"] = [_plain(bound) for bound in bounds]
            if sources := _sources(problem, parts.get(name, "")):
                entry["sources"] = sources
            if name in stated:
                entry["trivial"] = _tree(stated[name].tree)
        found[name] = entry
    return found


def _sources(problem: Problem, part: str) -> list[str]:
    """The results for which a part has printed fallback values."""
    sources, _ = problem.followed.get(part, ((), ()))
    return list(sources)


def _plain(value: Value) -> Any:
    """An exact value as JSON: numbers as texts of a fraction."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, bool | str):
        return {"is": value}
    if isinstance(value, Complex):
        return {"re": _plain(value.real), "im": _plain(value.imaginary)}
    return str(value if isinstance(value, Fraction) else Fraction(value))


def steps_script(exam: Exam, problems: Sequence[Problem]) -> bytes:
    """The steps of all problems with their trees, and what the script says."""
    steps = {problem.id: [_step(it) for it in _all_steps(problem)] for problem in problems}
    text = exam.conventions.catalogue.text
    says = {name: text(f"desk.follow.{name}") for name in _FOLLOW}
    says["no_number"] = text("desk.follow.no_number", typed="{typed}", example="-1/4")
    says["unknown"] = text("desk.bundle.unknown", typed="{typed}")
    data = {"steps": steps, "says": says, "sign": exam.conventions.decimal_sign}
    return f"window.DESK = {json.dumps(data, ensure_ascii=False)};\n".encode()


def _all_steps(problem: Problem) -> Iterator[Step]:
    return (it for it in problem.steps.members if isinstance(it, Step))


def _step(step: Step) -> dict[str, Any]:
    rounding = {"decimals": step.decimals, "significant": step.significant, "ties": step.ties}
    return {"name": step.name, "tree": _tree(step.expression.tree), **rounding}


def _tree(node: Any) -> Any:
    """A node of an expression as JSON; where it stands in the source is left out."""
    if is_dataclass(node):
        names = [it.name for it in fields(node) if it.name not in {"start", "end"}]
        return {"kind": type(node).__name__} | {it: _tree(getattr(node, it)) for it in names}
    if isinstance(node, tuple):
        return [_tree(item) for item in node]
    return str(node) if isinstance(node, Fraction) else node


def encrypted(files: Iterator[tuple[str, bytes]], passphrase: str) -> bytes:
    """An archive that only the passphrase opens (AES-256)."""
    target = io.BytesIO()
    with pyzipper.AESZipFile(
        target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(passphrase.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files:
            entry = archive.zipinfo_cls(name, FIRST_DATE)
            entry.compress_type = pyzipper.ZIP_DEFLATED
            archive.writestr(entry, content)
    return target.getvalue()
