"""The program installed from a wheel, in an environment of its own, without the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from small_project import ROOT

from generator.commands.init import init

pytestmark = pytest.mark.slow


def run(*command: object, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(cwd), **more}
    arguments = list(map(str, command))
    return subprocess.run(
        arguments,
        check=False,
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the command `exam-variants`, installed from the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    if uv := shutil.which("uv"):  # as in set-up: an environment made by it has no pip
        make = [uv, "venv", "-q", "--python", sys.executable]
        wheel = [uv, "build", "-q", "--wheel", "--out-dir", folder, ROOT]
        install = [uv, "pip", "install", "-q", "--python", folder / "venv" / "bin" / "python"]
    else:
        make = [sys.executable, "-m", "venv"]
        pip = [folder / "venv" / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        wheel = [*pip, "wheel", "-q", "--no-deps", "-w", folder, ROOT]
        install = [*pip, "install", "-q"]
    subprocess.run([*make, folder / "venv"], check=True)
    subprocess.run(wheel, check=True)
    python = folder / "venv" / "bin" / "python"
    # The libraries are those of this environment; the program is not: it runs from its checkout.
    paths = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run([*install, "--no-deps", *folder.glob("*.whl")], check=True)
    return python.parent


def test_init_makes_an_exam_that_builds_at_once(programs: Path, tmp_path: Path) -> None:
    done = run(programs / "exam-variants", "init", "my-exam", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "my-exam"
    assert len((folder / "Makefile").read_text().splitlines()) == 3
    path = f"{programs}:{os.environ['PATH']}"
    done = run("make", cwd=folder, PATH=path)
    assert done.returncode == 0, done.stderr
    out = folder / "output" / "my-exam-1"
    assert len(list((out / "print-shop" / "papers").glob("E*.pdf"))) == 4
    assert len(list((out / "correctors" / "keys").glob("E*.json"))) == 4
    done = run("make", "check", "ARGS=--draws 200", cwd=folder, PATH=path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_exam_made_by_a_checkout_calls_it_from_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "my exam"
    init(folder)
    done = run("make", "check", "ARGS=--help", cwd=folder, PATH="/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert "try every problem" in done.stdout


def test_nothing_of_the_checkout_is_used(programs: Path, tmp_path: Path) -> None:
    code = "import generator; from generator.files.program import LATEX; print(LATEX)"
    done = run(programs / "python", "-c", code, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    latex = Path(done.stdout.strip())
    assert latex.is_dir()
    assert not latex.is_relative_to(ROOT)


def test_init_changes_nothing_that_is_there(programs: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("years of work")
    done = run(programs / "exam-variants", "init", "full", cwd=tmp_path)
    assert done.returncode == 2
    assert "name a folder that does not exist yet" in done.stderr
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.tex"]
