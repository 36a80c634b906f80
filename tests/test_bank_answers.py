"""The answers of the shipped exam: its reference, examples by hand, other methods over a batch."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
import pytest
from independent_1 import independent_truth, runs
from independent_2 import convolve, independent_identity, independent_receptive_field
from independent_3 import (
    central_difference,
    independent_fallback,
    independent_forward,
    independent_gradient,
    loss,
)
from independent_4 import independent_optimizer
from independent_6 import independent_order, read_line
from independent_7 import (
    independent_gates,
    independent_parameters,
    independent_states,
    read_cell,
)
from shipped import Batch, find, question, reference_solutions, solve_with

from generator.bank.exam import Exam
from generator.bank.kinds.order import OrderPart
from generator.bank.part import ChoiceDraw
from generator.compose.given import split
from generator.compose.key_data import key_document, key_json, key_rows
from generator.draw.draw import Draw, reference_draw
from generator.record.record import recorded_answers
from generator.solve.solve import Solution, solve_problem

Document = dict[str, Any]
F = Fraction

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{1,3})?")
NEGATIVE_ZERO = re.compile(r"(?<![\w.])[-−]\s?0(\.0*)?(?![.\w])")
LONG_FLOAT = re.compile(r"[0-9]\.[0-9]{5}|[0-9][eE][-+]?[0-9]")


def _only(exam: Exam, *numbers: str) -> Exam:
    return replace(exam, problems=tuple(find(exam, number) for number in numbers))


def documents(exam: Exam, batch: Batch, count: int) -> Iterator[Document]:
    for code, solutions in list(batch.copies.items())[:count]:
        yield key_document(exam, code, "mark", 1, solutions)


@pytest.fixture(scope="session")
def reference(exam: Exam) -> Document:
    return key_document(exam, "E0743", "mark", 1, reference_solutions(exam))


@pytest.fixture(scope="session")
def keys(exam: Exam, batch: Batch) -> list[Document]:
    """The keys of problems 3 and 7 of the first 400 copies."""
    return list(documents(_only(exam, "3", "7"), batch, 400))


@pytest.fixture(scope="session")
def all_keys(exam: Exam, reference: Document, batch: Batch) -> list[Document]:
    """The whole keys of the reference and of 60 copies."""
    return [reference, *documents(exam, batch, 60)]


def parts_of(document: Document) -> dict[str, Document]:
    return {part["id"]: part for problem in document["problems"] for part in problem["parts"]}


def correct(part: Document) -> str:
    """The labels to be marked, e.g. "ac"."""
    return "".join(option["label"] for option in part["options"] if option["correct"])


def floats(strings: dict[str, str]) -> dict[str, float]:
    return {name: float(text) for name, text in strings.items()}


class TestReference:
    """What the model exam gives, to the letter."""

    ANSWERS: ClassVar[dict[str, Document]] = {
        "2.3": {"receptive_field": "17"},
        "3.1": {"h1": "2.0", "h2": "-0.5", "h3": "2.0", "h4": "0.0", "o1": "0.0", "o2": "-1.5"},
        "3.2": {"mse": "2.5"},
        "3.3": {"d_h3": "1.5", "grad_w21": "-1.5", "w21_new": "0.65"},
        "4.2": {"optimizer": "RMSProp"},
        "6.5": {"order": ["B", "A", "C"]},
        "7.1": {"parameters": "192"},
        "7.3": {"h1": "0", "h2": "4", "h3": "4"},
        "7.4": {"forget": "g2", "update": "g3", "output": "g1"},
    }
    GIVEN: ClassVar[dict[str, dict[str, str]]] = {
        "2.3": {"k1": "5", "s1": "2", "k2": "3", "s2": "2", "k3": "3", "s3": "2"},
        "2.4": {"kernel": "3", "channels": "3", "padding": "1"},
        "3.1": {
            **{"i1": "2.0", "i2": "-1.0", "t1": "1.0", "t2": "0.5"},
            **{"w11": "1.0", "w12": "-0.5", "w21": "0.5", "w22": "-1.0"},
            **{"w31": "0.5", "w32": "-1.0", "w41": "-0.5", "w42": "1.0"},
            **{"b1": "0.5", "b2": "-0.5", "b3": "-1.0", "b4": "0.5"},
        },
        "3.3": {"alpha": "0.1"},
        "4.2": {"moments": "the second moment but not the first"},
        "6.4": {"epochs": "50"},
        "7.1": {"n_x": "4", "n_h": "12"},
        "7.3": {"V": "1", "W": "2", "h0": "-3", "x1": "1", "x2": "2", "x3": "0"},
    }
    CORRECT: ClassVar[dict[str, str]] = {
        **{"1.1": "ac", "1.2": "ab", "1.3": "ad", "1.4": "abc", "1.5": "abc"},
        **{"1.6": "c", "1.7": "bc", "1.8": "ab", "1.9": "abc"},
    }

    @pytest.mark.parametrize("part", ANSWERS)
    def test_answers(self, reference: Document, part: str) -> None:
        assert parts_of(reference)[part]["answers"] == self.ANSWERS[part]

    @pytest.mark.parametrize("part", GIVEN)
    def test_given(self, reference: Document, part: str) -> None:
        assert parts_of(reference)[part]["given"] == self.GIVEN[part]

    @pytest.mark.parametrize("part", CORRECT)
    def test_correct_options(self, reference: Document, part: str) -> None:
        assert correct(parts_of(reference)[part]) == self.CORRECT[part]

    def test_identity(self, reference: Document) -> None:
        answers = parts_of(reference)["2.4"]["answers"]
        assert answers["shape"] == ["3", "3", "3", "3"]
        assert list(answers) == ["shape", "weights", "rule"]
        # W[i, i, 1, 1] = 1, all else 0.
        weights = np.array(answers["weights"])
        ones = [list(index) for index in np.argwhere(weights == "1")]
        assert ones == [[0, 0, 1, 1], [1, 1, 1, 1], [2, 2, 1, 1]]
        assert (weights == "0").sum() == 81 - 3

    def test_fallback(self, reference: Document) -> None:
        parts = parts_of(reference)
        assert parts["3.2"]["fallback"] == {"o1": "2", "o2": "0.5"}
        assert parts["3.2"]["answers_from_fallback"] == {"mse": "0.5"}
        assert parts["3.3"]["answers_from_fallback"] == {
            "d_h3": "0.5",
            "grad_w21": "-0.5",
            "w21_new": "0.55",
        }
        assert "fallback" not in parts["3.3"]
        with_fallback = {part["id"] for part in parts.values() if "answers_from_fallback" in part}
        assert with_fallback == {"3.2", "3.3"}

    def test_what_the_figures_show(self, reference: Document) -> None:
        parts = parts_of(reference)
        assert parts["6.1"]["given"]["function"] == "sigmoid"
        assert parts["6.1"]["given"]["layers"] == "10"
        assert "decay_epochs" in parts["8.3"]["given"]
        assert parts["5.1"]["given"].keys() == {"n_input", "n_hidden", "n_code"}


def test_the_order_of_the_reference_is_that_of_its_curves(exam: Exam) -> None:
    assert curves_order(exam, reference_solutions(exam)["6"]) == ["B", "A", "C"]


# --- The key as data -----------------------------------------------------------------------------


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from leaves(value, (*path, str(index)))
    else:
        yield path, node


class TestKeyDocument:
    """The contract of ``keys/*.json``, for the reference and for 60 copies."""

    def test_head(self, all_keys: list[Document], exam: Exam) -> None:
        for document in all_keys:
            assert document["schema"] == 1
            assert document["exam"] == exam.id == "cit-i2dl-1-20230210"
            assert document["record"] == "mark"
            assert [problem["id"] for problem in document["problems"]] == list("12345678")
        assert len({document["code"] for document in all_keys}) == len(all_keys)

    def test_there_are_43_subproblems(self, all_keys: list[Document]) -> None:
        counts = {"1": 9, "2": 9, "3": 3, "4": 4, "5": 5, "6": 5, "7": 4, "8": 4}
        expected = [f"{p}.{n}" for p, count in counts.items() for n in range(1, count + 1)]
        assert len(expected) == 43
        for document in all_keys:
            assert list(parts_of(document)) == expected

    def test_points_add_up(self, all_keys: list[Document]) -> None:
        totals = {"1": 18, "2": 19, "3": 8.5, "4": 6, "5": 10, "6": 10, "7": 9, "8": 9.5}
        for document in all_keys:
            assert {p["id"]: float(p["points"]) for p in document["problems"]} == totals
            for problem in document["problems"]:
                points = sum(F(part["points"]) for part in problem["parts"])
                assert points == F(problem["points"])
                for part in problem["parts"]:
                    rubric = part.get("rubric", [{"points": part["points"]}])
                    assert sum(F(item["points"]) for item in rubric) == F(part["points"])
                    for mistake in part.get("mistakes", ()):
                        assert 0 <= F(mistake["earns"]) < F(part["points"])

    def test_every_part_says_what_the_contract_asks_for(self, all_keys: list[Document]) -> None:
        for document in all_keys:
            for part in parts_of(document).values():
                if "options" in part:
                    assert [option["label"] for option in part["options"]] == list("abcd")
                    for option in part["options"]:
                        assert option.keys() == {"label", "text", "correct", "why"}
                        assert type(option["correct"]) is bool
                        assert option["text"].strip()
                        assert option["why"].strip()
                else:
                    needed = {"id", "points", "answers", "rubric", "also_accept", "mistakes"}
                    assert needed <= part.keys()
                    assert part["answers"] or part["model_answer"]

    def test_answers_have_the_names_of_the_contract(self, all_keys: list[Document]) -> None:
        names = {part: list(answers) for part, answers in TestReference.ANSWERS.items()}
        names["2.4"] = ["shape", "weights", "rule"]
        for document in all_keys:
            for part in parts_of(document).values():
                assert list(part.get("answers", ())) == names.get(part["id"], [])

    def test_numbers_are_exact_decimal_strings(self, all_keys: list[Document]) -> None:
        seen = 0
        for document in all_keys:
            for path, leaf in leaves(document):
                if path[-1] in ("schema", "key_revision"):
                    assert type(leaf) is int
                elif path[-1] == "correct":
                    assert type(leaf) is bool
                else:
                    assert type(leaf) is str, (path, leaf)
                    is_value = {"given", "fallback", "answers", "answers_from_fallback"} & {*path}
                    if is_value and re.fullmatch(r"[-−+.0-9]+", leaf):
                        seen += 1
                        assert NUMBER.fullmatch(leaf), (path, leaf)
                        assert leaf not in ("-0", "-0.0", "-0.00", "-0.000")
                    elif path[-1] in ("points", "earns"):
                        assert re.fullmatch(r"[0-9]+(\.5)?", leaf), (path, leaf)
        assert seen > 5_000

    def test_no_float_noise_in_any_text(self, all_keys: list[Document]) -> None:
        for document in all_keys:
            for path, leaf in leaves(document):
                if isinstance(leaf, str):
                    assert not NEGATIVE_ZERO.search(leaf), (path, leaf)
                    assert not LONG_FLOAT.search(leaf), (path, leaf)
                    assert "Fraction" not in leaf
                    assert "<<" not in leaf

    def test_what_is_noise_is_found(self) -> None:
        for noise in ("-0", "is -0.0 or", "$-0$", "0.30000000000000004", "1e-05", "−0."):
            assert NEGATIVE_ZERO.search(noise) or LONG_FLOAT.search(noise), noise
        for fine in ("-0.5", "1-0", "30-60", "0.125", "-10", "E0743"):
            assert not NEGATIVE_ZERO.search(fine), fine
            assert not LONG_FLOAT.search(fine), fine

    def test_json_gives_the_same_back(self, all_keys: list[Document]) -> None:
        for document in all_keys[:20]:
            text = key_json(document).decode("utf-8")
            assert json.loads(text) == document
            assert text.endswith("\n")

    def test_rows_say_the_same(self, exam: Exam, batch: Batch) -> None:
        copies = list(batch.copies.values())[:20]
        for document, solutions in zip(documents(exam, batch, 20), copies, strict=True):
            recorded = [recorded_answers(solution) for solution in solutions.values()]
            rows = {(part, name): value for _, part, name, value in key_rows("E0001", recorded)}
            parts = parts_of(document)
            for (part, name), value in rows.items():
                if name == "correct":
                    assert value == (" ".join(correct(parts[part])) or "none")
                else:
                    answer = parts[part]["answers"][name]
                    assert value == (answer if isinstance(answer, str) else " ".join(answer))
            assert {part for part, _ in rows} == {
                part["id"] for part in parts.values() if part.get("answers") or "options" in part
            }
            assert ("2.4", "weights") not in rows


# --- Examples by hand ----------------------------------------------------------------------------


class TestByHand:
    """One example of each computed subproblem besides the reference."""

    def test_backpropagation(self, exam: Exam) -> None:
        # h1 = -1*0.5 + 2*1 + 0.5 = 2, h2 = -1*1 + 2*(-0.5) - 0.5 = -2.5, so h3 = 2 and h4 = 0.
        # o1 = 2*(-1) + 0.5 = -1.5, o2 = 2*0.5 + 1 = 2.
        # L = ((-1.5 + 1)^2 + (2 - 1)^2)/2 = (0.25 + 1)/2 = 0.625.
        # dL/dh3 = -0.5*(-1) + 1*0.5 = 1, dL/dw21 = 1*1*2 = 2, new w21 = 1 - 0.2*2 = 0.6.
        # With o = (1, -0.5): L = (2^2 + (-1.5)^2)/2 = 3.125, dL/dw21 = (2*(-1) - 1.5*0.5)*2 = -5.5,
        # new w21 = 1 + 0.2*5.5 = 2.1.
        solution = solve_with(
            find(exam, "3"),
            **{"i1": F(-1), "i2": F(2), "w11": F(1, 2), "w12": F(1), "w21": F(1)},
            **{"w22": F(-1, 2), "w31": F(-1), "w32": F(1, 2), "w41": F(1), "w42": F(-1)},
            **{"b1": F(1, 2), "b2": F(-1, 2), "b3": F(1, 2), "b4": F(1), "t1": F(-1), "t2": F(1)},
            **{"alpha": F(1, 5), "fallback_o1": F(1), "fallback_o2": F(-1, 2)},
        )
        assert solution.answers == {
            "3.1": {
                **{"h1": "2.0", "h2": "-2.5", "h3": "2.0", "h4": "0.0"},
                **{"o1": "-1.5", "o2": "2.0"},
            },
            "3.2": {"mse": "0.625"},
            "3.3": {"d_h3": "1.0", "grad_w21": "2.0", "w21_new": "0.6"},
        }
        assert solution.fallback_answers == {
            "3.2": {"mse": "3.125"},
            "3.3": {"d_h3": "-2.75", "grad_w21": "-5.5", "w21_new": "2.1"},
        }

    def test_receptive_field(self, exam: Exam) -> None:
        # From the output back: 5 pixels of layer 2, 4*3 + 3 = 15 of layer 1, 14*2 + 7 = 35.
        values = {"k1": F(7), "s1": F(2), "k2": F(3), "s2": F(3), "k3": F(5), "s3": F(2)}
        assert solve_with(find(exam, "2"), **values).answers["2.3"] == {"receptive_field": "35"}

    def test_identity(self, exam: Exam) -> None:
        # 2 filters of depth 2, 5x5; the center of 0 … 4 is 2.
        values = {"kernel": F(5), "channels": F(2), "padding": F(2)}
        answers = solve_with(find(exam, "2"), **values).answers["2.4"]
        assert answers["shape"] == ["2", "2", "5", "5"]
        assert answers["rule"] == (
            "W[i, i, 2, 2] = 1 for i = 0, 1; all other entries are 0 (indices from 0)"
        )

    def test_optimizer(self, exam: Exam) -> None:
        # Adam: m and v, the averages of g and g^2. Momentum: a velocity, the average of g alone.
        problem = find(exam, "4")
        both = solve_with(problem, moments="both the first and the second moment")
        first = solve_with(problem, moments="the first moment but not the second")
        assert both.answers["4.2"] == {"optimizer": "Adam"}
        assert first.answers["4.2"] == {"optimizer": "SGD with momentum"}

    def test_order_of_rates(self, exam: Exam) -> None:
        # C has the large rate, B the good one, A the small one.
        solution = solve_with(find(exam, "6"), large="C", good="B", small="A", shape=F(4))
        assert solution.answers["6.5"] == {"order": ["C", "B", "A"]}

    def test_parameters_of_a_cell(self, exam: Exam) -> None:
        # V is 20x20, W is 20x10: 400 + 200.
        solution = solve_with(find(exam, "7"), n_x=F(10), n_h=F(20))
        assert solution.answers["7.1"] == {"parameters": "600"}

    def test_states(self, exam: Exam) -> None:
        # h1 = 1*2 + 3*1 = 5; 1*5 + 3*(-3) = -4 is clipped; h3 = 0 + 3*2 = 6.
        values = {"V": F(1), "W": F(3), "h0": F(2), "x1": F(1), "x2": F(-3), "x3": F(2)}
        solution = solve_with(find(exam, "7"), **values)
        assert solution.answers["7.3"] == {"h1": "5", "h2": "0", "h3": "6"}

    def test_gates(self, exam: Exam) -> None:
        # c_t = g3 c_{t-1} + g1 c~_t, h_t = g2 c_t.
        solution = solve_with(find(exam, "7"), n_forget=F(3), n_update=F(1), n_output=F(2))
        assert solution.answers["7.4"] == {"forget": "g3", "update": "g1", "output": "g2"}

    @pytest.mark.parametrize(
        ("option", "shown", "is_correct"),
        [
            ("parameters/right", 4020, True),  # 20 filters * (5*5*8 weights + 1 bias)
            ("parameters/wrong/0", 4000, False),  # the biases forgotten
            ("weights/right", 4000, True),  # 20*5*5*8
            ("weights/wrong/1", 200, False),  # 5*5*8, one filter
            ("output_size/right", 18, True),  # (37 + 4 - 7)/2 + 1 = 17 + 1
            ("output_size/wrong/0", 17, False),
            ("same_padding/right", 4, True),  # 9 covers 4 on each side of its center
            ("same_padding/wrong/0", 8, False),
        ],
    )
    def test_statements_about_layers(
        self, exam: Exam, option: str, shown: int, is_correct: bool
    ) -> None:
        problem = find(exam, "1")
        draw = reference_draw(problem)
        values = {"count_filters": 20, "count_size": 5, "count_channels": 8}
        values |= {"out_input": 37, "out_size": 7, "out_stride": 2, "out_padding": 2}
        values |= {"same_size": 9}
        options = (option, *draw.choices["1.3"].options[1:])
        choices = {**draw.choices, "1.3": ChoiceDraw(options)}
        drawn = {**draw.values, **{name: F(value) for name, value in values.items()}}
        solution = solve_problem(problem, replace(draw, values=drawn, choices=choices))
        solved = solution.options["1.3"][0]
        assert (solved.shown, solved.correct) == (shown, is_correct)

    def test_order_of_steps(self, exam: Exam) -> None:
        # Initialize B, forward E, loss A, gradient D, move C; the second option is that order.
        problem = find(exam, "1")
        draw = reference_draw(problem)
        choice = ChoiceDraw(("E B A D C", "B E A D C", "B A E D C", "B E A C D"), tuple("BEADC"))
        drawn = Draw("1", 0, 0, draw.values, {**draw.choices, "1.6": choice})
        solution = solve_problem(problem, drawn)
        assert [it.correct for it in solution.options["1.6"]] == [False, True, False, False]


# --- Other methods over a batch ------------------------------------------------------------------


class TestBackpropagation:
    def test_forward_pass(self, keys: list[Document]) -> None:
        for part in (parts_of(document)["3.1"] for document in keys):
            assert floats(part["answers"]) == independent_forward(floats(part["given"])), part

    def test_loss_and_update(self, keys: list[Document]) -> None:
        for parts in map(parts_of, keys):
            given = floats(parts["3.1"]["given"])
            alpha = float(parts["3.3"]["given"]["alpha"])
            gradient = independent_gradient(given)
            assert gradient == pytest.approx(central_difference(given), rel=1e-7)
            self._agree(parts, "answers", loss(given).real, gradient, given["w21"], alpha)

    def test_loss_and_update_from_the_printed_outputs(self, keys: list[Document]) -> None:
        for parts in map(parts_of, keys):
            given = floats(parts["3.1"]["given"])
            alpha = float(parts["3.3"]["given"]["alpha"])
            printed = floats(parts["3.2"]["fallback"])
            error, gradient = independent_fallback(given, printed["o1"], printed["o2"])
            self._agree(parts, "answers_from_fallback", error, gradient, given["w21"], alpha)

    @staticmethod
    def _agree(
        parts: Document, key: str, error: float, gradient: float, w21: float, alpha: float
    ) -> None:
        assert float(parts["3.2"][key]["mse"]) == error
        answers = floats(parts["3.3"][key])
        assert answers["grad_w21"] == pytest.approx(gradient, rel=1e-14)
        assert answers["w21_new"] == pytest.approx(w21 - alpha * gradient, rel=1e-14)

    def test_the_question_stays_what_it_is(self, keys: list[Document]) -> None:
        for parts in map(parts_of, keys):
            one, two, three = (parts[part] for part in ("3.1", "3.2", "3.3"))
            answers, given = floats(one["answers"]), floats(one["given"])
            assert answers["h1"] > 0 > answers["h2"]
            assert float(three["answers"]["grad_w21"]) != 0
            for k in ("1", "2"):
                fallback = float(two["fallback"][f"o{k}"])
                assert fallback != answers[f"o{k}"] != given[f"t{k}"]
            assert float(two["answers_from_fallback"]["mse"]) > 0
            assert float(three["answers_from_fallback"]["grad_w21"]) != 0
            # A corrector sees from the result which outputs were used.
            assert two["answers_from_fallback"] != two["answers"]
            assert three["answers_from_fallback"]["grad_w21"] != three["answers"]["grad_w21"]
            printed = [*one["answers"].values(), *two["answers"].values()]
            printed += [*three["answers"].values(), *three["answers_from_fallback"].values()]
            assert max(len(text.partition(".")[2]) for text in printed) <= 3

    def test_what_is_printed_is_exact(self, keys: list[Document]) -> None:
        for parts in map(parts_of, keys):
            given = {name: F(text) for name, text in parts["3.1"]["given"].items()}
            errors = [F(parts["3.1"]["answers"][f"o{k}"]) - given[f"t{k}"] for k in (1, 2)]
            gradient = (errors[0] * given["w31"] + errors[1] * given["w32"]) * given["i2"]
            updated = given["w21"] - F(parts["3.3"]["given"]["alpha"]) * gradient
            assert F(parts["3.2"]["answers"]["mse"]) == sum(error**2 for error in errors) / 2
            assert F(parts["3.3"]["answers"]["w21_new"]) == updated


class TestConvolutions:
    def test_receptive_field(self, batch: Batch) -> None:
        field = lru_cache(independent_receptive_field)
        for solution in batch.of("2"):
            kernels = tuple(int(solution.values[f"k{n}"]) for n in (1, 2, 3))  # type: ignore[arg-type]
            strides = tuple(int(solution.values[f"s{n}"]) for n in (1, 2, 3))  # type: ignore[arg-type]
            assert solution.answers["2.3"] == {"receptive_field": str(field(kernels, strides))}

    def test_identity(self, batch: Batch) -> None:
        # Few pairs of sizes: each is convolved once, and all copies with the same have the same.
        seen: dict[tuple[int, ...], object] = {}
        for solution in batch.of("2"):
            sizes = tuple(int(solution.values[it]) for it in ("channels", "kernel", "padding"))  # type: ignore[arg-type]
            answers = solution.answers["2.4"]
            if sizes not in seen:
                weights = np.array(answers["weights"]).astype(float)
                image = np.random.default_rng(24).normal(size=(sizes[0], 9, 10))
                assert np.array_equal(convolve(image, weights, sizes[2]), image)
                assert np.array_equal(weights, independent_identity(*sizes))
                assert answers["shape"] == [str(size) for size in weights.shape]
                seen[sizes] = answers
            assert answers == seen[sizes]
        assert len(seen) >= 12


def test_optimizer_by_experiment(batch: Batch) -> None:
    asked = {
        "the second moment but not the first": (False, True),
        "the first moment but not the second": (True, False),
        "both the first and the second moment": (True, True),
    }
    for solution in batch.of("4"):
        moments = asked[str(solution.values["moments"])]
        assert solution.answers["4.2"] == {"optimizer": independent_optimizer(*moments)}


def curves_order(exam: Exam, solution: Solution) -> list[str]:
    """6.5 answered from the coordinates that its figure gets."""
    (figure,) = [part.figure for part in find(exam, "6").parts if part.id == "6.5" and part.figure]
    assert figure.compute is not None
    texts = figure.compute({name: solution.values[name] for name in figure.values})
    return independent_order({label: read_line(texts[f"curve_{label}"]) for label in "ABC"})


def test_order_of_rates_from_the_curves(exam: Exam, batch: Batch) -> None:
    seen: dict[object, list[str]] = {}
    for solution in batch.of("6"):
        drawn = tuple(solution.values[name] for name in ("large", "good", "small", "shape"))
        if drawn not in seen:
            seen[drawn] = curves_order(exam, solution)
        assert solution.answers["6.5"] == {"order": seen[drawn]}
    assert len(seen) == 48


class TestRecurrentNetworks:
    def test_parameters(self, keys: list[Document]) -> None:
        for part in (parts_of(document)["7.1"] for document in keys):
            given = {name: int(text) for name, text in part["given"].items()}
            assert part["answers"] == {"parameters": str(independent_parameters(**given))}

    def test_states(self, keys: list[Document]) -> None:
        for part in (parts_of(document)["7.3"] for document in keys):
            given = {name: int(text) for name, text in part["given"].items()}
            inputs = [given[f"x{t}"] for t in (1, 2, 3)]
            states = independent_states(given["V"], given["W"], given["h0"], inputs)
            assert list(part["answers"].values()) == [str(state) for state in states]
            assert list(part["answers"]) == ["h1", "h2", "h3"]
            # At least one step is clipped, not all; and it shows when the ReLU is forgotten.
            assert 1 <= states.count(0) <= 2
            z1 = given["V"] * given["h0"] + given["W"] * inputs[0]
            z2 = given["V"] * max(z1, 0) + given["W"] * inputs[1]
            assert min(z1, z2) < 0 < states[2]

    def test_gates_by_experiment(self, exam: Exam, batch: Batch) -> None:
        gates = lru_cache(lambda equations: independent_gates(read_cell(equations)))
        seen = set()
        for solution in batch.of("7"):
            answers = solution.answers["7.4"]
            assert answers == gates(question(exam, "7.4", solution))
            seen.add(tuple(answers.items()))
        assert len(seen) == 6


class TestMultipleChoice:
    def test_statements_about_layers(self, exam: Exam, batch: Batch) -> None:
        truths = lru_cache(independent_truth)
        seen = {True: 0, False: 0}
        for code, solutions in batch.copies.items():
            part = parts_of(key_document(_only(exam, "1"), code, "", 1, solutions))["1.3"]
            judged = [truths(option["text"]) for option in part["options"]]
            (index,) = [index for index, truth in enumerate(judged) if truth is not None]
            assert part["options"][index]["correct"] is judged[index], part["options"][index]
            seen[part["options"][index]["correct"]] += 1
        assert min(seen.values()) > 300

    def test_reference_has_no_statement_about_a_certain_layer(self, reference: Document) -> None:
        options = parts_of(reference)["1.3"]["options"]
        assert [independent_truth(option["text"]) for option in options] == [None] * 4

    def test_order_of_steps(self, exam: Exam, batch: Batch) -> None:
        only = _only(exam, "1")
        for code, solutions in [*batch.copies.items(), ("E0743", reference_solutions(only))]:
            given, _ = split(only, code, solutions)
            texts = {label: text.render({}) for label, text in given.rows["1.6"]}
            assert list(texts) == list("ABCDE")
            for option, solved in zip(
                given.options["1.6"], solutions["1"].options["1.6"], strict=True
            ):
                assert runs(texts, option.tex.split(", ")) is solved.correct, (texts, option.tex)
            assert sum(option.correct for option in solutions["1"].options["1.6"]) == 1


def test_the_steps_of_an_order_are_those_of_the_bank(exam: Exam) -> None:
    (part,) = [part for part in find(exam, "1").parts if isinstance(part, OrderPart)]
    texts = dict(zip("ABCDE", (text.source for text in part.order), strict=True))
    assert runs(texts, list("ABCDE"))
    assert len(part.wrong) >= 6
    for order in part.wrong:
        assert not runs(texts, ["ABCDE"[step] for step in order]), order
