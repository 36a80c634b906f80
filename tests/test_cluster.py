"""Several machines: a scheduler and two workers on loopback, one of them killed in mid-run."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from distributed import Future
from small_project import ROOT, ROSTER, Project

from generator.bank.read.exam_file import load_exam
from generator.codes.page_code import parse_payload
from generator.errors import InputError
from generator.exact.secret import Secret
from generator.files.program import FIGURES
from generator.pipeline.cluster import Cluster, FinishedChunk, make_setup, produce_there
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.typeset.preparation import prepare_press
from generator.verify.leaks import Forbidden
from generator.verify.readback import read_pages

pytestmark = pytest.mark.slow

DASK = [sys.executable, "-m"]


class Machines:
    """A scheduler and its workers, each a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            port = found.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self._start(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port),
            "--no-dashboard", "--no-jupyter", cwd=ROOT,
        )  # fmt: skip

    def _start(self, module: str, *arguments: str, cwd: Path) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "DASK_LOGGING__DISTRIBUTED": "error"}
        process = subprocess.Popen(
            [*DASK, module, *arguments],
            cwd=cwd,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def worker(self, cwd: Path = ROOT) -> subprocess.Popen[bytes]:
        return self._start(
            "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-dashboard",
            "--no-nanny", "--local-directory", str(self.folder), cwd=cwd,
        )  # fmt: skip

    def wait_for(self, workers: int) -> None:
        from distributed import Client

        with Client(self.address, timeout=120, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=120)

    def stop(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    found = Machines(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    shutil.copytree(built.folder, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def from_scratch(project: Project, secret: bytes) -> None:
    """Leaves nothing of a batch but its secret."""
    shutil.rmtree(project.out)
    (project.out / "examiner").mkdir(parents=True)
    (project.out / "examiner" / "secret.key").write_bytes(secret)


def test_the_same_bytes_though_a_worker_is_killed(project: Project, machines: Machines) -> None:
    extra = "".join(f"0400{n:04};Last{n};First{n};HS 1;{n + 10};x\n" for n in range(60))
    project.roster.write_text(ROSTER + extra)
    secret = (project.out / "examiner" / "secret.key").read_bytes()
    from_scratch(project, secret)
    project.build()
    here = project.digests()
    from_scratch(project, secret)
    victim = machines.worker()
    machines.worker()
    machines.wait_for(2)
    command = project.command("--engine", "dask", "--scheduler", machines.address)
    build = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    work = project.folder / "output" / ".work" / "small-1" / "copies"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and not list(work.glob("*.sums")):
        assert build.poll() is None, build.communicate()[1]
        time.sleep(0.005)
    os.killpg(victim.pid, signal.SIGKILL)
    _, errors = build.communicate(timeout=300)
    assert build.returncode == 0, errors
    assert project.digests() == here


def test_chunks_that_the_scheduler_forgot_are_sent_again(
    built: Project, machines: Machines, tmp_path: Path
) -> None:
    """As after a worker is lost between its word that a chunk is done and the chunk; it is gone."""
    exam = load_exam(built.exam, FIGURES)
    press = prepare_press(exam, tmp_path / "cache")
    workshop = Workshop(exam, Secret(b"A" * 32), 4)
    chunks = [
        [workshop.register(Copy(f"E000{number}", None, 1), ()).copy] for number in range(1, 5)
    ]
    machines.worker()
    machines.wait_for(1)
    cluster = Cluster(machines.address)
    batches = cluster.produce(make_setup(exam, workshop, press, Forbidden()), iter(chunks))
    done = [next(batches)]
    client = cluster._client
    cluster.workers.append("tcp://127.0.0.1:9")
    client.cancel([Future(key, client) for key in list(client.futures)])
    done += list(batches)
    cluster.close()
    codes = sorted(made.copy.code for batch in done for made in batch.copies)
    assert codes == ["E0001", "E0002", "E0003", "E0004"]


def test_a_worker_makes_what_is_asked_of_it_now(built: Project, tmp_path: Path) -> None:
    """The bank of two batches may be the same; the secret is not."""
    exam = load_exam(built.exam, FIGURES)
    press = prepare_press(exam, tmp_path / "cache")
    for value in (b"A" * 32, b"B" * 32):
        workshop = Workshop(exam, Secret(value), 4)
        copy = workshop.register(Copy("E0001", None, 1), ()).copy
        setup = make_setup(exam, workshop, press, Forbidden())
        for _ in range(2):
            batch = produce_there(setup, [copy])
            assert isinstance(batch, FinishedChunk)
            reading = read_pages(batch.copies[0].paper)[0]
            assert parse_payload(reading.codes[0], workshop.secret.tag_key).copy == "E0001"


def test_a_worker_with_another_version_is_refused(machines: Machines, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for name in ("generator", "latex", "bank"):
        shutil.copytree(ROOT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "generator" / "solve" / "printed.py").open("a") as file:
        file.write("CHANGED = True\n")
    machines.worker(other)
    machines.wait_for(1)
    with pytest.raises(InputError, match="another version of this program"):
        Cluster(machines.address)
    machines.worker()
    machines.wait_for(2)
    cluster = Cluster(machines.address)
    assert len(cluster.workers) == 1
    assert len(cluster.refused) == 1
    cluster.close()


def test_no_scheduler_is_bad_input(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.pipeline.cluster.TIMEOUT_S", 1)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with pytest.raises(InputError, match="no scheduler answers"):
        Cluster(f"tcp://127.0.0.1:{port}")
    done = built.run("--engine", "dask")
    assert done.returncode == 2
    assert "go together" in done.stderr
