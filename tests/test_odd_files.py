"""Files that are no files, folders with odd names, and other things that a machine may have."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from small_bank import changed, complaints
from small_project import Project, small_exam

ODD = "a,b;c:d {e} $f ~g #h %i"


def refused(project: Project, *arguments: str) -> str:
    """What a build says that is refused at once."""
    done = project.run(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return str(done.stderr)


@pytest.mark.parametrize("device", ["pipe", "zero"])
@pytest.mark.parametrize("name", ["bank/exam.yaml", "bank/problem-3.yaml", "roster.csv"])
def test_what_is_read_must_be_a_file(name: str, device: str, tmp_path: Path) -> None:
    project = small_exam(tmp_path / "project")
    path = project.folder / name
    path.unlink()
    if device == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert path.name in refused(project)
    assert not (project.folder / "output").exists()


@pytest.mark.parametrize("name", ["secret.key", "ledger.sqlite", "manifest.json"])
def test_what_a_batch_is_made_from_must_be_files(name: str, project: Project) -> None:
    path = project.out / "examiner" / name
    path.unlink()
    os.mkfifo(path)
    assert f"{name}: is no file, but a pipe or a device" in refused(project)


@pytest.mark.parametrize("where", ["print-shop/papers", "correctors/keys", "print-shop"])
def test_a_pipe_in_place_of_a_released_file_is_replaced(where: str, project: Project) -> None:
    path = min(path for path in (project.out / where).iterdir() if path.is_file())
    before = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    project.build()
    assert path.read_bytes() == before


def test_figures_must_be_files(tmp_path: Path) -> None:
    (tmp_path / "figures").mkdir()
    os.mkfifo(tmp_path / "figures" / "extra.tex")
    text = changed("open.yaml", "{name: bars, values: [k]}", "{name: extra, values: [k]}")
    found = complaints(tmp_path, open=text)
    assert any("is no file, but a folder, a pipe or a device" in it.message for it in found)


def test_folders_may_have_any_name(built: Project, tmp_path: Path) -> None:
    """TeX takes some characters in lists of folders for something else than letters."""
    folder = tmp_path / ODD
    shutil.copytree(built.folder, folder)
    project = Project(folder)
    shutil.rmtree(project.folder / "output" / ".work")
    shutil.rmtree(project.out / "print-shop")
    project.edit(project.problem, "title: ", "title: More on ")
    project.build()
    assert len(list((project.out / "print-shop" / "papers").iterdir())) == len(project.codes())


def test_an_exam_may_be_called_as_the_cache_was(tmp_path: Path) -> None:
    project = small_exam(tmp_path / "project")
    project.edit(project.exam, "id: small-1", "id: cache")
    project.build()
    assert (project.folder / "output" / "cache" / "print-shop").is_dir()


@pytest.mark.parametrize("command", ["build", "reference", "preview"])
def test_a_date_that_is_none_is_said(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    done = small_exam(tmp_path / "project").run(command=command)
    assert done.returncode == 2
    assert "SOURCE_DATE_EPOCH: expected a number of seconds" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_folder_for_timings_is_said_first(project: Project) -> None:
    before = project.digests(examiner=True)
    project.edit(project.exam, "title: Endterm", "title: Another")
    said = refused(project, "--timings", str(project.folder / "missing" / "timings.json"))
    assert "--timings: there is no folder" in said
    said = refused(project, "--timings", str(project.folder))
    assert "is no file" in said
    assert project.digests(examiner=True) == before


def test_room_is_wanted_for_missing_copies_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one student more, a disk that could not take all copies again is large enough."""
    from generator.pipeline import build, making

    room = making.BYTES_PER_COPY * 3
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(making.shutil, "disk_usage", lambda path: usage._replace(free=room))
    with project.roster.open("a") as file:
        file.write("03555555;Late;Lea;HS 1;3;Informatik\n")
    done = build.build_exam(project.exam, project.roster, project.folder / "output", jobs=1)
    assert done.made < 3
    assert len(done.codes) > 3
    shutil.rmtree(project.out / "print-shop")
    with pytest.raises(build.InputError, match="the disk has"):
        build.build_exam(project.exam, project.roster, project.folder / "output", jobs=1)
