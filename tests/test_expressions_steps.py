"""Steps: their order, their values, what depends on what, and follow-through."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.exact.numbers import Value
from generator.expressions import (
    EvaluationError,
    Step,
    Steps,
    StepsError,
    StepSolver,
    compile_expression,
)

BACKPROPAGATION = {
    # Out of order on purpose.
    "w21_new": "w21 - alpha * grad_w21",
    "grad_w21": "((o1 - t1) * w31 + (o2 - t2) * w32) * indicator(h1 > 0) * i2",
    "mse": "((o1 - t1)**2 + (o2 - t2)**2) / 2",
    "o1": "h3*w31 + h4*w41 + b3",
    "o2": "h3*w32 + h4*w42 + b4",
    "h3": "relu(h1)",
    "h4": "relu(h2)",
    "h1": "i1*w11 + i2*w21 + b1",
    "h2": "i1*w12 + i2*w22 + b2",
}
REFERENCE = {
    name: Fraction(text)
    for name, text in {
        **{"i1": "2", "i2": "-1", "w11": "1", "w12": "-0.5", "w21": "0.5", "w22": "-1"},
        **{"w31": "0.5", "w32": "-1", "w41": "-0.5", "w42": "1", "b1": "0.5", "b2": "-0.5"},
        **{"b3": "-1", "b4": "0.5", "t1": "1", "t2": "0.5", "alpha": "0.1"},
    }.items()
}


def step(name: str, source: str, decimals: int | None = None) -> Step:
    return Step(name, compile_expression(source), decimals)


def steps(sources: Mapping[str, str], given: Mapping[str, object]) -> Steps:
    return Steps([step(name, source) for name, source in sources.items()], given)


network = steps(BACKPROPAGATION, REFERENCE)


def test_the_worked_example_of_the_model_exam() -> None:
    # By hand, from the model exam: 2.0, -0.5, 2.0, 0.0, 0.0, -1.5; 2.5; -1.5, 0.65.
    values = network.evaluate(REFERENCE)
    expected = {"h1": "2", "h2": "-0.5", "h3": "2", "h4": "0", "o1": "0", "o2": "-1.5"}
    expected |= {"mse": "2.5", "grad_w21": "-1.5", "w21_new": "0.65"}
    assert values == {name: Fraction(text) for name, text in expected.items()}
    assert tuple(values) == network.order


def test_follow_through_from_the_printed_fallback() -> None:
    # By hand, from the model exam: with o1 = 2, o2 = 0.5 the loss is 0.5, the weight 0.55.
    replaced = {"o1": Fraction(2), "o2": Fraction("0.5")}
    values = network.follow(REFERENCE, replaced)
    assert values == network.evaluate(REFERENCE) | replaced | {
        "mse": Fraction("0.5"),
        "grad_w21": Fraction("-0.5"),
        "w21_new": Fraction("0.55"),
    }


def test_follow_takes_true_values_that_are_known_already_but_no_stale_ones() -> None:
    true = network.evaluate(REFERENCE)
    replaced = {"h1": Fraction(4)}
    expected = network.follow(REFERENCE, replaced)
    assert expected["h3"] == 4
    assert network.follow({**REFERENCE, **true}, replaced) == expected
    marked = {**REFERENCE, "h2": Fraction(9)}
    assert network.follow(marked, replaced)["h2"] == 9
    assert network.follow(marked, replaced)["h4"] == 9


def test_a_replaced_value_stays_although_what_it_comes_from_is_replaced_too() -> None:
    values = network.follow(REFERENCE, {"h1": Fraction(4), "o1": Fraction(7)})
    assert values["o1"] == 7
    assert values["o2"] == -4 + Fraction("0.5")


def test_follow_refuses_an_unknown_name() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        network.follow(REFERENCE, {"nonsense": Fraction(1)})


def test_dependents_and_requirements_are_each_others_inverse() -> None:
    assert network.dependents("o1") == ("grad_w21", "w21_new", "mse")
    assert network.requirements("mse") >= {"o1", "h1", "i1", "t1"}
    assert "alpha" not in network.requirements("mse")
    for name in network.order:
        for other in (*network.order, *REFERENCE):
            assert (other in network.requirements(name)) == (name in network.dependents(other))


@given(st.sampled_from(network.order), st.fractions(-9, 9, max_denominator=4))
def test_changing_a_step_changes_dependents_only(name: str, value: Fraction) -> None:
    true, other = network.evaluate(REFERENCE), network.follow(REFERENCE, {name: value})
    changed = {key for key in network.order if true[key] != other[key]}
    assert changed <= {name, *network.dependents(name)}


def test_a_cycle_is_named() -> None:
    with pytest.raises(StepsError) as caught:
        steps({"x": "y + 1", "y": "relu(z)", "z": "x * a", "w": "a"}, {"a": 1})
    (problem,) = caught.value.problems
    assert problem.message.startswith("a cycle: ")
    cycle = problem.message.removeprefix("a cycle: ").split(" needs ")
    sources = {"x": "y", "y": "z", "z": "x"}
    assert cycle[0] == cycle[-1]
    assert all(sources[user] == used for user, used in pairwise(cycle))
    assert len(cycle) == 4


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(StepsError) as caught:
        Steps([step("h1", "i1 + 11"), step("h1", "i1"), step("i2", "1 + i11*w")], ["i1", "i2"])
    messages = [str(problem) for problem in caught.value.problems]
    assert messages == [
        "h1: there are two steps of this name",
        "i2: this name is drawn already; a step needs its own",
        "i2: unknown name i11 (did you mean i1?)",
        "i2: unknown name w",
    ]
    assert [problem.column for problem in caught.value.problems] == [0, 0, 4, 8]


def test_later_steps_use_the_rounded_value() -> None:
    both = Steps([step("p", "1/3", decimals=2), step("q", "3*p")], [])
    assert both.evaluate({}) == {"p": Fraction(33, 100), "q": Fraction(99, 100)}
    one = Steps([Step("p", compile_expression("[2/3, 200/3]"), significant=2)], [])
    assert one.evaluate({}) == {"p": (Fraction(67, 100), Fraction(67))}


def test_rounding_leaves_texts_and_conditions_alone() -> None:
    both = Steps([step("t", "'a' if c else 'b'", 2), step("c", "1 > 0", 1)], [])
    assert both.evaluate({}) == {"t": "a", "c": True}


@pytest.mark.parametrize(
    "options",
    [{"decimals": -1}, {"decimals": 51}, {"significant": 0}, {"decimals": 1, "significant": 1}],
)
def test_a_step_refuses_a_rounding_that_makes_no_sense(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="h"):
        Step("h", compile_expression("1"), **options)


def test_a_constraint_evaluates_only_what_it_needs() -> None:
    some = steps({"good": "a + 1", "bad": "1 / (a - a)", "after": "good * 2"}, {"a": 1})
    sheet = some.sheet({"a": Fraction(1), "other": Fraction(5)})
    assert compile_expression("after > 3").evaluate(sheet) is True
    assert set(sheet) == {"a", "good", "after"}
    assert some.evaluate({"a": Fraction(1)}, only=["good"]) == {"good": Fraction(2)}
    with pytest.raises(EvaluationError, match=r"bad: 1 / \(a - a\): division by zero \(a = 1\)"):
        compile_expression("bad > 0").evaluate(sheet)


def test_a_long_chain_of_steps_needs_no_deep_stack() -> None:
    chain = {f"s{number}": f"s{number - 1} + 1" for number in range(1, 3000)}
    assert steps(chain, {"s0": 0}).evaluate({"s0": Fraction(0)}, only=["s2999"])["s2999"] == 2999


def test_a_missing_value_is_named_with_its_step() -> None:
    with pytest.raises(EvaluationError, match="h1: w21: this name has no value"):
        network.evaluate({name: value for name, value in REFERENCE.items() if name != "w21"})


class Sorter:
    """Stands in for steps: gives the smaller and the larger of two."""

    names = frozenset({"a", "twice"})
    gives = ("low", "high")

    def evaluate(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        pair = [values["a"], values["twice"]]
        assert all(isinstance(value, Fraction) for value in pair)
        low, high = sorted(pair, key=lambda value: Fraction(str(value)))
        return {"low": low, "high": high}


def test_a_solver_stands_in_for_steps() -> None:
    assert isinstance(Sorter(), StepSolver)
    mixed = Steps([step("gap", "high - low"), Sorter(), step("twice", "2*a")], ["a"])
    assert mixed.order == ("twice", "low", "high", "gap")
    assert mixed.evaluate({"a": Fraction(-3)})["gap"] == 3
    assert mixed.dependents("a") == ("twice", "low", "high", "gap")
    followed = mixed.follow({"a": Fraction(-3)}, {"low": Fraction(-10)})
    assert (followed["high"], followed["gap"]) == (-3, 7)
    assert mixed.dependents("low") == ("gap",)


def test_a_step_of_decimals_without_rounding_keeps_all_digits() -> None:
    one = Steps(
        [step("e", "exp(1)"), step("f", "e - 2.7182818284590452353602874713526624977572")], []
    )
    assert one.evaluate({})["f"] == Decimal("0.0000000000000000000000000000000000000000470937000")


def test_errors_and_steps_survive_a_trip_to_a_worker() -> None:
    with pytest.raises(EvaluationError) as caught:
        step("s", "1/x").evaluate({"x": Fraction(0)})
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.step) == (str(caught.value), "s")
    assert pickle.loads(pickle.dumps(network)).evaluate(REFERENCE) == network.evaluate(REFERENCE)
