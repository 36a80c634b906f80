"""The batch's secret, and everything that is derived from it.

One file, ``secret.key``, holds 32 random bytes. No key is used for two purposes: each purpose has
its own key, derived with a label, so that whoever learns one of them (a scanning station that
checks tags, say) learns nothing about the draws.

All derivations are HMAC-SHA256 (RFC 2104, FIPS 180-4): no generator state, no order, the same
result in every Python and on every machine.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from generator.errors import Complaint, InputError

SECRET_FILE: Final = "secret.key"
SECRET_BYTES: Final = 32
LABELS: Final = ("draw", "tag", "mark", "allocation", "record", "audit")

Field = str | bytes | int

_DIGEST_VALUES: Final = 1 << 256
_BLOCK: Final = 64
"""Bytes that SHA-256 takes at a time; HMAC pads the key to them."""
_INNER_PAD: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD: Final = bytes(byte ^ 0x5C for byte in range(256))
_HEX: Final = re.compile(rb"[0-9a-fA-F]{64}\s*")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Secret:
    """The secret of one batch.

    Attributes:
        value: The 32 random bytes; never shown by ``repr``.
    """

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.value) != SECRET_BYTES:
            raise ValueError(f"a secret has {SECRET_BYTES} bytes, this one has {len(self.value)}")

    def derive(self, label: str) -> bytes:
        """Derives the key for one purpose.

        Args:
            label: One of `LABELS`.

        Returns:
            A key of 32 bytes.

        Raises:
            ValueError: If the label is not known; a typing error must not open a new key.
        """
        if label not in LABELS:
            raise ValueError(f"unknown label {label!r}, known are {', '.join(LABELS)}")
        return hmac.digest(self.value, label.encode(), "sha256")

    @cached_property
    def draw_key(self) -> bytes:
        """Key of the draws."""
        return self.derive("draw")

    @cached_property
    def tag_key(self) -> bytes:
        """Key of the tags in page codes."""
        return self.derive("tag")

    @cached_property
    def mark_key(self) -> bytes:
        """Key of the records' marks."""
        return self.derive("mark")

    @cached_property
    def allocation_key(self) -> bytes:
        """Key of the order in which copy codes are given out."""
        return self.derive("allocation")

    @cached_property
    def record_key(self) -> bytes:
        """Key of the signatures of what the ledger records."""
        return self.derive("record")

    @cached_property
    def audit_key(self) -> bytes:
        """Key of the chain of who saw and did what."""
        return self.derive("audit")


# The reference copy is for everybody: its tags and marks come from this key, so that no secret is
# needed for it, and nothing that it shows depends on a batch's secret.
REFERENCE_SECRET: Final = Secret(b"exam variants: reference copy 01")


def encode_fields(fields: Iterable[Field]) -> bytes:
    """Encodes fields so that different fields never give the same bytes.

    Each field is written as its kind (``s``, ``b`` or ``i``), its length in bytes in decimal, a
    colon and its bytes: a netstring. Text is UTF-8, an integer its decimal digits.
    """
    return b"".join(map(_encode_field, fields))


@lru_cache(maxsize=4096)
def _encode_field(value: Field) -> bytes:
    # Kept, since draws ask for the same few names and small numbers again and again.
    if isinstance(value, str):
        data = value.encode()
        return b"s%d:%b" % (len(data), data)
    if isinstance(value, int):
        data = b"%d" % value
        return b"i%d:%b" % (len(data), data)
    return b"b%d:%b" % (len(value), value)


@lru_cache(maxsize=16_384)
def encode_known(*fields: Field) -> bytes:
    """The same; kept, since all copies of a problem ask for the same names."""
    return encode_fields(fields)


def fields_digest(key: bytes, *fields: Field) -> bytes:
    """Returns the HMAC-SHA256 (32 bytes) of the fields, see `encode_fields`."""
    return hmac.digest(key, encode_fields(fields), "sha256")


