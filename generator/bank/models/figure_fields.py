"""Figures, plots and what they print."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from generator.bank.fields.quantities import Exact, Millimeters, PlotKindName
from generator.bank.fields.words import (
    FileName,
    Filled,
    Flag,
    ImageName,
    Name,
    NodeName,
    Word,
    has_image_suffix,
)
from generator.bank.models.base import Model, TextToo


class PlotFields(Model):
    """What is drawn of a copy's values, without TikZ and at no limit."""

    kind: PlotKindName = Field(
        description="bar, line, scatter, histogram, function or graph.", examples=["bar"]
    )
    y: Filled | None = Field(
        None,
        description="Heights, or the data of a histogram: an expression that is a list. Of a "
        "function, an expression in x.",
        examples=["data", "[a, b, c]", "a*sin(x)"],
    )
    x: Filled | None = Field(
        None,
        description="Places of a line or of points: an expression that is a list; 1, 2, 3, … if it "
        "is not given.",
        examples=["times"],
    )
    categories: Annotated[tuple[Filled, ...], Field(max_length=24)] = Field(
        (), description="What stands below the bars.", examples=[["Mon", "Tue", "Wed"]]
    )
    bins: Annotated[tuple[Exact, ...], Field(max_length=25)] = Field(
        (), description="Limits of the bars of a histogram.", examples=[[0, 10, 20, 30]]
    )
    range_x: Annotated[tuple[Exact, Exact] | None, Field()] = Field(
        None,
        description="Ends of the axis; of a function, they have to be given.",
        examples=[[0, 10]],
    )
    range_y: Annotated[tuple[Exact, Exact] | None, Field()] = Field(
        None,
        description="Ends of the axis; without them, they follow from the values of each copy.",
        examples=[[-2, 2]],
    )
    label_x: Filled | None = Field(
        None, description="What stands below the axis.", examples=["$t$ in s"]
    )
    label_y: Filled | None = Field(
        None, description="What stands beside the axis.", examples=["$U$ in V"]
    )
    width: Millimeters = Field(
        Fraction(90),
        description="Width with everything around it; 90 mm if it is not given.",
        examples=["90 mm"],
    )
    height: Millimeters = Field(
        Fraction(45),
        description="Height with everything around it; 45 mm if it is not given.",
        examples=["45 mm"],
    )
    nodes: dict[NodeName, tuple[Exact, Exact]] = Field(
        {},
        description="Nodes of a graph, with their places in mm to the right and up.",
        examples=[{"A": [0, 20], "B": [30, 0]}],
    )
    edges: Annotated[tuple[tuple[Filled, ...], ...], Field(max_length=100)] = Field(
        (),
        description="Its edges: two nodes and what stands beside the edge, if anything.",
        examples=[[["A", "B", "<< w1 >>"]]],
    )
    of: Name | None = Field(
        None,
        description="In place of edges: a name that is drawn with edges; its weights stand beside "
        "them.",
        examples=["net"],
    )
    directed: Flag = Field(False, description="Whether edges are arrows.", examples=[True])
    marked: Filled | None = Field(
        None,
        description="Its edges that are drawn thick: an expression that is a list of pairs of "
        "nodes.",
        examples=["tree", "[['A', 'B']]"],
    )


class NamesToo:
    """Adds to the schema that a list of names is enough."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, handler(schema)]}


def _labels(value: Any) -> Any:
    """Names alone stand for themselves."""
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        return value
    return {str(name): f"<< {name} >>" for name in value}


class FigureUse(Model):
    """A figure: TikZ, drawn from the copy's values, or an image; a word is a file's name."""

    name: FileName | None = Field(
        None,
        description="Name of a TikZ file without .tex: figures/NAME.tex beside the exam, or in "
        "latex/figures.",
        examples=["network"],
    )
    image: ImageName | None = Field(
        None,
        description="Instead: a PNG, JPEG, PDF or SVG file, beside the exam or in its folder "
        "figures.",
        examples=["pump.png"],
    )
    width: Millimeters | None = Field(
        None,
        description="How wide an image is printed, at most 165 mm; 80 mm if it is not given.",
        examples=["60 mm"],
    )
    values: tuple[Name, ...] = Field(
        (),
        description="The drawn names that the figure depends on; \\FigureValue prints them.",
        examples=[["n_x", "n_h"]],
    )
    compute: Word | None = Field(
        None,
        description="A function of generator/bank/plugins/figures.py that computes coordinates "
        "from the values.",
        examples=["training_curves"],
    )
    plot: PlotFields | None = Field(
        None,
        description="Instead: a chart, a curve or a graph of the copy's values.",
        examples=[{"kind": "bar", "y": "[a, b, c]"}],
    )
    labels: Annotated[dict[Word, Filled], BeforeValidator(_labels), NamesToo()] = Field(
        {},
        description="What \\FigureLabel{NAME} prints, set for each copy: texts, or names whose "
        "values are printed.",
        examples=[{"ab": "<< w1 >> km"}, ["w1", "w2"]],
    )
    answers: Annotated[dict[Word, Filled], BeforeValidator(_labels), NamesToo()] = Field(
        {},
        description="The same, for the key alone; steps may be printed, and the paper leaves these "
        "places empty.",
        examples=[{"cell0": "<< cell0 >>"}],
    )


def _figure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return {"image" if has_image_suffix(value) else "name": value}


FigureOrWord = Annotated[FigureUse, BeforeValidator(_figure), TextToo()]
