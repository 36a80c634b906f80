"""The set-up: what the Makefile, the lock file and the check of tools say, and that they agree."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from generator.errors import ToolMissingError
from generator.files.whole import lock
from generator.typeset import toolchain

ROOT = Path(__file__).resolve().parent.parent
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
MAKE = shutil.which("make") or "make"


def make(
    *arguments: str, cwd: Path = ROOT, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    # The tests may run under make: its own variables must not reach this one.
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [MAKE, *arguments],
        cwd=cwd,
        env=environment | ({"PATH": path} if path is not None else {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def words(variable: str) -> list[str]:
    found = re.search(rf"^{variable}\s*=((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert found is not None, variable
    return found[1].replace("\\\n", " ").split()


def programs(folder: Path, **scripts: str) -> str:
    """A PATH with the plain tools of a shell and these scripts only."""
    folder.mkdir()
    for name in ("sh", "id", "cmp", "test", "env", "touch", "cp", "rm", "cat"):
        real = shutil.which(name)
        assert real is not None
        (folder / name).symlink_to(real)
    for name, text in scripts.items():
        file = folder / name.replace("_", "-")
        file.write_text("#!/bin/sh\n" + text)
        file.chmod(0o755)
    return str(folder)


def test_makefile_and_toolchain_name_the_same_packages() -> None:
    assert words("TEX_PACKAGES") == [known.package for known in toolchain.TEX_PACKAGES]
    assert words("TEX_FILES") == [known.file for known in toolchain.TEX_PACKAGES]


def test_everything_is_here() -> None:
    toolchain.check_tools()


def test_no_tex_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="pdflatex") as caught:
        toolchain.check_tools()
    assert caught.value.exit_code == 4
    for package in words("TEX_PACKAGES"):
        assert f" {package}" in caught.value.advice


def test_one_package_of_tex_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = toolchain.TexPackage("texlive-none", "no-such-file.sty")
    monkeypatch.setattr(toolchain, "TEX_PACKAGES", (*toolchain.TEX_PACKAGES, gone))
    with pytest.raises(ToolMissingError, match=r"TeX \(no-such-file\.sty\) is missing") as caught:
        toolchain.check_tools()
    assert caught.value.advice.endswith("apt-get install --no-install-recommends texlive-none")


def test_a_missing_library_says_how_to_get_it() -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        __import__("no_such_library.part")
    assert "no_such_library" in str(toolchain.explain_missing_module(caught.value))


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    """A checkout in which everything is set up."""
    for name in ("Makefile", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / ".tex-seen").touch()
    shutil.copy(tmp_path / "requirements.txt", tmp_path / ".venv" / ".made-from")
    return tmp_path


def test_setup_is_quick_and_silent_when_all_is_there(complete: Path) -> None:
    seconds: list[float] = []
    while len(seconds) < 3 or (min(seconds) >= 0.2 and len(seconds) < 20):  # others are at work
        start = time.perf_counter()
        done = make("setup", cwd=complete)
        seconds.append(time.perf_counter() - start)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert min(seconds) < 0.2


def test_a_misspelt_command_is_told_where_the_commands_are(complete: Path) -> None:
    done = make("biuld", cwd=complete)
    assert done.returncode == 2
    assert "make has no command 'biuld'; make help lists them" in done.stderr


def test_setup_starts_again_when_the_lock_changed(complete: Path) -> None:
    with (complete / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert "set-up: the Python environment" in make("setup", "--dry-run", cwd=complete).stdout


def test_setup_starts_again_when_python_has_gone(complete: Path) -> None:
    (complete / ".venv" / "bin" / "python").unlink()
    (complete / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    assert "set-up: the Python environment" in make("setup", "--dry-run", cwd=complete).stdout


def test_packages_are_tried_a_second_time(tmp_path: Path) -> None:
    log = tmp_path / "log"
    failing = f'echo "$@" >> {log}\ntest "$(cat {log} | grep -c update)" -gt 1\n'
    grep = shutil.which("grep")
    path = programs(
        tmp_path / "bin",
        apt_get=failing,
        sudo='exec "$@"\n',
        grep=f'exec {grep} "$@"\n',
        sleep="exit 0\n",
    )
    done = make("tex", path=path)
    assert done.returncode == 0, done.stderr
    update, again, install = log.read_text().splitlines()
    assert update == again
    assert update.endswith("update")
    assert "--no-install-recommends" in install
    kinds = ("TEX_PACKAGES", "OFFICE_PACKAGES", "TEST_PACKAGES")
    packages = [word for kind in kinds for word in words(kind)]
    assert install.split()[-len(packages) :] == packages
    assert "installing TeX" in done.stderr


def test_a_machine_without_apt_is_told_what_to_install(tmp_path: Path) -> None:
    done = make("tex", path=programs(tmp_path / "bin"))
    assert done.returncode == 2
    assert "texlive-latex-base" in done.stderr
    assert "qpdf" in done.stderr


def test_commands_are_thin_calls() -> None:
    done = make(
        "build", "--dry-run", "EXAM=my bank/exam.yaml", "JOBS=3", "ARGS=--redraw 3", "OUT=o"
    )
    last = done.stdout.splitlines()[-1]
    assert last == (
        '.venv/bin/python -m generator build --exam "my bank/exam.yaml" '
        '--roster "bank/roster.csv" --out "o" --jobs "3" --redraw 3'
    )
    assert "--jobs" not in make("preview", "--dry-run").stdout


def test_clean_leaves_what_was_released(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    secret = tmp_path / "output" / "an-exam" / "examiner" / "secret.key"
    cached = tmp_path / "generator" / "__pycache__" / "x.pyc"
    unfinished = tmp_path / "output" / ".work" / "chunk.pdf"
    for file in (secret, cached, unfinished):
        file.parent.mkdir(parents=True)
        file.touch()
    assert make("clean", cwd=tmp_path).returncode == 0
    assert secret.exists()
    assert not cached.exists()
    assert not unfinished.parent.exists()
    interrupted = tmp_path / "output/.work/exam/staging/READY"
    interrupted.parent.mkdir(parents=True)
    interrupted.touch()
    assert make("clean", cwd=tmp_path).returncode == 0
    assert interrupted.exists(), "the next build completes it"


def test_clean_leaves_what_a_running_build_uses(tmp_path: Path) -> None:
    """Nothing of a running build goes, nor the cache it works with; the rest does."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    work = tmp_path / "output" / ".work"
    for name in ("busy", "idle", ".cache"):
        (work / name).mkdir(parents=True)
        (work / name / "lock").touch()
        (work / name / "chunk.pdf").touch()
    with lock(work / "busy", wait=False):
        done = make("clean", cwd=tmp_path)
        assert done.returncode == 0
        assert "busy is in use" in done.stderr
        assert sorted(path.name for path in work.iterdir()) == [".cache", "busy"]
        assert (work / "busy" / "chunk.pdf").exists()
        with pytest.raises(BlockingIOError):
            lock(work / "busy", wait=False)
    assert make("clean", cwd=tmp_path).returncode == 0
    assert not work.exists()


def test_a_lock_that_was_removed_is_made_anew(tmp_path: Path) -> None:
    """Who waited for a lock that was removed meanwhile does not hold one beside the next."""
    folder = tmp_path / "work"
    first = lock(folder, wait=False)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lock, folder, wait=True)
        time.sleep(0.2)
        shutil.rmtree(folder)
        first.close()
        with waiting.result(), pytest.raises(BlockingIOError):
            lock(folder, wait=False)


def test_lock_file_has_every_dependency_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.txt").read_text("utf-8"))
    locked = {}
    for entry in entries:
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry
            pinned = Requirement(entry.split(" \\")[0])
            locked[pinned.name.lower()] = pinned
    for line in wanted:
        requirement = Requirement(line)
        (version,) = locked[requirement.name.lower()].specifier
        assert version.operator == "=="
        assert requirement.specifier.contains(version.version), line


@pytest.mark.parametrize("name", ["Makefile", "pyproject.toml", "requirements.txt", ".ci/run"])
def test_no_index_is_named(name: str) -> None:
    assert "://" not in (ROOT / name).read_text("utf-8")
