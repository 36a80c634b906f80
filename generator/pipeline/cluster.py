"""Several machines: the same chunks on `dask.distributed`, the same bytes.

A chunk is a pure function of the bank's files, the press and the records, and all three are sent: a
worker needs the program and TeX, in the same versions, and no shared folder. What a worker had in
hand when it was lost is done again by another one.

A scheduler trusts whoever can reach it. The batch's secret and the records travel through it: use
it in a network of your own, or with the TLS settings of `dask.distributed`.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import re
import secrets
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.bank.exam import Exam
from generator.bank.read.exam_file import load_exam
from generator.draw.draw import Band
from generator.errors import Complaint, CopyError, GeneratorError, InputError, ToolMissingError
from generator.exact.secret import Secret
from generator.files.program import FIGURES, project_digest
from generator.pipeline.worker import Producer
from generator.pipeline.workshop import Workshop
from generator.record.copy import Copy
from generator.release.finished import Produced
from generator.stamp.cff import FONTS
from generator.typeset.pdftex import toolchain_version
from generator.typeset.press import Press, moved_press
from generator.verify.leaks import Forbidden

AHEAD = 2
"""Chunks per worker that are handed out at a time."""

LOST_WORKERS = 5
"""A chunk that was lost with so many workers is at fault itself."""

TIMEOUT_S = 20


@dataclass(frozen=True)
class Versions:
    """The versions on a machine; a worker's must be ours."""

    program: str
    toolchain: str


@dataclass(frozen=True)
class WorkerSetup:
    """All that a worker needs besides copies.

    Attributes:
        exam: Name of the exam file among the files.
        files: The bank's files by name.
        press: The press, with paths that the worker replaces.
        press_files: Path below the cache to content, of all files of the press.
        build: Name of the build, unlike any other's: a worker prepares each of them once.
    """

    exam: str
    files: Mapping[str, bytes]
    secret: bytes
    digits: int
    bands: Mapping[str, Band]
    press: Press
    press_files: Mapping[str, bytes]
    forbidden: Forbidden
    build: str


@dataclass(frozen=True)
class FinishedChunk:
    """The finished copies of a chunk.

    Attributes:
        copies: In the order in which they were asked for.
        cpu: Stage to the CPU time that it took, in seconds.
    """

    copies: tuple[Produced, ...]
    cpu: Mapping[str, float]


def make_setup(
    exam: Exam,
    workshop: Workshop,
    press: Press,
    forbidden: Forbidden,
) -> WorkerSetup:
    """Collects what workers need."""
    return WorkerSetup(
        Path(exam.file).name,
        exam.contents,
        workshop.secret.value,
        workshop.digits,
        workshop.bands,
        press,
        _press_files(press),
        forbidden,
        secrets.token_hex(16),
    )


def _press_files(press: Press) -> dict[str, bytes]:
    """The files of the press that a worker needs, by their paths in the cache."""
    cache = press.paper.format.folder.parent
    folders = {press.paper.format.folder, *(sheet.pdf.parent for sheet in press.figures)}
    folders.add(cache / FONTS)
    return {
        path.relative_to(cache).as_posix(): path.read_bytes()
        for folder in sorted(folders)
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".fmt", ".pdf", ".cff", ".pfb", ".enc"}
    }


# On a worker.


def about() -> Versions:
    """The versions here.

    Raises:
        ToolMissingError: TeX is not installed.
    """
    return Versions(project_digest(), toolchain_version())


_producers: dict[str, tuple[Producer, tempfile.TemporaryDirectory[str]]] = {}
_one_chunk = threading.Lock()  # a producer is for one thread


def produce_there(setup: WorkerSetup, copies: Sequence[Copy]) -> FinishedChunk | GeneratorError:
    """Makes a chunk; what is wrong with it is returned, for it is no fault of the worker."""
    try:
        with _one_chunk:
            if setup.build not in _producers:
                _producers.clear()
                _producers[setup.build] = _prepare(setup)
            producer = _producers[setup.build][0]
            return FinishedChunk(tuple(producer.produce(copies)), producer.cpu)
    except GeneratorError as error:
        return error


