"""Builds in one process, one after another and in two threads, make what a process each makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_project import RUN, Project, small_exam

pytestmark = pytest.mark.slow

IN_THREADS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator.pipeline.build import build_exam

def build(folder, jobs=1):
    exam, roster = Path(folder, "bank/exam.yaml"), Path(folder, "roster.csv")
    return build_exam(exam, roster, Path(folder, "output"), jobs=jobs)

with ThreadPoolExecutor(2) as threads:
    list(threads.map(build, sys.argv[1:3]))
build(sys.argv[3], jobs=2)
"""


def test_builds_in_threads_make_the_same_bytes(built: Project, tmp_path: Path) -> None:
    projects = [small_exam(tmp_path / name) for name in ("one", "two", "three")]
    for project in projects:
        secret = project.out / "examiner" / "secret.key"
        secret.parent.mkdir(parents=True, mode=0o700)
        secret.write_bytes((built.out / "examiner" / "secret.key").read_bytes())
        secret.chmod(0o600)
    folders = [str(project.folder) for project in projects]
    done = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-c", IN_THREADS, *folders], check=False, **RUN
    )
    assert done.returncode == 0, done.stderr
    released = {
        name: digest
        for name, digest in built.digests().items()
        if not name.startswith("reference/")
    }
    for project in projects:
        assert project.digests() == released
