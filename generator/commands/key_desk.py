"""`make desk`, and what the examiner does for it on the command line: people, links, opening."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from generator.bank.exam import Exam
from generator.desk.bundle import bundle_pages, encrypted
from generator.desk.desk import RECORDING, Desk, open_people
from generator.desk.embargo import CLOSED, OPENED, opened_early, released_at, waits_until
from generator.desk.library import Library
from generator.desk.people import People, Person, Role, why_no_password
from generator.errors import Complaint, InputError
from generator.files.plain_names import plain_name
from generator.files.whole import write_whole
from generator.marks.store import Marks
from generator.record.batch import open_batch
from generator.release.amend import amending, check_built
from generator.release.place import place_of

Say = Callable[[str], None]

LOOPBACK = "127.0.0.1"
CERTIFICATE, CERTIFICATE_KEY = "certificate.pem", "certificate.key"


def serve(
    exam_file: Path,
    out: Path,
    *,
    host: str,
    port: int,
    tls: bool,
    proxied: bool,
    root: str,
    say: Say,
) -> None:
    """Opens the desk and answers until it is ended.

    Args:
        proxied: A proxy in front of it does TLS and tells who is asking.
        root: The path below which the proxy has it, e.g. ``/desk``; empty at the top of the host.

    Raises:
        InputError: There is no batch, another desk is open on it, or the address is not free.
    """
    import uvicorn

    from generator.desk.app import make_app

    folder = _folder(exam_file, out)
    files = [folder / "desk" / name for name in (CERTIFICATE, CERTIFICATE_KEY)] if tls else []
    if missing := [path for path in files if not path.exists()]:
        message = "is missing: make one with `python -m generator desk certificate`"
        raise InputError([Complaint(str(path), 0, 0, "", message) for path in missing])
    _check_free(host, port)
    root = _path(root, proxied=proxied)
    desk = Desk(folder, secure=tls or proxied, proxied=proxied, root=root)
    # Only the socket of a test or of systemd could be told apart; people read this line.
    say(f"the desk of {desk.library.batch.exam_id} is open: {_url(host, port, tls)}")
    if not any(not person.ended for person in desk.people.all()):
        say("nobody can sign in yet: python -m generator desk add NAME --role examiner")
    uvicorn.run(
        make_app(desk),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=proxied,
        root_path=root,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,
        ssl_certfile=str(files[0]) if tls else None,
        ssl_keyfile=str(files[1]) if tls else None,
    )


def _check_free(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            message = f"cannot be listened to ({error.strerror}): choose another with --port"
            raise InputError([Complaint("", 0, 0, f"{host}:{port}", message)]) from None


def _path(root: str, *, proxied: bool) -> str:
    """A path as links begin with it.

    Raises:
        InputError: It is none, or there is no proxy that could have the desk there.
    """
    path = root.rstrip("/")
    if path and not proxied:
        message = "is for a proxy that has the desk below a path: add --behind-proxy"
        raise InputError([Complaint("", 0, 0, "--at-path", message)])
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        message = f"expected a path such as /desk, got {root!r}"
        raise InputError([Complaint("", 0, 0, "--at-path", message)])
    return path


def _url(host: str, port: int, tls: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"


def _folder(exam_file: Path, out: Path) -> Path:
    place = place_of(exam_file, out)
    check_built(place)
    return place.folder


# People.


def add_person(
    exam_file: Path, out: Path, name: str, role: Role, problems: Sequence[str], url: str
) -> str:
    """Adds somebody, or changes what they may see, and makes a link for signing in.

    Raises:
        InputError: There is no batch, or no such problem.
    """
    with _opened(exam_file, out) as (people, marks):
        _check_problems(marks.papers.exam, problems)
        before = next((it for it in people.all() if it.name == name and not it.ended), None)
        people.add(name, role, problems)
        marks.allow(name, problems or None, examiner=role == "examiner")
        about = _told(Person(name, role, tuple(problems)))
        if before is not None and _told(before) != about:
            about += f" (until now {_told(before).removeprefix(f'{name}: ')})"
        marks.audit.append("person", "command line", about)
        return f"{about}\n{_link(people, marks, name, url)}"


def _told(person: Person) -> str:
    of = ", ".join(person.problems) or "all problems"
    return f"{person.name}: {'at the door' if person.role == 'door' else f'{person.role} of {of}'}"


@contextmanager
def _opened(exam_file: Path, out: Path) -> Iterator[tuple[People, Marks]]:
    """People and marks of a batch; the desk may be running meanwhile."""
    with (
        open_batch(_folder(exam_file, out)) as batch,
        closing(open_people(batch.folder)) as people,
        Marks.of(batch) as marks,
    ):
        yield people, marks


def _check_problems(exam: Exam, problems: Iterable[str]) -> None:
    known = [it.id for it in exam.problems]
    wrong = [it for it in problems if it not in known]
    if wrong:
        message = f"there is no such problem; the exam has {', '.join(known)}"
        raise InputError([Complaint("", 0, 0, it, message) for it in wrong])


def _link(people: People, marks: Marks, name: str, url: str) -> str:
    token = people.make_link(name, time.time())
    marks.audit.append("link", "command line", name)
    link = f"{url.rstrip('/')}/enter/{token}"
    return f"{link}\nIt works once, within three days; whoever opens it is {name}."


def make_link(exam_file: Path, out: Path, name: str, url: str) -> str:
    """Another link for somebody who has access."""
    with _opened(exam_file, out) as (people, marks):
        people.known(name)
        return _link(people, marks, name, url)


def set_password(
    exam_file: Path, out: Path, name: str, ask: Callable[[Callable[[str], str]], str]
) -> str:
    """Sets the password of somebody who has access.

    Args:
        ask: Asks for it until it will do; is told by what it hears why one will not.
    """
    with _opened(exam_file, out) as (people, marks):
        people.known(name)
        people.set_password(name, ask(partial(why_no_password, name)))
        marks.audit.append("password", "command line", name)
    return f"{name} has a new password; sessions of before are ended"


def end_person(exam_file: Path, out: Path, name: str, *, access: bool) -> str:
    """Ends the sessions of somebody, and the access as well if that is wanted."""
    with _opened(exam_file, out) as (people, marks):
        people.known(name)
        people.end(name, access=access)
        if access:
            marks.allow(name, [])
        what = "access" if access else "sessions"
        marks.audit.append("end", "command line", f"{name}: {what}")
    return f"{name}: {what} ended"


def list_people(exam_file: Path, out: Path) -> str:
    """Everybody, with role and problems."""
    with closing(open_people(_checked(exam_file, out))) as people:
        return "\n".join(map(_line, people.all())) or "nobody yet: desk add NAME --role examiner"


def _checked(exam_file: Path, out: Path) -> Path:
    folder = _folder(exam_file, out)
    open_batch(folder).close()
    return folder


def _line(person: Person) -> str:
    problems = ", ".join(person.problems) or "all problems"
    what = "at the door" if person.is_at_door else f"{person.role}, {problems}"
    return f"{person.name}: {what}{', ended' if person.ended else ''}"


def record_marks(exam_file: Path, out: Path, *, on: bool) -> str:
    """Switches recording on or off, also while the desk is running."""
    value = "on" if on else "off"
    with _opened(exam_file, out) as (people, marks):
        people.set(RECORDING, value)
        marks.audit.append("recording", "command line", value)
    return f"recording is {value}"


# The embargo.


def open_early(exam_file: Path, out: Path, reason: str) -> str:
    """Opens the desk before the release of the keys; an event of the batch.

    Raises:
        InputError: There is no batch, no reason, or nothing to open.
    """
    if not reason.strip():
        raise InputError([Complaint("", 0, 0, "--reason", "say why; it is kept with the events")])
    place = place_of(exam_file, out)
    with open_batch(place.folder) as batch:
        until, is_open = released_at(batch.exam), opened_early(batch.ledger)
    if until is None or time.time() >= until.timestamp() or is_open:
        raise InputError([Complaint(str(place.folder), 0, 0, "", "keys may be seen already")])
    with amending(place) as amendment:
        amendment.ledger.note(OPENED, (), reason.strip())
    _note(place.folder, "opened early", reason.strip())
    return (
        f"{place.folder}: keys may be seen at the desk from now on, not only from {until:%Y-%m-%d}"
    )


def close_again(exam_file: Path, out: Path) -> str:
    """Takes an early opening back.

    Raises:
        InputError: There was none.
    """
    place = place_of(exam_file, out)
    with open_batch(place.folder) as batch:
        if not opened_early(batch.ledger):
            raise InputError([Complaint(str(place.folder), 0, 0, "", "was not opened early")])
    with amending(place) as amendment:
        amendment.ledger.note(CLOSED)
    _note(place.folder, "closed again", "")
    return f"{place.folder}: keys wait for their release again"


def _note(folder: Path, kind: str, about: str) -> None:
    with open_batch(folder) as batch, Marks.of(batch) as marks:
        marks.audit.append(kind, "command line", about)


# Keys to take along.


def make_bundle(exam_file: Path, out: Path, who: str, passphrase: str | None) -> str:
    """Packs the keys for somebody into ``OUT/<exam id>-keys-<who>.zip``, encrypted.

    A corrector of the desk gets the problems that are theirs, anybody else all of them.

    Args:
        passphrase: One is made, and told, where there is none.

    Raises:
        InputError: There is no batch, or its keys are not released yet.
    """
    folder = _folder(exam_file, out)
    who = who.strip()
    if not who or not who.isprintable() or len(who) > 60:
        raise InputError([Complaint("", 0, 0, "FOR", "say for whom: make keys-bundle FOR=Ada")])
    library = Library(folder)
    with closing(library), _opened(exam_file, out) as (people, marks):
        exam, batch = library.exam, library.batch
        if until := waits_until(exam, batch.ledger, time.time()):
            message = f"keys are not released before {until:%Y-%m-%d %H:%M}; desk open opens early"
            raise InputError([Complaint(str(folder), 0, 0, "", message)])
        person = people.person(who)
        problems = [it.id for it in exam.problems if person is None or person.may(it.id)]
        secret = passphrase or secrets.token_urlsafe(15)
        today = datetime.date.fromtimestamp(time.time())
        content = encrypted(bundle_pages(library, problems, who, today), secret)
        path = out / f"{exam.id}-keys-{plain_name(who, 'bundle')}.zip"
        write_whole(path, content)
        path.chmod(0o600)
        about = f"bundle for {who}, problems {', '.join(problems)}"
        marks.audit.append("download", "command line", about)
        copies = len(library.codes)
    told = "" if passphrase else f"\nPassphrase, told this once: {secret}"
    size = f"{len(content) / 1e6:.1f} MB, {copies} copies, for {who}"
    return f"{path}: {size}, encrypted (AES-256){told}"


# TLS.


def make_certificate(exam_file: Path, out: Path, names: Sequence[str]) -> str:
    """Makes a certificate of one's own, so that phones give the desk their camera.

    Args:
        names: Host names and addresses by which the desk is reached, besides this machine's.
    """
    folder = _checked(exam_file, out) / "desk"
    folder.mkdir(mode=0o700, exist_ok=True)
    everything = list(dict.fromkeys((*names, socket.gethostname(), "localhost", LOOPBACK)))
    certificate, key, fingerprint = _certificate(everything)
    old_mask = os.umask(0o077)
    try:
        write_whole(folder / CERTIFICATE_KEY, key)
        write_whole(folder / CERTIFICATE, certificate)
    finally:
        os.umask(old_mask)
    return (
        f"{folder / CERTIFICATE} for {', '.join(everything)}\n"
        f"SHA-256 {fingerprint}\n"
        "Compare this when a browser asks whether to trust the certificate."
    )


def _certificate(names: Sequence[str]) -> tuple[bytes, bytes, str]:
    """Certificate, key, and the fingerprint that browsers show."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    now = datetime.datetime.now(datetime.UTC)
    alternatives: list[x509.GeneralName] = []
    for name in names:
        try:
            alternatives.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            alternatives.append(x509.DNSName(name))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        # Browsers refuse what is valid for longer.
        .not_valid_after(now + datetime.timedelta(days=397))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    digest = made.fingerprint(hashes.SHA256()).hex(":").upper()
    return pem, secret, digest
