"""Words in Greek, Cyrillic and Vietnamese letters: set, read back; what cannot be set is named."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.t1Lib import T1Font
from fontTools.tfmLib import TFM
from fontTools.ttLib import TTFont
from one_problem import make_reference, one_part, write_one

from generator.bank.characters import other_letters, with_greek_words, word_letters
from generator.bank.read.exam_file import load_exam
from generator.errors import ToolMissingError
from generator.typeset import letters
from generator.typeset.letters import FACES, make_letters, template_lines
from generator.verify.readback import read_pages
from generator.verify.visible import compact, visible

TEXT = r"ὁ λόγος καὶ τὸ πνεῦμα, \textbf{правда, ёж}, \texttt{код}, Nguyễn Ái ơ, $\alpha x$ und α"
DRAWN = "[{names: [a], from: 2, to: 30}, {names: [w], one_of: [слово, ἀρχή, chữ]}]"


def noto(name: str) -> TTFont:
    file = next(Path("/usr/share/fonts").rglob(f"{name}.ttf"))
    return TTFont(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference copy of an exam with words in three scripts, and its bank."""
    folder = tmp_path_factory.mktemp("words")
    ask = f"{TEXT} << w >> << a >>"
    problem = one_part(DRAWN, "{a: 25, w: слово}", ask, "{z: 2*a}").replace("One", "Ο Λόγος")
    problem += '    mistakes: [{is: "Слово, λόγος", earns: 1}]\n'
    file = write_one(folder, problem.replace("space: 45 mm", "space: 20 mm"))
    text = file.read_text("utf-8").replace("Ada Musterfrau", "Ада Иванова")
    file.write_text(text.replace("Testing", "Λογική"), "utf-8")
    done = make_reference(file, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_words_of_three_scripts_stand_whole_on_cover_and_pages(folder: Path) -> None:
    pages = read_pages(folder / "one-1" / "reference" / "E0743.pdf", codes=False)
    for said in ("Ада Иванова", "Λογική"):
        assert said in pages[0].text
    for said in ("ὁ λόγος καὶ τὸ πνεῦμα, правда, ёж, код, Nguyễn Ái ơ", "слово 25", "Ο Λόγος"):
        assert said in " ".join(pages[1].text.split())


@pytest.mark.slow
def test_files_for_programs_have_the_words_as_they_were_written(folder: Path) -> None:
    key = json.loads((folder / "one-1" / "reference" / "E0743.json").read_text("utf-8"))
    (part,) = key["problems"][0]["parts"]
    assert part["given"]["w"] == "слово"
    assert part["mistakes"][0]["is"] == "Слово, λόγος"


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), [("ё", "е"), ("ό", "ο"), ("ễ", "ề"), ("ὁ", "ὀ")])
def test_a_letter_with_another_accent_is_found(folder: Path, right: str, wrong: str) -> None:
    page = read_pages(folder / "one-1" / "reference" / "E0743.pdf", codes=False)[1].text
    expected = visible(load_exam(folder / "exam.yaml", folder).problems[0].parts[0].ask.source)
    start = expected[: -len("wa")]
    assert start in compact(page)
    assert start not in compact(page.replace(right, wrong))


def test_what_is_visible_of_letters_is_what_pages_say() -> None:
    assert visible(with_greek_words("ο λόγος $\\alpha+β$ ё ữ")) == compact("o λόγoς α + β ё ữ")


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("α und β", "α und β"),
        ("Δx = αβ", "Δx = αβ"),
        ("ο λόγος, το πνεῦμα: α", r"\GreekWords{ο λόγος, το πνεῦμα: α}"),
        ("μή γωνία α? Winkel α", r"\GreekWords{μή γωνία α}? Winkel α"),
        (
            '<% if w == "λόγος" %>ψυχή<% endif %>',
            '<% if w == "λόγος" %>\\GreekWords{ψυχή}<% endif %>',
        ),
    ],
)
def test_greek_words_are_told_from_signs(source: str, marked: str) -> None:
    assert with_greek_words(source) == marked


def test_only_the_letters_of_words_need_a_font() -> None:
    assert word_letters(["Winkel α und $β$", "plain"]) == ""
    assert word_letters(["λό", "да"]) == "λόад"
    assert template_lines("") == ""


def test_a_letter_and_its_accent_typed_by_themselves_are_one() -> None:
    assert word_letters(["й", "ό"]) == "όй"


def test_fonts_have_every_letter_that_may_be_written() -> None:
    for face in FACES:
        assert other_letters() <= set(map(chr, noto(face.file).getBestCmap())), face


def test_a_font_has_the_outlines_and_widths_of_its_model(tmp_path: Path) -> None:
    make_letters("λόд", tmp_path)
    for face in FACES:
        model = noto(face.file)
        made = T1Font(tmp_path / f"vxl-{face.name}.pfb")
        made.parse()
        scale = face.scale * 1000 / model["head"].unitsPerEm
        for letter in "λόд":
            name = f"uni{ord(letter):04X}"
            theirs = model.getBestCmap()[ord(letter)]
            own, pen = BoundsPen(None), BoundsPen(model.getGlyphSet())
            made.getGlyphSet()[name].draw(own)
            model.getGlyphSet()[theirs].draw(pen)
            assert own.bounds == pytest.approx([scale * it for it in pen.bounds], abs=2)
            metrics = TFM(str(tmp_path / f"vxl-{face.name}-{ord(letter) >> 8:02X}.tfm"))
            box = metrics.chars[ord(letter) & 255]
            assert box["width"] * 1000 == pytest.approx(model["hmtx"][theirs][0] * scale, abs=1)
            assert box["height"] * 1000 >= own.bounds[3] - 1


def test_more_heights_than_metrics_can_hold_are_rounded_up(tmp_path: Path) -> None:
    every = "".join(sorted(it for it in other_letters() if "Ѐ" <= it <= "ӿ"))
    make_letters(every, tmp_path)
    metrics = TFM(str(tmp_path / "vxl-r-04.tfm"))
    assert len(metrics.chars) == len(every)
    assert metrics.chars[ord("Й") & 255]["height"] > metrics.chars[ord("И") & 255]["height"]


def test_without_the_fonts_it_is_said_what_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "_FOLDERS", (tmp_path,))
    monkeypatch.setattr(letters, "FACES", [replace(FACES[0], file="NotoSerif-Nowhere")])
    with pytest.raises(ToolMissingError, match="the font NotoSerif is missing") as caught:
        make_letters("д", tmp_path)
    assert "fonts-noto-core" in str(caught.value.advice)
