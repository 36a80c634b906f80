"""What a command costs: time, CPU time and memory of all of its processes."""

from __future__ import annotations

import resource
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from generator.errors import CopyError
from generator.work.progress import cpu_seconds

SAMPLE_S = 0.05
"""Memory is looked at so often."""


@dataclass
class Cost:
    """What a command took.

    Attributes:
        wall: Seconds.
        cpu: Seconds of all of its processes.
        peak_mb: Largest memory of all of its processes together, counting shared pages once.
    """

    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0


def measure(command: Sequence[str], *, sample: bool = True) -> Cost:
    """Runs a command to its end and measures it with all of its processes.

    Args:
        sample: Look at the memory too, which disturbs a short command.
    """
    before, start = _children_s(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    peak = _Peak(process.pid)
    if sample:
        peak.start()
    code = process.wait()
    wall = time.perf_counter() - start
    if sample:
        peak.done.set()
        peak.join()
    if code:
        raise CopyError(f"{' '.join(command)} failed with {code}")
    return Cost(wall, _children_s() - before, peak.mb)


def _children_s() -> float:
    """CPU time of the processes that have ended: what looks at their memory does not count."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Peak(threading.Thread):
    """Samples the memory of a process and its descendants; shared pages count once (PSS)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid = pid
        self.mb = 0.0
        self.done = threading.Event()

    def run(self) -> None:
        known: set[int] = set()
        while not self.done.wait(SAMPLE_S):
            # A process counts from the second look on: at the first, it may not have begun its own
            # program yet, and be in the memory of its parent.
            family = set(_family(self.pid))
            self.mb = max(self.mb, sum(map(_memory_mb, family & known)))
            known = family


def _family(pid: int) -> Iterator[int]:
    yield pid
    children = []
    with suppress(OSError):  # ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            children += (thread / "children").read_text().split()
    for child in children:
        yield from _family(int(child))


def _memory_mb(pid: int) -> float:
    with suppress(OSError):  # ended meanwhile
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def counted(result: dict[str, float], copies: int) -> Iterator[None]:
    """Puts into a result what the body of the statement takes for so many copies, in seconds."""
    cpu, wall = cpu_seconds(), time.perf_counter()
    yield
    result["copies"] = copies
    result["wall"] = time.perf_counter() - wall
    result["cpu"] = cpu_seconds() - cpu
    result["cpu_per_copy"] = result["cpu"] / copies
