"""What `make bench-desk` measures: a hundred correctors at one desk, each with a browser of theirs.

The desk is a process of its own on a copy of the batch's ledger, so that the real marks stay as
they are. Each corrector looks a copy up, ticks something, and reads a paper for some seconds; all
listen to what the others do. In a second round all look up at the same moment.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from generator.desk.desk import RECORDING, open_people
from generator.desk.web import COOKIE
from generator.errors import InputError
from generator.exact.secret import SECRET_FILE
from generator.marks.marked_papers import Papers
from generator.marks.store import Marks
from generator.record.batch import open_batch
from generator.record.ledger import LEDGER_FILE
from generator.release.amend import check_built
from generator.release.place import Place, place_of

CORRECTORS = 100
SECONDS = 30.0
PAUSE_S = (2.0, 6.0)
"""How long a corrector reads; paper takes longer, so this is a busy desk."""
BURSTS = 5
BOUND_MS = 100.0


@dataclass
class DeskCost:
    """What was measured, in milliseconds.

    Attributes:
        marks: From sending a mark until it is on the disk.
        acknowledged: The ids of all marks that the desk has taken.
        errors: What was answered in place of an answer.
        cpu_s: What the desk took, of one core.
    """

    lookups: list[float] = field(default_factory=list)
    bursts: list[float] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    cpu_s: float = 0.0


def bench_desk(exam_file: Path, out: Path, say: Callable[[str], None]) -> str:
    """Measures a desk.

    Raises:
        InputError: There is no batch, or the desk does not start.
    """
    place = place_of(exam_file, out)
    check_built(place)
    with tempfile.TemporaryDirectory(prefix="bench-desk-") as folder:
        copied = Place(Path(folder), place.exam_id)
        copied.examiner.mkdir(parents=True, mode=0o700)
        for name in (LEDGER_FILE, SECRET_FILE):
            shutil.copy(place.examiner / name, copied.examiner / name)
        tokens = _people(copied.folder)
        with open_batch(copied.folder) as batch:
            codes = list(Papers.of(batch).codes)
            parts = [(it.id, part.id) for it in batch.exam.problems for part in it.parts]
        with _desk(exam_file, Path(folder)) as (port, process):
            say(f"{CORRECTORS} correctors for {SECONDS:.0f} seconds, {len(codes)} copies")
            before = _cpu_seconds(process)
            measured = asyncio.run(_measure(port, tokens, codes, parts))
            measured.cpu_s = _cpu_seconds(process) - before
        lost = _lost(copied.folder, measured)
    return _report(measured, lost)


def _people(folder: Path) -> list[str]:
    """Makes the correctors, and a session for each."""
    names = [f"corrector {number}" for number in range(1, CORRECTORS + 1)]
    with (
        open_batch(folder) as batch,
        closing(open_people(folder)) as people,
        Marks.of(batch) as marks,
    ):
        people.set(RECORDING, "on")
        for name in names:
            people.add(name, "corrector")
            marks.allow(name, None)
        return [people.begin(name, time.time()) for name in names]


@contextmanager
def _desk(exam_file: Path, out: Path) -> Iterator[tuple[int, int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "generator", "desk", "--exam", str(exam_file)]
    command += ["--out", str(out), "--port", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        _wait(server, port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _wait(server: subprocess.Popen[str], port: int) -> None:
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise InputError(f"the desk did not start: {server.stderr.read() if server.stderr else ''}")


def _cpu_seconds(process: int) -> float:
    """CPU time of a process so far; 0 where the system does not tell (proc(5))."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    user, system = stat.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class _Browser:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._token = token
        self.csrf = ""

    async def open(self) -> None:
        """Connects, and reads the token that forms carry."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        _, body = await self.ask("GET", "/")
        found = re.search(r'name="csrf" content="([^"]+)"', body)
        self.csrf = found[1] if found else ""

    async def ask(self, method: str, path: str, data: object = None) -> tuple[int, str]:
        """Status and body of an answer."""
        body = b"" if data is None else json.dumps(data).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self._port}\r\n"
            f"cookie: {COOKIE}={self._token}\r\nx-csrf-token: {self.csrf}\r\nx-desk: 1\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        said = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = re.search(r"content-length: (\d+)", said)
        content = await self._reader.readexactly(int(length[1]) if length else 0)
        return int(said.split()[1]), content.decode()

    async def listen(self, code: str) -> None:
        """Reads what others do, until it is ended."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        head = (
            f"GET /events?code={code} HTTP/1.1\r\nhost: x\r\ncookie: {COOKIE}={self._token}\r\n\r\n"
        )
        writer.write(head.encode())
        while await reader.read(4096):
            pass


