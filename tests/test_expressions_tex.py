"""Worked steps in TeX: golden strings, and TeX read back by a reader that knows nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from generator.exact.numbers import Value, format_number
from generator.expressions import (
    EvaluationError,
    Step,
    compile_expression,
    default_symbol,
    escape_text,
    print_value,
    shown_tex,
)


def values(**texts: str) -> dict[str, Value]:
    return {name: Fraction(text) for name, text in texts.items()}


NETWORK = values(
    i1="2", i2="-1", w11="1", w21="0.5", b1="0.5", h1="2", h2="-0.5", h3="2", w31="0.5", w32="-1",
    o1="0", o2="-1.5", t1="1", t2="0.5", alpha="0.1", grad_w21="-1.5", w21_old="0.5", z1="1",
    z2="2", n_x="4", n_h="12", k1="5", k2="3", s1="2",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "source", "tex"),
    [
        (
            "h1",
            "i1*w11 + i2*w21 + b1",
            r"h_{1} = i_{1} w_{11} + i_{2} w_{21} + b_{1}"
            r" = 2.0 \cdot 1.0 + (-1.0) \cdot 0.5 + 0.5 = 2.0",
        ),
        ("h3", "relu(h1)", r"h_{3} = \max(0, h_{1}) = \max(0, 2.0) = 2.0"),
        ("h4", "max(0, h2)", r"h_{4} = \max(0, h_{2}) = \max(0, -0.5) = 0.0"),
        (
            "mse",
            "((o1 - t1)**2 + (o2 - t2)**2) / 2",
            r"\mathrm{mse} = \frac{(o_{1} - t_{1})^{2} + (o_{2} - t_{2})^{2}}{2}"
            r" = \frac{(0.0 - 1.0)^{2} + (-1.5 - 0.5)^{2}}{2} = 2.5",
        ),
        (
            "g",
            "((o1 - t1)*w31 + (o2 - t2)*w32) * indicator(h1 > 0) * i2",
            r"g = [(o_{1} - t_{1}) w_{31} + (o_{2} - t_{2}) w_{32}] \mathbf{1}[h_{1} > 0] i_{2}"
            r" = [(0.0 - 1.0) \cdot 0.5 + (-1.5 - 0.5) \cdot (-1.0)]"
            r" \cdot \mathbf{1}[2.0 > 0] \cdot (-1.0) = -1.5",
        ),
        (
            "w21_new",
            "w21_old - alpha*grad_w21",
            r"w_{21}^{\mathrm{new}} = w_{21}^{\mathrm{old}} - \alpha \cdot \mathrm{grad}_{w_{21}}"
            r" = 0.5 - 0.1 \cdot (-1.5) = 0.65",
        ),
        ("x", "h1", r"x = h_{1} = 2.0"),
        ("x", "0.5", "x = 0.5"),
        ("x", "-h2", r"x = -h_{2} = -(-0.5) = 0.5"),
        ("x", "h2**2 - h2", r"x = h_{2}^{2} - h_{2} = (-0.5)^{2} - (-0.5) = 0.75"),
        ("x", "-h2**2", r"x = -h_{2}^{2} = -(-0.5)^{2} = -0.25"),
        ("x", "h1**-1", r"x = h_{1}^{-1} = 2.0^{-1} = 0.5"),
        ("x", "(h1/i1)**2", r"x = \left(\frac{h_{1}}{i_{1}}\right)^{2} = "
            r"\left(\frac{2.0}{2.0}\right)^{2} = 1.0"),
        ("x", "2*h1 - (h2 - b1)", r"x = 2 \cdot h_{1} - (h_{2} - b_{1}) = "
            r"2 \cdot 2.0 - (-0.5 - 0.5) = 5.0"),
        ("n", "n_h**2 + n_h*n_x", r"n = n_{h}^{2} + n_{h} n_{x} = "
            r"12.0^{2} + 12.0 \cdot 4.0 = 192.0"),
        ("n", "n_h*n_h + n_h*(n_x + 1)", r"n = n_{h} \cdot n_{h} + n_{h} \cdot (n_{x} + 1) = "
            r"12.0 \cdot 12.0 + 12.0 \cdot (4.0 + 1) = 204.0"),
        ("r", "k1 + (k2 - 1)*s1", r"r = k_{1} + (k_{2} - 1) s_{1} = "
            r"5.0 + (3.0 - 1) \cdot 2.0 = 9.0"),
        ("x", "sqrt(h1*i1)", r"x = \sqrt{h_{1} i_{1}} = \sqrt{2.0 \cdot 2.0} = 2.0"),
        ("x", "abs(h2)", r"x = \lvert h_{2} \rvert = \lvert -0.5 \rvert = 0.5"),
        ("x", "floor(k1/s1) + 1", r"x = \left\lfloor \frac{k_{1}}{s_{1}} \right\rfloor + 1 = "
            r"\left\lfloor \frac{5.0}{2.0} \right\rfloor + 1 = 3.0"),
        ("x", "step(h2)", r"x = \mathbf{1}[h_{2} > 0] = \mathbf{1}[-0.5 > 0] = 0.0"),
        ("x", "h1 if h1 > 0 else alpha*h1", r"x = \begin{cases} h_{1} & \text{if } h_{1} > 0 \\ "
            r"\alpha h_{1} & \text{otherwise} \end{cases} = 2.0"),
        ("x", "h2 if h2 >= 0 else alpha*h2", r"x = \begin{cases} h_{2} & \text{if } h_{2} \ge 0"
            r" \\ \alpha h_{2} & \text{otherwise} \end{cases} = 0.1 \cdot (-0.5) = -0.05"),
        ("x", "indicator(h1 > 0 and (h2 < 0 or not h1 != 2))", r"x = \mathbf{1}[h_{1} > 0 "
            r"\text{ and } (h_{2} < 0 \text{ or } \text{not } h_{1} \ne 2)] = \mathbf{1}[2.0 > 0 "
            r"\text{ and } (-0.5 < 0 \text{ or } \text{not } 2.0 \ne 2)] = 1.0"),
        ("x", "'first' if h1 > 0 else 'both'", r"x = \begin{cases} \text{first} & \text{if } "
            r"h_{1} > 0 \\ \text{both} & \text{otherwise} \end{cases} = \text{first}"),
    ],
)  # fmt: skip
def test_worked_steps(name: str, source: str, tex: str) -> None:
    step = Step(name, compile_expression(source))
    assert step.worked(NETWORK, min_decimals=1).tex == tex


def test_symbols_and_printed_values_of_the_bank_are_used() -> None:
    step = Step("loss", compile_expression("alpha*grad + h1 - h1"), decimals=2)
    worked = step.worked(
        values(alpha="0.1", grad="-1.5", h1="1.005"),
        {"grad": r"\frac{\partial L}{\partial w}", "loss": "L"},
        {"h1": "1.01"},
    )
    assert worked.tex == (
        r"L = \alpha \frac{\partial L}{\partial w} + h_{1} - h_{1}"
        r" \approx 0.1 \cdot (-1.5) + 1.01 - 1.01 = -0.15"
    )


def test_a_rounded_result_is_not_called_equal() -> None:
    step = Step("p", compile_expression("exp(z1)/(exp(z1) + exp(z2))"), decimals=3)
    assert step.worked(NETWORK).tex == (
        r"p = \frac{e^{z_{1}}}{e^{z_{1}} + e^{z_{2}}} = \frac{e^{1}}{e^{1} + e^{2}} \approx 0.269"
    )
    exactly = Step("p", compile_expression("sigmoid(h1 - h3)"), decimals=3)
    assert exactly.worked(NETWORK).tex.endswith(r"\sigma(2 - 2) = 0.500")


LISTS: dict[str, Value] = {
    "x": (Fraction(1), Fraction(-2)),
    "w": (Fraction(1, 2), Fraction(3)),
    "A": ((Fraction(1), Fraction(0)), (Fraction(-1), Fraction(2))),
    "a": Fraction(4),
}


@pytest.mark.parametrize(
    ("source", "symbols", "numbers"),
    [
        ("dot(x, w)", r"x \cdot w", r"1 \cdot 0.5 + (-2) \cdot 3"),
        ("dot(w, x) * a", r"(w \cdot x) a", r"[0.5 \cdot 1 + 3 \cdot (-2)] \cdot 4"),
        (
            "dot([a, 1], x)",
            r"\begin{pmatrix} a \\ 1 \end{pmatrix} \cdot x",
            r"4 \cdot 1 + 1 \cdot (-2)",
        ),
        (
            "matmul(A, x) + w",
            "A x + w",
            r"\begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix} \begin{pmatrix} 1 \\ -2 \end{pmatrix}"
            r" + \begin{pmatrix} 0.5 \\ 3 \end{pmatrix}",
        ),
        (
            "matmul(x, transpose(A))",
            r"x A^{\top}",
            r"\begin{pmatrix} 1 & -2 \end{pmatrix} "
            r"\begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix}^{\top}",
        ),
        (
            "hadamard(x, w)",
            r"x \odot w",
            r"\begin{pmatrix} 1 \\ -2 \end{pmatrix} \odot \begin{pmatrix} 0.5 \\ 3 \end{pmatrix}",
        ),
        ("sum(x)/len(x)", r"\frac{\sum_{i} x_{i}}{\mathrm{len}(x)}", r"\frac{1 + (-2)}{2}"),
        ("a - sum(x)", r"a - \left(\sum_{i} x_{i}\right)", "4 - [1 + (-2)]"),
        ("mean([a, 1])", r"\frac{a + 1}{2}", r"\frac{4 + 1}{2}"),
        ("mean(x)", r"\mathrm{mean}(x)", r"\frac{1 + (-2)}{2}"),
        ("var(x)", r"\mathrm{Var}(x)", r"\frac{[1 - (-0.5)]^{2} + [-2 - (-0.5)]^{2}}{2}"),
        ("max(x)", r"\max(x)", r"\max(1, -2)"),
        ("x[1] * A[1][0]", "x_{2} A_{2,1}", r"-2 \cdot (-1)"),
        (
            "softmax(x)[0]",
            r"\mathrm{softmax}(x)_{1}",
            r"\mathrm{softmax}\begin{pmatrix} 1 \\ -2 \end{pmatrix}_{1}",
        ),
        (
            "round(a/3, 2)",
            r"\mathrm{round}_{2}\left(\frac{a}{3}\right)",
            r"\mathrm{round}_{2}\left(\frac{4}{3}\right)",
        ),
        (
            "exp(-a/3) + exp(a)**2",
            r"\exp\left(\frac{-a}{3}\right) + (e^{a})^{2}",
            r"\exp\left(\frac{-4}{3}\right) + (e^{4})^{2}",
        ),
        ("-log(a) + tanh(a)", r"-\log(a) + \tanh(a)", r"-\log(4) + \tanh(4)"),
        (
            "sign(a) - min(a, 1e-3)",
            r"\mathrm{sign}(a) - \min(a, 0.001)",
            r"\mathrm{sign}(4) - \min(4, 0.001)",
        ),
    ],
)  # fmt: skip
def test_lists_and_functions(source: str, symbols: str, numbers: str) -> None:
    expression = compile_expression(source)
    assert (expression.symbolic(), expression.substituted(LISTS)) == (symbols, numbers)


@pytest.mark.parametrize(
    ("source", "symbols", "numbers"),
    [
        ("a * big", "a big", r"4 \cdot (-105)"),
        (
            "len([a, 1])",
            r"\mathrm{len}\begin{pmatrix} a \\ 1 \end{pmatrix}",
            "2",
        ),
        (
            "matmul(-A, x) + hadamard(x, -w)",
            r"-A x + x \odot (-w)",
            r"-\begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix} \begin{pmatrix} 1 \\ -2 \end{pmatrix}"
            r" + \begin{pmatrix} 1 \\ -2 \end{pmatrix}"
            r" \odot \left(-\begin{pmatrix} 0.5 \\ 3 \end{pmatrix}\right)",
        ),
        (
            "softmax([a, 1])[0]**2",
            r"\mathrm{softmax}\begin{pmatrix} a \\ 1 \end{pmatrix}_{1}^{2}",
            r"\mathrm{softmax}\begin{pmatrix} 4 \\ 1 \end{pmatrix}_{1}^{2}",
        ),
    ],
)
def test_corners(source: str, symbols: str, numbers: str) -> None:
    expression = compile_expression(source)
    values_ = {**LISTS, "big": Fraction(-105)}
    found = (expression.symbolic({"big": "big"}), expression.substituted(values_))
    assert found == (symbols, numbers)


def test_a_step_prints_its_value_as_it_is_rounded() -> None:
    formula = compile_expression("1.25")
    assert Step("s", formula).print(Fraction(2)) == "2"
    assert Step("s", formula).print(Fraction(2), 1) == "2.0"
    assert Step("s", formula, decimals=2).print(Fraction(2), 1) == "2.00"
    assert Step("s", formula, significant=1).print(Fraction(23, 10), 1) == "2"
    assert Step("s", formula, decimals=0).evaluate({}) == {"s": 1}
    assert Step("s", formula).print((True, "text", Decimal("0.5"))) == ("true", "text", "0.5")


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("h1", "h_{1}"),
        ("w11", "w_{11}"),
        ("n_x", "n_{x}"),
        ("alpha", r"\alpha"),
        ("beta1", r"\beta_{1}"),
        ("lambda_2", r"\lambda_{2}"),
        ("lam", r"\lambda"),
        ("Sigma", r"\Sigma"),
        ("mse", r"\mathrm{mse}"),
        ("grad_w21", r"\mathrm{grad}_{w_{21}}"),
        ("w21_new", r"w_{21}^{\mathrm{new}}"),
        ("y_hat", r"\hat{y}"),
        ("y_hat_1", r"\hat{y}_{1}"),
        ("h_1_2", "h_{1,2}"),
        ("p_max", r"p_{\mathrm{max}}"),
        ("x1y", r"\mathrm{x1y}"),
        ("x_", "x"),
    ],
)
def test_default_symbols(name: str, symbol: str) -> None:
    assert default_symbol(name) == symbol


def test_a_symbol_of_the_bank_is_looked_at_before_it_is_put_somewhere() -> None:
    symbols = {"a": "h^{(1)}", "b": r"\hat y - y", "c": r"\frac{1}{2}", "d": "-q"}
    tex = compile_expression("a**2 * b - b + c**2 - d").symbolic(symbols)
    assert tex == (
        r"[h^{(1)}]^{2} \cdot (\hat y - y) - (\hat y - y) + \left(\frac{1}{2}\right)^{2} - (-q)"
    )


def test_texts_cannot_bring_tex_in() -> None:
    tex = compile_expression("t").substituted({"t": r"\input{a} & 50 % of_$x$ ~^"})
    assert tex == (
        r"\text{\textbackslash{}input\{a\} \& 50 \% of\_\$x\$ \textasciitilde{}\textasciicircum{}}"
    )
    assert escape_text("#\n") == r"\# "


@pytest.mark.parametrize(
    ("value", "shown", "tex"),
    [
        (Fraction(-3, 2), "-1.5", "-1.5"),
        (Fraction(1, 3), "0.333333", "0.333333"),
        (Decimal("0.1000"), "0.1", "0.1"),
        ((Fraction(1), Fraction(1, 4)), ("1", "0.25"), r"\begin{pmatrix} 1 \\ 0.25 \end{pmatrix}"),
        (True, "true", r"\text{true}"),
        ("a_b", "a_b", r"\text{a\_b}"),
    ],
)
def test_values_are_printed(value: Value, shown: object, tex: str) -> None:
    assert print_value(value) == shown
    assert shown_tex(value, print_value(value)) == tex


# TeX read back ----------------------------------------------------------------------------------


class TexReader:
    """Evaluates TeX of formulas as a strict reader would.

    Two operators in a row are an error, and so is a symbol in front of a parenthesis (which would
    be read as a function); a power binds tighter than a sign.
    """

    TOKEN = re.compile(
        r"\s*(\\left|\\right|\\[a-zA-Z]+|[0-9]+(?:\.[0-9]+)?|[a-z]_\{[0-9a-z]+\}|[a-z]|.)"
    )
    CLOSING = {"(": ")", "[": "]"}  # noqa: RUF012 - never changed
    SIGNS = ("+", "-", ")", "]", "}", ",", r"\rvert", r"\rfloor", r"\right", "<", ">", r"\le")

    def __init__(self, tex: str, symbols: Mapping[str, Fraction]) -> None:
        found: list[str] = self.TOKEN.findall(tex.strip())
        self.tokens = [token for token in found if token not in (r"\left", r"\right")]
        self.symbols, self.tex = symbols, tex

    def read(self) -> Fraction:
        value = self.sum()
        assert not self.tokens, f"{self.tokens} is left of {self.tex}"
        return value

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *expected: str) -> str:
        token = self.tokens.pop(0)
        assert not expected or token in expected, f"{token} in {self.tex}, not {expected}"
        return token

    def sum(self) -> Fraction:
        if self.peek() == "-":
            self.take()
            value = -self.product()
        else:
            value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> Fraction:
        value = self.power()
        while self.peek() not in ("", *self.SIGNS):
            if self.peek() == r"\cdot":
                self.take()
            value *= self.power()
        return value

    def power(self) -> Fraction:
        base = self.atom()
        if self.peek() == "^":
            self.take()
            self.take("{")
            exponent = self.sum()
            self.take("}")
            assert exponent.denominator == 1
            base = base ** int(exponent)
            assert self.peek() != "^", "two superscripts"
        return base

    def atom(self) -> Fraction:
        token = self.take()
        if token in self.CLOSING:
            value = self.sum()
            self.take(self.CLOSING[token])
        elif token == r"\frac":
            value = self.argument() / self.argument()
            assert self.peek() != "^", "a fraction under a power"
        elif token in (r"\max", r"\min"):
            value = (max if token == r"\max" else min)(self.listed())
        elif token == r"\lvert":
            value = abs(self.sum())
            self.take(r"\rvert")
        elif token == r"\lfloor":
            value = Fraction(self.sum().__floor__())
            self.take(r"\rfloor")
        elif token == r"\mathbf":
            value = self.indicator()
        elif token in self.symbols:
            value = self.symbols[token]
            assert self.peek() not in self.CLOSING, f"{token} looks like a function in {self.tex}"
        else:
            assert token[0].isdigit(), f"{token} in {self.tex}"
            assert not self.peek()[:1].isdigit(), "a number beside a number"
            value = Fraction(token)
        return value

    def argument(self) -> Fraction:
        self.take("{")
        value = self.sum()
        self.take("}")
        return value

    def listed(self) -> list[Fraction]:
        self.take("(")
        found = [self.sum()]
        while self.take(",", ")") == ",":
            found.append(self.sum())
        return found

    def indicator(self) -> Fraction:
        for expected in ("{", "1", "}", "["):
            self.take(expected)
        left, relation, right = self.sum(), self.take("<", ">", r"\le"), self.sum()
        self.take("]")
        holds = {"<": left < right, ">": left > right, r"\le": left <= right}[relation]
        return Fraction(int(holds))


NAMES = ("a", "b", "w11", "k")
SYMBOLS = {"a": "a", "b": "b", "w11": "w_{11}", "k": "k"}

quarters = st.integers(-12, 12).map(lambda number: Fraction(number, 4))
leaves = st.sampled_from([*NAMES, *NAMES, "0", "1", "2", "0.5", "10"])


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operands = st.one_of(inner, inner.map("({})".format))
    return st.one_of(
        st.tuples(operands, st.sampled_from(["+", "-", "*", "*", "/"]), operands).map(" ".join),
        st.tuples(operands, st.sampled_from(["0", "1", "2", "-1", "(1 - 2)"])).map(
            lambda pair: f"({pair[0]})**{pair[1]}"
        ),
        st.tuples(leaves, st.sampled_from(["**2", "**-1"])).map("".join),
        operands.map("-{}".format),
        inner.map("relu({})".format),
        inner.map("abs({})".format),
        inner.map("floor({})".format),
        st.tuples(inner, inner).map(lambda pair: f"max({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"min({pair[0]}, {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"indicator({pair[0]} <= {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"sum([{pair[0]}, {pair[1]}])"),
        st.tuples(inner, inner).map(lambda pair: f"dot([a, {pair[0]}], [{pair[1]}, b])"),
        st.tuples(inner, inner, inner).map(lambda all_: "({} if {} > 0 else {})".format(*all_)),
    )


sources = st.recursive(leaves, combine, max_leaves=9)
drawn = st.fixed_dictionaries(dict.fromkeys(NAMES, quarters))
HALF = dict.fromkeys(NAMES, Fraction(-1, 2))


@settings(max_examples=300, deadline=None)
@given(sources, drawn)
@example("a - (b - (k - a))", HALF)
@example("(-a)**2 * -b", HALF)
@example("-a**2", HALF)
@example("a * (b / k) * (b + 1) / (a - 1)", HALF)
@example("((a**2)**2)**2", HALF)
@example("(a/b)**2", HALF)
@example("a * -b - -k * -1", HALF)
@example("2 * 10 * 2 ** 2", HALF)
def test_numbers_in_tex_have_the_value_of_the_expression(
    source: str, numbers: dict[str, Fraction]
) -> None:
    expression = compile_expression(source)
    try:
        value = expression.evaluate(numbers)
    except EvaluationError:
        assume(False)
    tex = expression.substituted(numbers)
    assert TexReader(tex, {}).read() == value


@settings(max_examples=200, deadline=None)
@given(sources.filter(lambda source: " if " not in source), drawn)
@example("a * (b + 1)", HALF)
@example("k*k*w11 + a*a", HALF)
@example("a * -b", HALF)
def test_symbols_in_tex_have_the_value_of_the_expression(
    source: str, numbers: dict[str, Fraction]
) -> None:
    expression = compile_expression(source)
    try:
        value = expression.evaluate(numbers)
    except EvaluationError:
        assume(False)
    environment = {SYMBOLS[name]: number for name, number in numbers.items()}
    assert TexReader(expression.symbolic(), environment).read() == value


def combine_smoothly(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "*", "/"]), inner).map(
            lambda parts: "({}) {} ({})".format(*parts)
        ),
        inner.map("(@ * ({}))**-2".format),
        inner.map("(@ - ({}))**2".format),
        inner.map("-({})".format),
        st.tuples(inner, inner).map(lambda pair: "sum([{}, {}])".format(*pair)),
        st.tuples(inner, inner).map(lambda pair: "dot([@, {}], [{}, @])".format(*pair)),
    )


def without_pair(tokens: list[str], begin: int) -> list[str]:
    depth = 0
    for end in range(begin, len(tokens)):
        depth += (tokens[end] in "([") - (tokens[end] in ")]")
        if not depth:
            return tokens[:begin] + tokens[begin + 1 : end] + tokens[end + 1 :]
    raise AssertionError("no closing parenthesis")


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.just("@"), combine_smoothly, max_leaves=7))
def test_no_pair_of_parentheses_can_be_left_out(template: str) -> None:
    # Each name once, with unlike values: without a pair that is needed the value must change.
    count = template.count("@")
    names = [f"x{number}" for number in range(count)]
    source = template.replace("@", "{}").format(*names)
    numbers = {
        name: Fraction((-1) ** number * (7 * number + 3), 2 * number + 5)
        for number, name in enumerate(names)
    }
    symbols = {default_symbol(name): number for name, number in numbers.items()}
    reader = TexReader(compile_expression(source).symbolic(), symbols)
    tokens, value = list(reader.tokens), reader.read()
    assert value == compile_expression(source).evaluate(dict(numbers))
    for begin in [index for index, token in enumerate(tokens) if token in "(["]:
        other = TexReader("", symbols)
        other.tokens = without_pair(tokens, begin)
        try:
            assert other.read() != value, f"{reader.tex}: parentheses to spare"
        except AssertionError as error:
            if "to spare" in str(error):
                raise
        except (IndexError, ZeroDivisionError):
            continue


@given(quarters)
def test_a_negative_number_stands_alone_only_at_the_beginning(number: Fraction) -> None:
    shown = format_number(number)
    wrapped = f"({shown})" if number < 0 else shown
    tex = compile_expression("a + a*a - a").substituted({"a": number})
    assert tex == rf"{shown} + {wrapped} \cdot {wrapped} - {wrapped}"


@pytest.mark.parametrize(
    ("source", "tex"),
    [
        ("sum([k**2 for k in range(a, b + 1)])", r"\sum_{k = a}^{b} k^{2}"),
        ("sum([k for k in range(n)])", r"\sum_{k = 0}^{n - 1} k"),
        ("sum(k for k in range(1, 6))", r"\sum_{k = 1}^{5} k"),
        ("sum([k for k in range(n) if k > 2])", r"\sum_{k \in \operatorname{range}(n),\, k > 2} k"),
    ],
)
def test_a_sum_over_a_range_has_limits(source: str, tex: str) -> None:
    assert compile_expression(source).symbolic({}) == tex


def test_sets_are_in_braces() -> None:
    values: dict[str, Value] = {"s": (Fraction(2), Fraction(5)), "t": (Fraction(1), Fraction(5))}
    worked = compile_expression("union(s, without(t, s))").worked(values, "u")
    assert worked.tex == (
        r"u = s \cup \left(t \setminus s\right) = \{2, 5\} \cup "
        r"\left(\{1, 5\} \setminus \{2, 5\}\right) = \{1, 2, 5\}"
    ).replace(r"\left(", "(").replace(r"\right)", ")")


def test_a_row_of_a_matrix_is_added_number_by_number() -> None:
    rows = {"n": ((Fraction(1), Fraction(2)), (Fraction(3), Fraction(4)))}
    assert compile_expression("sum(n[1])").substituted(rows) == "3 + 4"
    assert compile_expression("mean(n[0])").substituted(rows) == r"\frac{1 + 2}{2}"


def test_nothing_is_no_negative_number() -> None:
    assert compile_expression("-b").substituted({"b": Fraction(0)}) == "0"
    assert compile_expression("a*(-b)").substituted({"a": Fraction(3), "b": Fraction(0)}) == (
        r"3 \cdot 0"
    )
