"""The secret: its file, its keys, and the mapping of fields onto indices."""

from __future__ import annotations

import hashlib
import hmac
import logging
import stat
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.errors import InputError
from generator.exact.secret import (
    LABELS,
    REFERENCE_SECRET,
    Field,
    Secret,
    Stem,
    encode_fields,
    fields_digest,
    load_or_create_secret,
    load_secret,
)

KEY = bytes(range(32))
FIELDS = st.lists(st.one_of(st.text(max_size=6), st.binary(max_size=6), st.integers()), max_size=5)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- The file ---


def test_a_new_secret_is_private_and_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "examiner" / "secret.key"
    first = load_or_create_secret(path)
    assert mode_of(path) == 0o600
    assert not caplog.records  # private from the first moment, not only in the end
    assert load_or_create_secret(path) == first == load_secret(path)
    assert [file.name for file in path.parent.iterdir()] == ["secret.key"]


def test_two_batches_have_different_secrets(tmp_path: Path) -> None:
    assert load_or_create_secret(tmp_path / "a") != load_or_create_secret(tmp_path / "b")


@pytest.mark.parametrize("content", [KEY, KEY.hex().encode(), KEY.hex().upper().encode() + b"\r\n"])
def test_raw_and_hexadecimal_files_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.touch(0o600)
    path.write_bytes(content)
    assert load_secret(path).value == KEY


@pytest.mark.parametrize(
    "content", [b"", KEY[:-1], KEY + b"\n", b"z" * 64, KEY.hex().encode()[:-1]]
)
def test_a_file_that_is_no_secret_is_refused_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"secret\.key.*is no secret") as caught:
        load_or_create_secret(path)
    assert str(len(content)) in str(caught.value)
    assert path.read_bytes() == content


def test_the_message_does_not_show_the_content(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(b"a-secret-with-a-wrong-length")
    with pytest.raises(InputError) as caught:
        load_secret(path)
    assert "a-secret" not in str(caught.value)
    assert "exam variants" not in repr(REFERENCE_SECRET)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_secret(tmp_path / "secret.key")


def test_a_folder_that_cannot_be_made_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        load_or_create_secret(tmp_path / "file" / "secret.key")


def test_a_file_open_to_others_is_closed_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(KEY)
    path.chmod(0o644)
    with caplog.at_level(logging.WARNING):
        assert load_secret(path).value == KEY
    assert mode_of(path) == 0o600
    assert "0644" in caplog.text
    caplog.clear()
    load_secret(path)
    assert not caplog.records


# --- Keys ---


def test_each_label_has_a_key_of_its_own() -> None:
    keys = {REFERENCE_SECRET.derive(label) for label in LABELS}
    assert len(keys) == len(LABELS)
    assert {len(key) for key in keys} == {32}
    assert {Secret(KEY).derive(label) for label in LABELS}.isdisjoint(keys)


def test_named_keys_are_those_of_their_labels() -> None:
    secret = Secret(KEY)
    named = (secret.draw_key, secret.tag_key, secret.mark_key, secret.allocation_key)
    assert named == tuple(map(secret.derive, ("draw", "tag", "mark", "allocation")))


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="'tags'"):
        REFERENCE_SECRET.derive("tags")


def test_a_secret_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32"):
        Secret(b"short")


# --- Fields ---


def kinds(fields: list[Field]) -> list[tuple[type, Field]]:
    """What tells fields apart: the text "1", the bytes b"1" and the number 1 are three things."""
    return [(type(value), value) for value in fields]


@given(FIELDS, FIELDS)
def test_different_fields_have_different_encodings(one: list[Field], other: list[Field]) -> None:
    assert (encode_fields(one) == encode_fields(other)) == (kinds(one) == kinds(other))


def test_fields_cannot_be_shifted_into_one_another() -> None:
    pieces: tuple[Field, ...] = (
        "",
        "a",
        "b",
        "ab",
        "s1:a",
        b"a",
        b"",
        1,
        11,
        "1",
        "11",
        -1,
        "i1:1",
    )
    lists = [list(fields) for length in range(4) for fields in product(pieces, repeat=length)]
    assert len({encode_fields(fields) for fields in lists}) == len(lists)


def test_the_digest_is_hmac_sha256_of_the_documented_encoding() -> None:
    message = b"s2:\xc3\xa4b1:\x00i2:-3"
    assert encode_fields(["ä", b"\x00", -3]) == message
    expected = hmac.new(KEY, message, hashlib.sha256).digest()
    assert fields_digest(KEY, "ä", b"\x00", -3) == expected


# --- Indices ---


def uniform_index(key: bytes, fields: tuple[Field, ...], n: int) -> int:
    return Stem(key, ()).uniform_index(fields, n)


@given(FIELDS, FIELDS)
def test_where_the_stem_ends_does_not_matter(one: list[Field], other: list[Field]) -> None:
    stem = Stem(KEY, one)
    for fields in (other, [*other, "x"], other):
        assert stem.uniform_index(fields, 1000) == uniform_index(KEY, (*one, *fields), 1000)


def test_a_key_that_hmac_would_hash_first_is_refused() -> None:
    assert uniform_index(bytes(64), ("x",), 1 << 256) == int.from_bytes(
        fields_digest(bytes(64), "x", 0), "big"
    )
    with pytest.raises(ValueError, match="at most 64 bytes"):
        Stem(bytes(65), ())


def test_indices_of_the_reference_secret_never_change() -> None:
    fields = ("cit-i2dl-1-20230210", "E0743", "3", 0, "w11")
    drawn = [uniform_index(REFERENCE_SECRET.draw_key, (*fields, n), 8) for n in range(12)]
    assert drawn == [3, 3, 6, 5, 3, 3, 6, 6, 1, 2, 0, 5]


@pytest.mark.parametrize("n", [2, 3, 7, 10])
def test_every_index_is_equally_likely(n: int) -> None:
    size = 6000
    counts = Counter(uniform_index(KEY, ("evenness", i), n) for i in range(size))
    assert set(counts) == set(range(n))
    chi_squared = sum((counts[i] - size / n) ** 2 / (size / n) for i in range(n))
    assert chi_squared < n - 1 + 5 * (2 * n) ** 0.5


def test_numbers_beyond_the_largest_multiple_are_rejected() -> None:
    """With n just over half of 2**256, every other digest is rejected."""
    n = (1 << 255) + 1
    rejected = 0
    for i in range(64):
        digests = (fields_digest(KEY, i, counter) for counter in range(100))
        numbers = [int.from_bytes(digest, "big") for digest in digests]
        expected = next(number for number in numbers if number < n)
        rejected += numbers[0] >= n
        assert uniform_index(KEY, (i,), n) == expected
    assert 16 < rejected < 48


def test_one_value_leaves_no_choice_and_none_is_an_error() -> None:
    assert uniform_index(KEY, ("x",), 1) == 0
    for n in (0, -1, (1 << 256) + 1):
        with pytest.raises(ValueError, match="drawn from"):
            uniform_index(KEY, ("x",), n)
