"""Fixtures for tests of the shipped exam; the exam and the batch are made once a session."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from plotted import Plotted, make_plotted
from shipped import Batch, make_batch, shipped_exam
from small_project import Project, small_exam

from generator.bank.exam import Exam

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("project", deadline=None)
settings.load_profile("project")

# Hundreds of commands are started: each would compile two hundred modules anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def exam() -> Exam:
    """The exam of the bank that comes with the project."""
    return shipped_exam()


@pytest.fixture(scope="session")
def batch(exam: Exam) -> Batch:
    """A thousand copies of it, drawn with a fixed secret and solved."""
    return make_batch(exam, 1_000)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A small exam with its batch; read only."""
    project = small_exam(tmp_path_factory.mktemp("small") / "project")
    project.build()
    return project


@pytest.fixture(scope="session")
def plotted(tmp_path_factory: pytest.TempPathFactory) -> Plotted:
    """Copies of an exam with plots in questions and options; read only."""
    return make_plotted(tmp_path_factory.mktemp("plotted"))


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A copy of the small exam and its batch, to change."""
    shutil.copytree(built.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")
