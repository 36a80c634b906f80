"""YAML with positions: scalars as written, every character at its place, nothing dangerous."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from generator.bank.yaml import MAX_BYTES, MAX_DEPTH, MAX_VALUES, Scalar, Source, read_yaml
from generator.errors import InputError

SLOW = [HealthCheck.function_scoped_fixture]


def read(folder: Path, text: str | bytes) -> Source:
    file = folder / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(file, "file.yaml")


def refused(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    assert caught.value.exit_code == 2
    return str(caught.value).splitlines()


# --- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["NO", "on", "012", "1:30", "1e3", "2023-02-10", "0x10", ".inf"])
def test_scalars_stay_as_they_are_written(text: str, tmp_path: Path) -> None:
    value = read(tmp_path, f"a: {text}").data["a"]
    assert value == text
    assert isinstance(value, Scalar)
    assert value.plain


@pytest.mark.parametrize("text", ['"3"', "'3'", "|\n  3", ">\n  3"])
def test_quotes_are_remembered(text: str, tmp_path: Path) -> None:
    value = read(tmp_path, f"a: {text}").data["a"]
    assert value.strip() == "3"
    assert not value.plain


@pytest.mark.parametrize("text", ["", "~", "null", "NULL"])
def test_nothing_is_none(text: str, tmp_path: Path) -> None:
    assert read(tmp_path, f"a: {text}").data == {"a": None}


def test_quoted_nothing_is_a_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a: ''\nb: 'null'").data == {"a": "", "b": "null"}


def test_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    source = read(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert source.data == {"a": "1", "b": "x\ny\n"}
    assert source.place(("a",)) == (1, 4)
    assert source.place(("b",), 2) == (4, 3)


# --- positions ------------------------------------------------------------------------------------

FILE = """\
a: first
list:
  - {id: "3.1", k: 'it''s'}
  - [x, y]
block: |

    one
      two
    three
folded: >-
  four
  five

  six
quoted: "\\t\\u00e9 \\
  seven"
