"""Commands of the program, each in a process of its own that is forked from one with its modules.

To import the program takes longer than what most commands have to do. So it is imported by
processes that do nothing else, and each command is run by a fork of one, as ``python -m generator``
would: by ``__main__``, with arguments, environment, folder, standard streams and exit code of its
own. What a command has kept in memory is gone with it. There are two such processes, which take
turns and hash strings differently, as processes of Python do.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import pkgutil
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import time
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
SEEDS = ("1", "2")
TIMEOUT_S = 300
LIBRARIES = (
    *("numpy", "pypdfium2", "zxingcpp", "rich.progress", "pyphen", "qrcode", "PIL.ImageDraw"),
    *("cairocffi", "pangocffi", "pangocairocffi"),
)
"""What the program imports where it needs it, and most builds do."""

_turns = itertools.cycle(SEEDS)


def run_command(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs ``python -m generator`` with some arguments.

    Raises:
        subprocess.TimeoutExpired: It took longer than `TIMEOUT_S`, and was ended.
    """
    words = [str(argument) for argument in arguments]
    seed = next(_turns)
    server = _server(seed)
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory(prefix="command-") as folder:
        files = [Path(folder) / name for name in ("stdout", "stderr")]
        request = {
            "arguments": words,
            "environment": dict(os.environ),
            "streams": [str(file) for file in files],
            "timeout_s": TIMEOUT_S,
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        code = json.loads(server.stdout.readline())
        out, err = (file.read_text("utf-8") for file in files)
    if code is None:
        raise subprocess.TimeoutExpired(words, TIMEOUT_S, out, err)
    return subprocess.CompletedProcess(words, code, out, err)


@cache
def _server(seed: str) -> subprocess.Popen[str]:
    """A process that has imported the program; it ends with this one."""
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__))],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.communicate)
    return server


def _serve() -> None:
    """Runs the commands that are asked for, one after the other, and says how each has ended."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(request)
            runpy.run_module("generator", run_name="__main__", alter_sys=True)
            sys.exit(0)
        sys.stdout.write(json.dumps(_exit_code(child, request["timeout_s"])) + "\n")
        sys.stdout.flush()


def _become(request: dict[str, Any]) -> None:
    """Takes the arguments, the environment and the streams of a command."""
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    tempfile.tempdir = None
    os.chdir(ROOT)
    sys.argv = ["generator", *request["arguments"]]
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for number, file in enumerate(request["streams"], 1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)


def _exit_code(child: int, timeout_s: float) -> int | None:
    """How a child ended; None where it did not in time, and was ended."""
    ended = os.pidfd_open(child)
    try:
        if not select.select([ended], [], [], timeout_s)[0]:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        os.close(ended)


def _import_all() -> None:
    package = import_module("generator")
    for module in pkgutil.walk_packages(package.__path__, "generator."):
        if module.name != "generator.__main__" and not module.name.startswith("generator.bench"):
            import_module(module.name)
    for library in LIBRARIES:
        import_module(library)


if __name__ == "__main__":
    _import_all()
    _serve()