async def _measure(
    port: int, tokens: Sequence[str], codes: Sequence[str], parts: Sequence[tuple[str, str]]
) -> DeskCost:
    measured = DeskCost()
    browsers = [_Browser(port, token) for token in tokens]
    for browser in browsers:
        await browser.open()
    ends = time.monotonic() + SECONDS
    dice = random.Random(1)
    listening = [asyncio.create_task(it.listen(dice.choice(codes))) for it in browsers]
    work = [
        _work(browser, number, measured, codes, parts, ends, random.Random(dice.random()))
        for number, browser in enumerate(browsers)
    ]
    await asyncio.gather(*work)
    for task in listening:
        task.cancel()
    for burst in range(BURSTS):
        pages = [_page(dice, codes, parts) for _ in browsers]
        asked = zip(browsers, pages, strict=True)
        await asyncio.gather(*(_look_up(it, page, measured, measured.bursts) for it, page in asked))
        await asyncio.sleep(0.2 * (burst + 1))
    return measured


def _page(dice: random.Random, codes: Sequence[str], parts: Sequence[tuple[str, str]]) -> str:
    return f"/key/{dice.choice(codes)}/{dice.choice(parts)[0]}"


async def _look_up(browser: _Browser, path: str, measured: DeskCost, times: list[float]) -> None:
    before = time.perf_counter()
    status, _ = await browser.ask("GET", path)
    times.append((time.perf_counter() - before) * 1000)
    if status != 200:
        measured.errors.append(f"{path}: {status}")


async def _work(
    browser: _Browser,
    number: int,
    measured: DeskCost,
    codes: Sequence[str],
    parts: Sequence[tuple[str, str]],
    ends: float,
    dice: random.Random,
) -> None:
    """A corrector at work: reads, looks up, marks."""
    await asyncio.sleep(dice.uniform(0, PAUSE_S[1]))
    turn = 0
    while time.monotonic() < ends:
        code, (problem, part) = dice.choice(codes), dice.choice(parts)
        await _look_up(browser, f"/key/{code}/{problem}", measured, measured.lookups)
        kind, name, value = _done(dice, f"{number}-{turn}")
        operation: dict[str, object] = {"id": f"bench-{number}-{turn}", "kind": kind}
        operation |= {"code": code, "part": part, "name": name, "value": value, "seen": 10**6}
        before = time.perf_counter()
        status, said = await browser.ask("POST", "/mark", operation)
        measured.marks.append((time.perf_counter() - before) * 1000)
        if status == 200:
            measured.acknowledged.add(f"bench-{number}-{turn}")
        else:
            measured.errors.append(f"mark {code} {part}: {status} {said[:100]}")
        turn += 1
        await asyncio.sleep(dice.uniform(*PAUSE_S))


def _done(dice: random.Random, text: str) -> tuple[str, str, str]:
    """What a corrector does: points or a doubt mostly, a comment at times."""
    if dice.random() < 0.1:
        return "comment", "", text
    return ("points", "", "0") if dice.random() < 0.7 else ("doubtful", "", "")


def _lost(folder: Path, measured: DeskCost) -> list[str]:
    """The marks that were acknowledged and are not there."""
    with open_batch(folder) as batch, Marks.of(batch) as marks:
        marks.audit.verify()
        kept = {operation.id for _, operation in marks.since(0)}
    return sorted(measured.acknowledged - kept)


def _report(measured: DeskCost, lost: Sequence[object]) -> str:
    lines = ["| | times | median ms | p95 ms | p99 ms | most ms |", "|---|---|---|---|---|---|"]
    for name, times in (
        ("look-ups", measured.lookups),
        (f"look-ups, {CORRECTORS} at the same moment", measured.bursts),
        ("marks, until on the disk", measured.marks),
    ):
        shares = statistics.quantiles(times, n=100)
        figures = (statistics.median(times), shares[94], shares[98], max(times))
        lines.append(f"| {name} | {len(times)} | {' | '.join(f'{it:.0f}' for it in figures)} |")
    lines.append("")
    lines.append(f"CPU of the desk: {measured.cpu_s:.1f} s")
    lines.append(f"{len(measured.errors)} errors, {len(lost)} lost marks")
    lines += measured.errors[:5]
    if lost or measured.errors or statistics.quantiles(measured.lookups, n=100)[94] > BOUND_MS:
        lines.append(
            f"the bound (p95 of look-ups {BOUND_MS:.0f} ms, no error, none lost) is missed"
        )
    return "\n".join(lines)