"""


@pytest.mark.parametrize(
    ("route", "place"),
    [
        (("a",), (1, 4)),
        (("list",), (3, 3)),
        (("list", 0), (3, 5)),
        (("list", 0, "id"), (3, 10)),
        (("list", 1, 1), (4, 9)),
        (("block",), (5, 8)),
        (("list", 0, "absent", 3), (3, 5)),
        (("absent",), (1, 1)),
    ],
)
def test_places_of_values(
    route: tuple[str | int, ...], place: tuple[int, int], tmp_path: Path
) -> None:
    assert read(tmp_path, FILE).place(route) == place


def test_places_of_keys(tmp_path: Path) -> None:
    source = read(tmp_path, FILE)
    assert source.key_place(("block",)) == (5, 1)
    assert source.key_place(("list", 0, "k")) == (3, 17)
    assert source.key_place(("list", 1, 1)) == (4, 9)


@pytest.mark.parametrize(
    ("route", "word", "place"),
    [
        (("a",), "first", (1, 4)),
        (("a",), "st", (1, 7)),
        (("list", 0, "k"), "s", (3, 25)),
        (("block",), "one", (7, 5)),
        (("block",), "two", (8, 7)),
        (("block",), "ree", (9, 7)),
        (("folded",), "five", (12, 3)),
        (("folded",), "six", (14, 3)),
        (("quoted",), "\u00e9", (15, 12)),
        (("quoted",), "seven", (16, 3)),
    ],
)
def test_places_of_characters(
    route: tuple[str | int, ...], word: str, place: tuple[int, int], tmp_path: Path
) -> None:
    source = read(tmp_path, FILE)
    assert source.place(route, str(source.value(route)).index(word)) == place


@settings(deadline=None, suppress_health_check=SLOW)
@given(
    text=st.text(st.sampled_from("ab é'\"\\\n\t:#{}[]%&*|>-\U0001f600"), max_size=60),
    style=st.sampled_from(["'", '"', "|", ">", None]),
    width=st.sampled_from([5, 20, 1000]),
    depth=st.integers(0, 3),
)
def test_any_character_is_found_in_any_style(
    text: str, style: str | None, width: int, depth: int, tmp_path: Path
) -> None:
    """The mark, which is there once, is found where the file has it."""
    for position in range(0, len(text) + 1, 7):
        marked = f"{text[:position]}Q{text[position:]}"
        data: object = marked
        for _ in range(depth):
            data = {"k": data}
        dumped = yaml.dump(
            {"k": data, "z": "1"}, default_style=style, width=width, allow_unicode=True
        )
        assume(dumped.count("Q") == 1)
        source = read(tmp_path, dumped)
        route = ("k",) * (depth + 1)
        value = str(source.value(route))
        line, column = source.place(route, value.index("Q"))
        assert dumped.split("\n")[line - 1][column - 1] == "Q", (dumped, line, column)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: x\u2028y\nc: \u2029", "2:5: U+2028 (line separator) ends a line for YAML"),
        ("a: x\x85y\n", "1:5: U+0085 (next line) ends a line for YAML"),
        (
            "a:\n  - b: 1\n\u00a0   c: 2\n    d: 3",
            "3:1: not YAML: U+00A0 (no-break space) stands here",
        ),
        ("x: 0\na:\u00a01\nb: 2\n", "2:3: not YAML: U+00A0 (no-break space) stands here"),
        ('a: "x\nb: 1\nc: "y"\n', "3:5: not YAML: "),
        ("a: 1\nb\uff1a 2\n", "2:2: not YAML: U+FF1A (fullwidth colon) stands here"),
    ],
)
def test_what_looks_like_a_blank_is_named(text: str, said: str, tmp_path: Path) -> None:
    assert refused(tmp_path, text)[0].startswith(f"file.yaml:{said}")
    assert read(tmp_path, "a: x\u00a0y\nb: |\n  \u00a0z\n").data["a"] == "x\u00a0y"


def test_list_entries_are_called_by_their_id(tmp_path: Path) -> None:
    source = read(tmp_path, FILE)
    assert source.describe(("list", 0, "k")) == "list.3.1.k"
    assert source.describe(("list", 1, 0)) == "list.1.0"


# --- what is refused ------------------------------------------------------------------------------


def test_duplicate_keys_leave_the_rest_readable(tmp_path: Path) -> None:
    source = read(tmp_path, "a: 1\nb: {c: 2, c: [3, {d: 4}]}\na: 5\n")
    assert source.data == {"a": "1", "b": {"c": "2"}}
    assert [str(problem) for problem in source.problems] == [
        "file.yaml:2:11: b.c: duplicate key; it is there already in line 2; remove one",
        "file.yaml:3:1: a: duplicate key; it is there already in line 1; remove one",
    ]


def test_all_anchors_and_tags_are_refused_at_once(tmp_path: Path) -> None:
    assert refused(tmp_path, "a: &x 1\nb: *x\nc: !!python/name:os.system ''\n<<: &y {}\n") == [
        "file.yaml:1:4: a: anchors and aliases (&, *) are not supported; write it out",
        "file.yaml:2:4: b: anchors and aliases (&, *) are not supported; write it out",
        "file.yaml:3:4: c: the tag !!python/name:os.system is not supported; put texts in quotes",
        "file.yaml:4:5: <<: anchors and aliases (&, *) are not supported; write it out",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty; write the fields of an exam or a problem into it"),
        ("# only a comment\n", "1:1: the file is empty"),
        ("- a\n", "1:1: expected a mapping of keys and values, got a list"),
        ("word\n", "1:1: expected a mapping of keys and values, got a single value"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document (---) begins; keep one per file"),
        ("? [a]\n: 1\n", "1:3: a key must be a single word; put a text in quotes"),
        ("? {a: b}\n: 1\n", "1:3: a key must be a single word; put a text in quotes"),
        ("a: b: c\n", "1:5: not YAML: mapping values are not allowed in this context; put a text"),
        (
            "a: 'b\n",
            "2:1: not YAML: while scanning a quoted scalar; found unexpected end of stream",
        ),
        (
            'a: "\\alpha\\q"\n',
            "1:11: not YAML: while parsing a quoted scalar; found unknown escape",
        ),
        ("a: @b\n", "1:4: not YAML: while scanning for the next token"),
        (
            "a:\n  - 1\n b: 2\n",
            "3:2: not YAML: while parsing a block mapping; did not find expected",
        ),
        ("a: \x07\n", "1:4: the character U+0007 cannot stand in a YAML file; remove it"),
        ("a: b\n\N{ZERO WIDTH NO-BREAK SPACE}", "2:1: the character U+FEFF cannot stand in a"),
        (b"a: 1\nb: x\xe4\n", "2:5: not UTF-8: byte 0xe4; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "1:1: not UTF-8: byte 0xff; save the file as UTF-8"),
        (b"\xef\xbb\xbfa\xff", "1:2: not UTF-8: byte 0xff; save the file as UTF-8"),
        ("a: \N{LATIN SMALL LETTER E WITH ACUTE}".encode()[:-1], "1:4: not UTF-8: byte 0xc3"),
    ],
)
def test_files_that_cannot_be_read(text: str | bytes, message: str, tmp_path: Path) -> None:
    (found,) = refused(tmp_path, text)
    assert found.startswith(f"file.yaml:{message}")


def test_depth_size_and_number_are_limited(tmp_path: Path) -> None:
    (found,) = refused(tmp_path, "a: " + "[" * (MAX_DEPTH + 1))
    assert f"nested deeper than {MAX_DEPTH} levels" in found
    (found,) = refused(tmp_path, "a: " + "[" * 100_000)
    assert f"nesting depth; nest at most {MAX_DEPTH} levels" in found
    (found,) = refused(tmp_path, f"a: [{'1,' * MAX_VALUES}]")
    assert f"more than {MAX_VALUES} values" in found
    (found,) = refused(tmp_path, "a: " + "x" * MAX_BYTES)
    assert found == f"file.yaml: larger than {MAX_BYTES} bytes; split the file"


def test_files_that_are_none(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "absent.yaml", "there is no such file; check the name, or leave it out"),
        (tmp_path, "not a file; expected a YAML file"),
        (Path("/dev/zero"), "not a file; expected a YAML file"),
        (tmp_path / ("x" * 300), "cannot be read: File name too long"),
    ):
        with pytest.raises(InputError) as caught:
            read_yaml(path, "it")
        assert str(caught.value) == f"it: {message}"


@settings(deadline=None, suppress_health_check=SLOW)
@given(content=st.binary(max_size=120) | st.text(max_size=120))
def test_any_content_is_read_or_refused(content: str | bytes, tmp_path: Path) -> None:
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    with contextlib.suppress(InputError):
        assert isinstance(read(tmp_path, raw).data, dict)
