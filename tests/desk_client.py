"""A desk on a batch that was built, and somebody who asks it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from small_project import Project
from starlette.testclient import TestClient

from generator.desk.app import make_app
from generator.desk.desk import RECORDING, Desk

PASSWORD = "correct horse battery"
_numbers = count()


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 1_900_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Visitor:
    """Somebody with a browser."""

    client: TestClient
    page: str = ""
    csrf: str = field(default="", repr=False)

    def get(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, **more)
        if found := re.search(r'name="csrf" content="([^"]+)"', answer.text):
            self.csrf = found[1]
        return answer

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **form})

    def send(self, path: str, **data: Any) -> Any:
        headers = {"x-csrf-token": self.csrf, "x-desk": "1", "content-type": "application/json"}
        return self.client.post(path, content=json.dumps(data), headers=headers)

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        self.get("/sign-in")
        answer = self.post("/sign-in", name=name, password=password)
        self.get("/")
        return answer

    def mark(self, kind: str, name: str = "", value: str = "", **more: Any) -> Any:
        operation = {"id": f"op-{next(_numbers)}", "part": "3.1", "kind": kind}
        return self.send("/mark", **{**operation, "name": name, "value": value, **more})


@contextmanager
def open_desk(
    built: Project, folder: Path, *, secure: bool = False, proxied: bool = False, root: str = ""
) -> Iterator[Desk]:
    """A desk with the examiner ada, and bob, eve (who marks nothing) and recording on."""
    batch = folder / built.out.name
    shutil.copytree(built.out, batch)
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    desk = Desk(batch, clock=Clock(), secure=secure, proxied=proxied, root=root, hasher=hasher)
    desk.people.add("ada", "examiner")
    desk.people.add("bob", "corrector")
    desk.marks.allow("ada", None, examiner=True)
    desk.marks.allow("bob", None)
    for name in ("ada", "bob"):
        desk.people.set_password(name, PASSWORD)
    desk.people.set(RECORDING, "on")
    try:
        yield desk
    finally:
        desk.close()


def visitor(desk: Desk) -> Visitor:
    """Somebody who has not signed in."""
    scheme = "https" if desk.secure else "http"
    client = TestClient(
        make_app(desk),
        base_url=f"{scheme}://desk.test{desk.root}",
        root_path=desk.root,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    return Visitor(client)
