"""QTI 2.1 and 3.0 of 1EdTech: an archive of items with a manifest.

The two versions say the same by other names: ``choiceInteraction`` and ``maxChoices`` of 2.1 are
``qti-choice-interaction`` and ``max-choices`` in 3.0. Items are written once, with the names of
2.1; HTML and MathML are the same in both. Sources:
https://www.imsglobal.org/question/qtiv2p1/imsqti_infov2p1.html and
https://www.imsglobal.org/spec/qti/v3p0/impl.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal
from xml.etree import ElementTree as xml

from generator.exchange.questions import Blank, DrawnQuestion
from generator.exchange.scores import decimal, shares, tolerance

Version = Literal["2.1", "3.0"]

_NAMESPACES: Final = {
    "2.1": "http://www.imsglobal.org/xsd/imsqti_v2p1",
    "3.0": "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
}
_TYPES: Final = {"2.1": "imsqti_item_xmlv2p1", "3.0": "imsqti_item_xmlv3p0"}
_PACKAGE: Final = "http://www.imsglobal.org/xsd/imscp_v1p1"
_UPPER: Final = re.compile(r"(?<!^)([A-Z])")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class _Item:
    """An item while it is written, with the names of a version."""

    version: Version

    def name(self, tag: str) -> str:
        """The name of an element, from that of 2.1."""
        return tag if self.version == "2.1" else "qti-" + self.dashed(tag)

    def dashed(self, name: str) -> str:
        return _UPPER.sub(r"-\1", name).lower() if self.version == "3.0" else name

    def add(self, parent: xml.Element, tag: str, text: str = "", **attributes: str) -> xml.Element:
        given = {self.dashed(name): value for name, value in attributes.items()}
        element = xml.SubElement(parent, self.name(tag), given)
        element.text = text or None
        return element

    def html(self, parent: xml.Element, html: str) -> None:
        """Adds HTML with formulas as MathML."""
        fragment = xml.fromstring(f"<div>{_well_formed(html)}</div>")
        for element in fragment.iter():  # browsers know formulas by a plain name
            namespace, _, tag = element.tag.rpartition("}")
            element.tag = tag
            if tag == "math":
                element.set("xmlns", namespace[1:])
        for child in fragment:
            parent.append(child)
        parent.text = (parent.text or "") + (fragment.text or "")


def _well_formed(html: str) -> str:
    """HTML as XML: elements without an end are closed."""
    closed = re.sub(r"<(br|hr|img|col)((?:\s[^<>]*?)?)\s*/?>", r"<\1\2/>", html)
    return closed.replace("&nbsp;", "\u00a0")


def qti_archive(
    questions: Sequence[DrawnQuestion],
    html: Mapping[str, str],
    pictures: Mapping[str, bytes],
    version: Version,
) -> bytes:
    """A package with one item a question, the same bytes for the same questions.

    Args:
        html: Each text as HTML with formulas as MathML.
        pictures: Name of a figure to the SVG.
    """
    files: dict[str, bytes] = {}
    for number, question in enumerate(questions, 1):
        files[f"items/q{number:04}.xml"] = item_xml(question, html, version, f"q{number:04}")
    used = dict.fromkeys(it.name for question in questions for it in question.pictures())
    files |= {f"items/{name}.svg": pictures[name] for name in used}
    files["imsmanifest.xml"] = _manifest(questions, version)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name])
    return packed.getvalue()


def _manifest(questions: Sequence[DrawnQuestion], version: Version) -> bytes:
    root = xml.Element("manifest", {"xmlns": _PACKAGE, "identifier": "manifest"})
    metadata = xml.SubElement(root, "metadata")
    xml.SubElement(metadata, "schema").text = f"QTIv{version} Package"
    xml.SubElement(metadata, "schemaversion").text = "1.0.0"
    xml.SubElement(root, "organizations")
    resources = xml.SubElement(root, "resources")
    for number, question in enumerate(questions, 1):
        file = f"items/q{number:04}.xml"
        resource = xml.SubElement(
            resources, "resource", identifier=f"q{number:04}", type=_TYPES[version], href=file
        )
        for href in (file, *(f"items/{it.name}.svg" for it in question.pictures())):
            xml.SubElement(resource, "file", href=href)
    xml.indent(root)
    return bytes(xml.tostring(root, encoding="utf-8", xml_declaration=True))


def item_xml(
    question: DrawnQuestion, html: Mapping[str, str], version: Version, identifier: str
) -> bytes:
    """A question as an item that scores itself, or with its rubric for those who mark it."""
    item = _Item(version)
    root = xml.Element(
        item.name("assessmentItem"),
        {
            "xmlns": _NAMESPACES[version],
            "identifier": identifier,
            "title": question.name,
            "adaptive": "false",
            item.dashed("timeDependent"): "false",
        },
    )
    _declare(item, root, question)
    outcome = item.add(
        root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float"
    )
    default = item.add(outcome, "defaultValue")
    item.add(default, "value", "0")
    most = item.add(
        root, "outcomeDeclaration", identifier="MAXSCORE", cardinality="single", baseType="float"
    )
    item.add(item.add(most, "defaultValue"), "value", decimal(question.points))
    body = item.add(root, "itemBody")
    text = xml.SubElement(body, "div")
    item.html(text, html[question.text])
    for figure in question.figures:
        xml.SubElement(xml.SubElement(body, "p"), "img", src=f"{figure.name}.svg", alt="")
    _interact(item, body, question, html)
    if question.form != "essay":
        _score(item, root, question)
    return bytes(xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _declare(item: _Item, root: xml.Element, question: DrawnQuestion) -> None:
    """What can be answered, and what is right."""
    if question.form == "numbers":
        for number, blank in enumerate(question.blanks, 1):
            kind = "string" if blank.bounds is None else "float"
            right = blank.value if blank.bounds is None else decimal(tolerance(blank)[0])
            _response(item, root, f"RESPONSE{number}", "single", kind, [right])
        return
    if question.form == "essay":
        _response(item, root, "RESPONSE", "single", "string", [])
        return
    if question.form == "match":
        right_pairs = [f"L{index} R{index}" for index in range(1, len(question.pairs) + 1)]
        response = _response(item, root, "RESPONSE", "multiple", "directedPair", right_pairs)
        share = question.points / len(question.pairs)
        _map(item, response, dict.fromkeys(right_pairs, share))
        return
    rights = [f"C{index}" for index, it in enumerate(question.choices, 1) if it.right]
    response = _response(item, root, "RESPONSE", "multiple", "identifier", rights)
    found = shares(question)
    if found is not None:
        marked = {
            f"C{index}": share * question.points for index, share in enumerate(found.marked, 1)
        }
        _map(item, response, marked)


def _response(
    item: _Item, root: xml.Element, identifier: str, cardinality: str, kind: str, right: list[str]
) -> xml.Element:
    response = item.add(
        root,
        "responseDeclaration",
        identifier=identifier,
        cardinality=cardinality,
        baseType=kind,
    )
    if right:
        correct = item.add(response, "correctResponse")
        for value in right:
            item.add(correct, "value", value)
    return response


def _map(item: _Item, response: xml.Element, marked: Mapping[str, Fraction]) -> None:
    mapping = item.add(response, "mapping", defaultValue="0")
    for key, points in marked.items():
        item.add(mapping, "mapEntry", mapKey=key, mappedValue=decimal(points))


def _interact(
    item: _Item, body: xml.Element, question: DrawnQuestion, html: Mapping[str, str]
) -> None:
    """What students answer in, by the form of the question."""
    forms = {"choice": _choose, "match": _match, "numbers": _fill_in, "essay": _write}
    forms[question.form](item, body, question, html)


def _choose(
    item: _Item, body: xml.Element, question: DrawnQuestion, html: Mapping[str, str]
) -> None:
    options = {"responseIdentifier": "RESPONSE", "shuffle": "false", "maxChoices": "0"}
    interaction = item.add(body, "choiceInteraction", **options)
    for index, choice in enumerate(question.choices, 1):
        option = item.add(interaction, "simpleChoice", identifier=f"C{index}")
        item.html(option, html[choice.text])
        if choice.figure is not None:
            xml.SubElement(option, "img", src=f"{choice.figure.name}.svg", alt="")


def _fill_in(
    item: _Item, body: xml.Element, question: DrawnQuestion, html: Mapping[str, str]
) -> None:
    for number, blank in enumerate(question.blanks, 1):
        line = xml.SubElement(body, "p")
        item.html(xml.SubElement(line, "span"), html[blank.label])
        options = {"responseIdentifier": f"RESPONSE{number}", "expectedLength": "12"}
        item.add(line, "textEntryInteraction", **options)
        if blank.unit:
            item.html(xml.SubElement(line, "span"), html[blank.unit])


def _write(
    item: _Item, body: xml.Element, question: DrawnQuestion, html: Mapping[str, str]
) -> None:
    """Room for a text, and the rubric for who scores it."""
    item.add(body, "extendedTextInteraction", responseIdentifier="RESPONSE", expectedLines="10")
    rubric = item.add(body, "rubricBlock", view="scorer", use="scoring")
    if item.version == "3.0":
        rubric = item.add(rubric, "contentBody")
    rows = xml.SubElement(rubric, "ul")
    for points, text in question.rubric:
        row = xml.SubElement(rows, "li")
        row.text = f"{decimal(points)}: "
        item.html(xml.SubElement(row, "span"), html[text])


def _match(
    item: _Item, body: xml.Element, question: DrawnQuestion, html: Mapping[str, str]
) -> None:
    interaction = item.add(
        body,
        "matchInteraction",
        responseIdentifier="RESPONSE",
        shuffle="false",
        maxAssociations=str(len(question.pairs)),
    )
    left = item.add(interaction, "simpleMatchSet")
    for index, (text, _) in enumerate(question.pairs, 1):
        row = item.add(left, "simpleAssociableChoice", identifier=f"L{index}", matchMax="1")
        item.html(row, html[text])
    rights = {f"R{index}": text for index, (_, text) in enumerate(question.pairs, 1)}
    rights |= {f"X{index}": text for index, text in enumerate(question.extra, 1)}
    # By their texts: the order in which the bank has them would tell the pairs.
    right = item.add(interaction, "simpleMatchSet")
    for name, text in sorted(rights.items(), key=lambda it: it[1]):
        row = item.add(right, "simpleAssociableChoice", identifier=name, matchMax="1")
        item.html(row, html[text])


# Scores -------------------------------------------------------------------------------------------


def _score(item: _Item, root: xml.Element, question: DrawnQuestion) -> None:
    processing = item.add(root, "responseProcessing")
    if question.form == "numbers":
        share = question.points / len(question.blanks)
        for number, blank in enumerate(question.blanks, 1):
            _score_number(item, processing, number, blank.bounds is None, share, _far(blank))
        return
    if question.form == "match":
        rule = item.add(processing, "setOutcomeValue", identifier="SCORE")
        item.add(rule, "mapResponse", identifier="RESPONSE")
        return
    found = shares(question)
    if found is None:
        _all_or_nothing(item, processing, question)
    else:
        _summed(item, processing, found.base * question.points)


def _far(blank: Blank) -> str:
    """How far a right number may be from the middle of what is right, as an attribute."""
    return "" if blank.bounds is None else decimal(tolerance(blank)[1])


def _score_number(
    item: _Item, processing: xml.Element, number: int, is_text: bool, share: Fraction, far: str
) -> None:
    test = item.add(item.add(processing, "responseCondition"), "responseIf")
    if is_text or far == "0":
        equal = item.add(test, "match")
    else:
        equal = item.add(test, "equal", toleranceMode="absolute", tolerance=f"{far} {far}")
    item.add(equal, "variable", identifier=f"RESPONSE{number}")
    item.add(equal, "correct", identifier=f"RESPONSE{number}")
    _add_points(item, test, share)


def _add_points(item: _Item, parent: xml.Element, points: Fraction) -> None:
    rule = item.add(parent, "setOutcomeValue", identifier="SCORE")
    total = item.add(rule, "sum")
    item.add(total, "variable", identifier="SCORE")
    item.add(total, "baseValue", decimal(points), baseType="float")


def _all_or_nothing(item: _Item, processing: xml.Element, question: DrawnQuestion) -> None:
    test = item.add(item.add(processing, "responseCondition"), "responseIf")
    if any(choice.right for choice in question.choices):
        match = item.add(test, "match")
        item.add(match, "variable", identifier="RESPONSE")
        item.add(match, "correct", identifier="RESPONSE")
    else:
        item.add(item.add(test, "isNull"), "variable", identifier="RESPONSE")
    _add_points(item, test, question.points)


def _summed(item: _Item, processing: xml.Element, base: Fraction) -> None:
    """The points of an empty question and those of what is marked, never below zero."""
    rule = item.add(processing, "setOutcomeValue", identifier="SCORE")
    total = item.add(rule, "sum")
    item.add(total, "baseValue", decimal(base), baseType="float")
    item.add(total, "mapResponse", identifier="RESPONSE")
    test = item.add(item.add(processing, "responseCondition"), "responseIf")
    below = item.add(test, "lt")
    item.add(below, "variable", identifier="SCORE")
    item.add(below, "baseValue", "0", baseType="float")
    rule = item.add(test, "setOutcomeValue", identifier="SCORE")
    item.add(rule, "baseValue", "0", baseType="float")
