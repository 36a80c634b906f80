"""The package as programs use it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_project import EXAM_ID, ROOT, RUN, Project, small_exam

import generator
from generator import Complaint, CopyError, GeneratorError, InputError, ToolMissingError

EVERY_ERROR = [
    GeneratorError("wrong", advice="do this"),
    InputError([Complaint("a.yaml", 3, 1, "points", "must be 2")], advice="do that"),
    CopyError(["E0001: one", "E0002: two"], advice="and that"),
    ToolMissingError("pdflatex", "apt-get install it"),
]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_errors_travel_whole(error: GeneratorError) -> None:
    found = pickle.loads(pickle.dumps(error))
    assert type(found) is type(error)
    assert (str(found), found.advice, found.exit_code, vars(found)) == (
        str(error),
        error.advice,
        error.exit_code,
        vars(error),
    )


def test_all_names_are_there() -> None:
    assert all(getattr(generator, name) is not None for name in generator.__all__)
    assert set(generator.__all__) <= set(dir(generator))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = generator.nothing


def test_the_package_starts_without_what_it_does_not_need() -> None:
    code = "import generator, sys; print({'pydantic', 'numpy', 'pypdfium2'} & set(sys.modules))"
    done = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-c", code], check=True, **RUN
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.slow
def test_a_batch_is_built_and_read_into_arrays(tmp_path: Path) -> None:
    project = small_exam(tmp_path / "project")
    stages: list[tuple[str, int, int]] = []
    built = generator.build(
        project.exam,
        project.roster,
        project.folder / "output",
        progress=generator.Reporting(lambda *step: stages.append(step)),
    )
    assert built.folder.name == EXAM_ID
    assert built.made == len(built.codes) == 6
    assert all(path.exists() for path in [*built.papers.values(), *built.keys.values()])
    assert ("typeset", 6, 6) in stages
    with generator.open_batch(str(built.folder)) as batch:
        drawn = np.array(
            [
                [float(batch.solutions(code)["3"].values[name]) for name in ("i1", "w11", "h1")]
                for code in batch.codes()
            ]
        )
    assert drawn.shape == (6, 3)
    assert (drawn[:, 2] > 0).all()


@pytest.mark.slow
def test_the_lines_of_the_readme(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    code = readme.partition("```python\n")[2].partition("```")[0]
    project = small_exam(tmp_path)
    project.roster.rename(project.folder / "bank" / "roster.csv")
    done = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-c", code],
        check=False,
        **RUN | {"cwd": tmp_path, "env": os.environ | {"PYTHONPATH": str(ROOT)}},
    )
    assert done.returncode == 0, done.stderr
    assert "[" in done.stdout


@pytest.mark.slow
def test_nothing_new_is_nothing_made(built: Project, project: Project) -> None:
    found = generator.build(project.exam, project.roster, project.folder / "output", jobs=1)
    assert (found.made, list(found.codes)) == (0, sorted(project.codes().values()))
