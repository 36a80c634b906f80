"""The examiner's report: what it says, that it stands alone, and that it is the same every time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from test_build import EXAM_ID, Project, built

from generator import page
from generator.report import entropy

__all__ = ["built"]


def test_entropy() -> None:
    assert entropy([5]) == 0
    assert entropy([1, 1]) == 1
    assert entropy([1, 1, 1, 1]) == 2
    assert entropy([3, 1]) == pytest.approx(0.8113, abs=1e-4)
    assert entropy([]) == 0


@pytest.mark.slow
def test_the_report_of_a_batch(built: Project) -> None:
    text = (built.out / "examiner" / "report.html").read_text()
    assert EXAM_ID in text
    assert "0 of 6 copies are outside the band" in text
    assert "3.3 w21_new" in text
    assert not re.search(r"(src|href)=|@import|url\(|<script", text)
    secret = (built.out / "examiner" / "secret.key").read_text().strip()
    for hidden in (secret, "Müller", "00123456", str(built.folder)):
        assert hidden not in text


@pytest.mark.parametrize("value", ["<b>", '"&"', "a < b"])
def test_texts_are_escaped(value: str) -> None:
    html = page.tag("p", value, title=value)
    assert ET.fromstring(html).text == value
    assert ET.fromstring(html).get("title") == value


def test_plots_are_well_formed() -> None:
    bars = page.bars("numbers", [("0", 3), ("1", 0)], 1.5)
    shown = page.histogram("loads", Counter({5: 2, 9: 1}), Counter({4: 9}), page.Band(4, 6, 5))
    for svg in (bars, shown):
        assert ET.fromstring(svg).tag.endswith("svg")