def _prepare(setup: WorkerSetup) -> tuple[Producer, tempfile.TemporaryDirectory[str]]:
    folder = tempfile.TemporaryDirectory(prefix="exam-variants-")
    root = Path(folder.name)
    for name, content in setup.files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    for name, content in setup.press_files.items():
        path = root / "cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    exam = load_exam(root / setup.exam, FIGURES)
    press = moved_press(setup.press, root / "cache" / setup.press.paper.format.folder.name)
    workshop = Workshop(exam, Secret(setup.secret), setup.digits, setup.bands)
    return Producer(workshop, press, setup.forbidden, root), folder


# On the machine that builds.


class Cluster:
    """The workers of a scheduler that have our versions.

    Attributes:
        refused: Why each of the others is left out.
    """

    def __init__(self, scheduler: str) -> None:
        """Connects.

        Raises:
            ToolMissingError: `dask.distributed` is not installed.
            InputError: There is no scheduler, or no worker that can be used.
        """
        try:
            import distributed
        except ModuleNotFoundError:
            install = ".venv/bin/python -m pip install 'distributed>=2024.8'"
            raise ToolMissingError("dask.distributed", install) from None
        if not re.fullmatch(r"\w+://\[?[^/]+\]?:\d+", scheduler):
            raise _refusal(scheduler, "expected an address such as tcp://HOST:8786")
        try:
            client: Any = distributed.Client
            self._client = client(scheduler, timeout=TIMEOUT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise _refusal(scheduler, f"no scheduler answers: {error}") from None
        self.refused: dict[str, str] = {}
        self.workers = self._usable()
        if not self.workers:
            reasons = "; ".join(f"{name}: {why}" for name, why in sorted(self.refused.items()))
            self.close()
            raise _refusal(scheduler, f"no worker can be used. {reasons or 'There is none.'}")

    def _usable(self) -> list[str]:
        ours = about()
        usable = []
        for address, theirs in self._client.run(about, on_error="return").items():
            if isinstance(theirs, BaseException):
                self.refused[address] = f"{type(theirs).__name__}: {theirs}"
            elif theirs.program != ours.program:
                self.refused[address] = "another version of this program (or of latex/)"
            elif theirs.toolchain != ours.toolchain:
                self.refused[address] = f"another TeX: {theirs.toolchain}, not {ours.toolchain}"
            else:
                usable.append(address)
        return usable

    def produce(
        self, setup: WorkerSetup, chunks: Iterable[Sequence[Copy]]
    ) -> Iterator[FinishedChunk]:
        """Finished chunks in the order in which they are done.

        Raises:
            CopyError: A copy failed, or workers were lost again and again.
        """
        import distributed

        as_completed: Any = distributed.as_completed
        waiting = iter(chunks)
        running = as_completed([], raise_errors=False, loop=self._client.loop)
        sent: dict[Any, tuple[Sequence[Copy], int]] = {}

        def scatter() -> Any:
            return self._client.scatter(setup, broadcast=True, workers=self.workers, hash=False)

        def send(chunk: Sequence[Copy], times_lost: int) -> None:
            where = self.workers if self.refused else None
            future = self._client.submit(
                produce_there, there, chunk, pure=False, retries=LOST_WORKERS, workers=where
            )
            sent[future] = (chunk, times_lost)
            running.add(future)

        there = scatter()
        for chunk in itertools.islice(waiting, len(self.workers) * AHEAD):
            send(chunk, 0)
        for future in running:
            chunk, times_lost = sent.pop(future)
            if future.status == "error":
                raise CopyError(f"a chunk failed on the cluster: {future.exception()}")
            try:
                batch = future.result()
            except concurrent.futures.CancelledError as error:
                # The worker was lost between its word that the chunk is done and the chunk.
                if times_lost == LOST_WORKERS:
                    raise CopyError(f"a chunk was lost on the cluster: {error}") from None
                self.workers = self._usable()  # the scheduler knows the lost one no more
                if not self.workers:
                    message = "no worker of the cluster is left; build again to go on"
                    raise CopyError(message) from None
                there = scatter()
                send(chunk, times_lost + 1)
                continue
            future.release()
            if isinstance(batch, GeneratorError):
                raise batch
            yield batch
            for chunk in itertools.islice(waiting, 1):
                send(chunk, 0)

    def close(self) -> None:
        """Leaves the scheduler; it and its workers go on."""
        self._client.close()


def _refusal(scheduler: str, message: str) -> InputError:
    return InputError([Complaint("", 0, 0, f"--scheduler {scheduler}", message)])
