"""Problem 1, multiple choice: the pools, and the computed statements against real arrays.

Nothing here uses the program: the file is read as plain YAML, and what can be measured (counts of
allocated arrays, positions of a window that is moved over an image, activation functions) is.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from independent_1 import count_parameters, same_padding, slide

BANK = Path(__file__).parents[1] / "bank" / "problem-1.yaml"
PROBLEM: dict[str, Any] = yaml.safe_load(BANK.read_text(encoding="utf-8"))
PARTS: dict[str, dict[str, Any]] = {part["id"]: part for part in PROBLEM["parts"]}
POOLS = [part for part in PROBLEM["parts"] if "statements" in part]
CONVOLUTION = PARTS["1.3"]
COMPUTED: dict[str, dict[str, Any]] = CONVOLUTION["computed"]

# Characters; a line of the paper is 150 mm, and the longest computed statement measures 132 mm.
MAX_STATEMENT, MAX_COMPUTED, MAX_REASON = 75, 80, 95
# Words that test-wise students take for a sign of a false or of a true statement.
STRONG = re.compile(
    r"\b(all|always|every|exactly|has to|have to|must|needs?|never|no|none|only|requires?|cannot)\b"
)
MILD = re.compile(r"\b(can|commonly|in general|may|standard|tends?|usually|often)\b", re.IGNORECASE)

Draw = Mapping[str, int]
Array = np.ndarray[Any, np.dtype[np.float64]]


def printed(tex: str) -> str:
    """About what a reader sees of a text: math signs are single characters."""
    tex = tex.replace("$", "")
    tex = re.sub(r"\s*\\(times|cdot|ne)\b\s*", "x", tex)
    return re.sub(r"\\(mathrm|sigma|lambda|top|max|log)|[{}^_\\]", "", tex)


def evaluate(expression: str, draw: Draw) -> int:
    """The value of an expression of the bank, exact."""
    names = {name: Fraction(value) for name, value in draw.items()}
    value = eval(
        expression, {"__builtins__": {}, "floor": lambda x: Fraction(math.floor(x))}, names
    )
    if isinstance(value, bool):
        return int(value)
    assert value.denominator == 1, (expression, draw)
    return int(value)


def admissible_draws(prefix: str) -> Iterator[Draw]:
    """All draws of the names with a prefix that the conditions on them let pass."""
    lists = {
        name: entry["one_of"]
        for entry in CONVOLUTION["draw"]
        for name in entry["names"]
        if name.startswith(prefix)
    }
    requires = [text for text in CONVOLUTION["require"] if f"{prefix}_" in text]
    for values in itertools.product(*lists.values()):
        draw = dict(zip(lists, values, strict=True))
        if all(evaluate(text, draw) for text in requires):
            yield draw


def fill(text: str, values: Mapping[str, int]) -> str:
    """A text with its values; a name without a value is an error."""
    return re.sub(r"<< (\w+) >>", lambda match: str(values[match[1]]), text)


def measure_count(draw: Draw, *, biases: bool) -> int:
    names = ("filters", "size", "channels")
    return count_parameters(*(draw[f"count_{name}"] for name in names), biases=biases)


def measure_output(draw: Draw) -> int:
    return slide(*(draw[f"out_{name}"] for name in ("input", "size", "stride", "padding")))


COUNTS: dict[str, tuple[str, Callable[[Draw], int]]] = {
    "parameters": ("count", lambda draw: measure_count(draw, biases=True)),
    "weights": ("count", lambda draw: measure_count(draw, biases=False)),
    "output_size": ("out", measure_output),
    "same_padding": ("same", lambda draw: same_padding(draw["same_size"])),
}


def test_head() -> None:
    assert PROBLEM["id"] == "1"
    assert PROBLEM["kind"] == "choice"
    assert list(PARTS) == [f"1.{number}" for number in range(1, 10)]
    assert [part["points"] for part in PROBLEM["parts"]] == [2] * 9
    assert PROBLEM["points"] == 18


def test_no_key_is_there_twice() -> None:
    def walk(node: yaml.Node | None) -> None:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), node.start_mark
            for _, value in node.value:
                walk(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                walk(item)

    walk(yaml.compose(BANK.read_text(encoding="utf-8"), yaml.SafeLoader))


@pytest.mark.parametrize("part", POOLS, ids=lambda part: part["id"])
class TestPool:
    """What holds for each pool."""

    def test_is_large_enough(self, part: dict[str, Any]) -> None:
        truths = [statement["correct"] for statement in part["statements"].values()]
        assert all(isinstance(truth, bool) for truth in truths)
        assert truths.count(True) >= 5
        assert truths.count(False) >= 5

    def test_lines_fit(self, part: dict[str, Any]) -> None:
        for name, statement in part["statements"].items():
            assert 0 < len(printed(statement["say"])) <= MAX_STATEMENT, name
            assert 0 < len(printed(statement["why"])) <= MAX_REASON, name
            assert "\n" not in statement["say"] + statement["why"], name

    def test_statements_differ(self, part: dict[str, Any]) -> None:
        texts = [statement["say"].lower() for statement in part["statements"].values()]
        assert len(texts) == len(set(texts))

    def test_style_gives_nothing_away(self, part: dict[str, Any]) -> None:
        sides = [
            [it["say"] for it in part["statements"].values() if it["correct"] is truth]
            for truth in (True, False)
        ]
        lengths = [np.mean([len(printed(text)) for text in side]) for side in sides]
        assert abs(lengths[0] - lengths[1]) <= 8
        assert len({text.endswith(".") for side in sides for text in side}) == 1
        for words in (STRONG, MILD):
            shares = [sum(bool(words.search(text)) for text in side) / len(side) for side in sides]
            assert abs(shares[0] - shares[1]) <= 0.4, words.pattern

    def test_reference_is_of_the_pool(self, part: dict[str, Any]) -> None:
        assert len(part["reference"]) == len(set(part["reference"])) == 4
        assert set(part["reference"]) <= set(part["statements"])


@pytest.mark.parametrize(
    ("part", "truths"),
    [
        ("1.1", [True, False, True, False]),
        ("1.2", [True, True, False, False]),
        ("1.3", [True, False, False, True]),
        ("1.4", [True, True, True, False]),
        ("1.5", [True, True, True, False]),
        ("1.8", [True, True, False, False]),
        ("1.9", [True, True, True, False]),
    ],
)
def test_reference_answers(part: str, truths: list[bool]) -> None:
    statements = PARTS[part]["statements"]
    assert [statements[name]["correct"] for name in PARTS[part]["reference"]] == truths


def test_strong_and_mild_words_are_on_both_sides() -> None:
    statements = [it for part in POOLS for it in part["statements"].values()]
    for words in (STRONG, MILD):
        truths = {it["correct"] for it in statements if words.search(it["say"])}
        assert truths == {True, False}


class TestComputed:
    """The statements of 1.3 about a drawn layer."""

    def test_are_those_that_are_measured(self) -> None:
        assert set(COMPUTED) == set(COUNTS)
        assert not set(COMPUTED) & set(CONVOLUTION["statements"])

    @pytest.mark.parametrize("name", COUNTS)
    def test_right_value_is_the_measured_one(self, name: str) -> None:
        prefix, measure = COUNTS[name]
        draws = list(admissible_draws(prefix))
        assert len(draws) >= 4
        for draw in draws:
            assert evaluate(COMPUTED[name]["right"], draw) == measure(draw), draw

    @pytest.mark.parametrize("name", COUNTS)
    def test_wrong_values_are_wrong_and_differ(self, name: str) -> None:
        prefix, measure = COUNTS[name]
        for draw in admissible_draws(prefix):
            wrong = [evaluate(text, draw) for text in COMPUTED[name]["wrong"]]
            assert len(set(wrong)) == len(wrong) >= 2, draw
            assert min(wrong) > 0, draw
            assert measure(draw) not in wrong, draw

    @pytest.mark.parametrize("name", COUNTS)
    def test_lines_fit(self, name: str) -> None:
        prefix, _ = COUNTS[name]
        statement = COMPUTED[name]
        for draw in admissible_draws(prefix):
            right = evaluate(statement["right"], draw)
            for shown in [right, *(evaluate(text, draw) for text in statement["wrong"])]:
                say = printed(fill(statement["say"], {**draw, "shown": shown}))
                assert len(say) <= MAX_COMPUTED, say
                assert not re.search(r"\ba (8|11|18)(?!\d)", say), say  # an eight, an eleven
            why = printed(fill(statement["why"], {**draw, "right": right}))
            assert str(right) in why
            assert len(why) <= MAX_REASON, why

    def test_output_size_of_a_real_convolution(self) -> None:
        draw = dict(CONVOLUTION["reference_values"])
        padding, size, stride = (draw[f"out_{name}"] for name in ("padding", "size", "stride"))
        image = np.pad(np.ones((draw["out_input"], draw["out_input"])), padding)
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))
        output = np.einsum("ijkl,kl->ij", windows[::stride, ::stride], np.ones((size, size)))
        assert output.shape == (evaluate(COMPUTED["output_size"]["right"], draw),) * 2

    def test_every_name_is_used_and_has_an_admissible_reference(self) -> None:
        names = [name for entry in CONVOLUTION["draw"] for name in entry["names"]]
        assert len(names) == len(set(names))
        assert set(CONVOLUTION["reference_values"]) == set(names)
        used = " ".join(str(it) for it in COMPUTED.values())
        assert all(name in used for name in names)
        for prefix in ("count", "out", "same"):
            reference = {
                name: value
                for name, value in CONVOLUTION["reference_values"].items()
                if name.startswith(prefix)
            }
            assert reference in list(admissible_draws(prefix))


class TestOrder:
    """Question 1.6."""

    ORDER: dict[str, Any] = PARTS["1.6"]["order"]
    # What each step (from 1) needs: weights, outputs, the loss, its gradient.
    NEEDS: tuple[tuple[int, int], ...] = ((1, 2), (2, 3), (2, 4), (4, 5))

    def test_wrong_orders_break_a_dependency(self) -> None:
        assert len(self.ORDER["steps"]) == 5
        wrong = [tuple(order) for order in self.ORDER["wrong"]]
        assert len(set(wrong)) == len(wrong) >= 6
        for order in wrong:
            assert sorted(order) == [1, 2, 3, 4, 5]
            assert any(order.index(before) > order.index(after) for before, after in self.NEEDS)

    def test_reference_options_are_orders_of_the_bank(self) -> None:
        reference = PARTS["1.6"]["reference_order"]
        labels = reference["labels"]
        assert sorted(labels) == list("ABCDE")
        orders = [[labels.index(label) + 1 for label in option] for option in reference["options"]]
        assert orders.count([1, 2, 3, 4, 5]) == 1
        assert all(order in self.ORDER["wrong"] for order in orders if order != [1, 2, 3, 4, 5])
        assert len({tuple(order) for order in orders}) == 4


def test_weight_sharing_has_its_four_options() -> None:
    options = PARTS["1.7"]["options"]
    assert [option["correct"] for option in options] == [False, True, True, False]
    for option, word in zip(options, ("(FC)", "(CNN)", "(RNN)", "None"), strict=True):
        assert word in option["say"]
        assert 0 < len(option["why"]) <= MAX_REASON


def _relu(x: Array) -> Array:
    return np.maximum(0, x)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


X = np.linspace(-20, 20, 4001)
W = np.linspace(-2, 2, 401)


def _logistic_loss(w: Array) -> Array:
    inputs = np.array([-1.5, -0.5, 0.25, 2.0])
    return np.asarray(np.log1p(np.exp(-np.outer(w, inputs) * [-1, 1, -1, 1])).sum(axis=1))


# Truths that can be measured, each by a calculation of its own.
MEASURED: dict[tuple[str, str], Callable[[], bool]] = {
    ("1.1", "logits"): lambda: bool(_softmax_moves_the_maximum()),
    ("1.2", "tanh_saturates"): lambda: abs(np.tanh(20) - np.tanh(19)) < 1e-12,
    ("1.2", "sigmoid_slope"): lambda: bool(np.gradient(_sigmoid(X), X).max() <= 0.25),
    ("1.2", "sigmoid_centered"): lambda: abs(_sigmoid(X).mean()) < 0.1,
    ("1.2", "relu_derivative"): lambda: not np.gradient(_relu(X), X)[X < -0.1].any(),
    ("1.2", "relu_saturates"): lambda: bool(_relu(X)[-1] - _relu(X)[-101] < 1e-6),
    ("1.2", "relu_linear"): lambda: np.allclose(_relu(X) + _relu(-X), _relu(X - X)),
    ("1.3", "stride"): lambda: slide(33, 3, 2, 0) > slide(33, 3, 1, 0),
    ("1.4", "convex"): lambda: bool(np.diff(_logistic_loss(W), 2).min() >= 0),
    ("1.4", "zero_loss"): lambda: bool(-np.log(_sigmoid(np.array(2.0))) == 0),
    ("1.5", "constant_gradient"): lambda: np.allclose(np.diff(W**2, 2), 0, atol=1e-9),
    ("1.5", "l2_spreads"): lambda: np.sum(np.full(4, 0.25) ** 2) < np.sum(np.eye(4)[0] ** 2),
    ("1.5", "negative"): lambda: bool((W**2).min() < 0),
    ("1.8", "exactly_half"): lambda: bool(
        ((np.random.default_rng(1).random((50, 100)) < 0.5).sum(axis=1) == 50).all()
    ),
}


def _softmax_moves_the_maximum() -> bool:
    logits = np.random.default_rng(1).normal(size=(100, 5))
    outputs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return bool((logits.argmax(axis=1) != outputs.argmax(axis=1)).any())


@pytest.mark.parametrize(("part", "name"), MEASURED)
def test_truth_is_the_measured_one(part: str, name: str) -> None:
    assert PARTS[part]["statements"][name]["correct"] == MEASURED[part, name]()