class Stem:
    """Fields that many draws begin with.

    The digest is that of `fields_digest`. RFC 2104 makes it of two hashes that begin with the key;
    here both, and the fields in common, are hashed once, and each draw goes on from there.

    Attributes:
        begun: What gives a new copy of the inner hash, and of the outer one.
    """

    def __init__(self, key: bytes, fields: Iterable[Field]) -> None:
        """Hashes what draws have in common.

        Args:
            key: The key of the draws, of at most 64 bytes.
            fields: The first fields of each draw.

        Raises:
            ValueError: If the key is longer; it would be another key for HMAC.
        """
        if len(key) > _BLOCK:
            raise ValueError(f"a key has at most {_BLOCK} bytes, this one has {len(key)}")
        padded = key.ljust(_BLOCK, b"\0")
        inner = hashlib.sha256(padded.translate(_INNER_PAD) + encode_fields(fields))
        self.begun = inner.copy, hashlib.sha256(padded.translate(_OUTER_PAD)).copy

    def uniform_index(self, fields: Sequence[Field], n: int) -> int:
        """Maps further fields onto an index, every index being equally likely.

        The digest of all fields and a counter is read as a 256-bit number; numbers from the largest
        multiple of ``n`` on are rejected and the counter moves on, so that no index is favored.

        Args:
            fields: What the draw is for.
            n: How many indices there are, 1 or more and at most 2**256.

        Returns:
            An index from 0 to ``n - 1``.

        Raises:
            ValueError: If ``n`` is out of range.
        """
        limit = index_limit(n)
        counter = 0
        while (number := self._number(encode_known(*fields, counter))) >= limit:
            counter += 1
        return number % n

    def _number(self, encoded: bytes) -> int:
        begin_inner, begin_outer = self.begun
        inner, outer = begin_inner(), begin_outer()
        inner.update(encoded)
        outer.update(inner.digest())
        return int.from_bytes(outer.digest(), "big")


@lru_cache(maxsize=4096)
def index_limit(n: int) -> int:
    """The largest multiple of n among the values of a digest.

    Raises:
        ValueError: There is none: n is below 1, or above the number of these values.
    """
    if not 1 <= n <= _DIGEST_VALUES:
        raise ValueError(f"an index is drawn from 1 or more values, not from {n}")
    return _DIGEST_VALUES - _DIGEST_VALUES % n


def load_secret(path: Path) -> Secret:
    """Reads a secret: 64 hexadecimal digits in one line, or 32 raw bytes.

    A file that others may read is closed to them (mode 0600) with a warning.

    Raises:
        InputError: If the file can't be read, can't be closed to others, or holds no secret.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise _refusal(path, "is no regular file; put the batch's own file back")
        content = path.read_bytes()
    except OSError as error:
        raise _refusal(path, f"cannot be read: {error.strerror}") from error
    value = _parse(path, content)
    if mode & _OTHERS:
        _close_to_others(path, stat.S_IMODE(mode))
    return Secret(value)


def load_or_create_secret(path: Path) -> Secret:
    """Reads the secret of a batch, or makes a new one where there is none.

    The file appears with its full content and mode 0600, or not at all. Of two builds that make one
    at the same time, both go on with the one that came first.

    Raises:
        InputError: If the file is there but is no secret, or if it can't be written.
    """
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _create(path, secrets.token_bytes(SECRET_BYTES))
        except OSError as error:
            raise _refusal(path, f"cannot be written: {error.strerror}") from error
    return load_secret(path)


def _parse(path: Path, content: bytes) -> bytes:
    if len(content) == SECRET_BYTES:
        return content
    if _HEX.fullmatch(content):
        return bytes.fromhex(content.decode("ascii"))
    raise _refusal(
        path,
        f"is no secret: expected 64 hexadecimal digits (or {SECRET_BYTES} raw bytes), "
        f"found {len(content)} bytes; put the batch's own file back. "
        "(Without it, a batch that has been built cannot be built again; for a fresh batch, "
        "delete the file.)",
    )


def _close_to_others(path: Path, mode: int) -> None:
    try:
        path.chmod(0o600)
    except OSError as error:
        raise _refusal(
            path, f"can be read by others (mode {mode:04o}) and is not ours to change: chmod 600 it"
        ) from error
    _log.warning(
        "%s could be read by others (mode %04o); it is now 0600. If somebody may have read it, "
        "take a fresh secret for a batch that is not yet printed.",
        path,
        mode,
    )


def _create(path: Path, value: bytes) -> None:
    """Writes the secret under another name and gives it its own name when it is on the disk."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(value.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _claim(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _claim(temporary: Path, path: Path) -> None:
    """Links the finished file to its name; a link never replaces, a rename would."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        if not path.exists():
            os.replace(temporary, path)


def _refusal(path: Path, message: str) -> InputError:
    return InputError([Complaint(str(path), 0, 0, "", message)])
