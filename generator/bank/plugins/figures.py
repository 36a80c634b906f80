"""Coordinates and labels of figures, computed from what was drawn for a copy.

A figure's TeX file (``latex/figures``) decides how it looks; a function here says where its lines
go. It is pure: the same values give the same texts on every machine. Noise comes from HMAC-SHA256
over the values, and curves are computed in ``Decimal``, not in binary floating point, whose
exponential may differ between systems in the last digit.

All lengths are millimeters in the coordinate system of the figure.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from generator.exact.numbers import Value, exact, format_number

FigureFunction = Callable[[Mapping[str, Value]], Mapping[str, str]]
Point = tuple[Decimal, Decimal]

FIGURES: dict[str, FigureFunction] = {}
"""The functions that ``compute:`` in a problem file can name."""

_ARITHMETIC = Context(prec=20)
_HUNDREDTH = Decimal("0.01")
_NOISE_KEY = b"exam-variants figure noise"


def figure(name: str) -> Callable[[FigureFunction], FigureFunction]:
    """Registers a function under the name that problem files use.

    The function gets the drawn values that the figure lists and returns the texts that TeX reads
    with ``\\FigureValue``, in addition to the values themselves.

    Raises:
        ValueError: Another function has this name.
    """

    def register(function: FigureFunction) -> FigureFunction:
        if name in FIGURES:
            raise ValueError(f"two figures are called {name!r}")

        def compute(values: Mapping[str, Value]) -> Mapping[str, str]:
            with localcontext(_ARITHMETIC):
                return function(values)

        FIGURES[name] = compute
        return compute

    return register


# --- Autoencoder ---------------------------------------------------------------------------------

BAR_HEIGHT_MM = Decimal(28)
_WIDEST_LAYER = Decimal(1024)


@figure("autoencoder")
def autoencoder(values: Mapping[str, Value]) -> Mapping[str, str]:
    """Half the heights of the bars that stand for the layers.

    The height grows with the square root of the width: in proportion, a code of 16 units would be
    a hairline beside an input of 1024.

    Args:
        values: The widths ``n_input``, ``n_hidden`` and ``n_code``, 1 to 1024 units.

    Returns:
        ``half_input``, ``half_hidden`` and ``half_code``, in mm.
    """
    return {
        f"half_{layer}": _millimeters(
            BAR_HEIGHT_MM / 2 * (_decimal(values[f"n_{layer}"]) / _WIDEST_LAYER).sqrt()
        )
        for layer in ("input", "hidden", "code")
    }


# --- Non-linearity -------------------------------------------------------------------------------

NONLINEARITY_WIDTH_MM = Decimal(44)
NONLINEARITY_RANGE = 10
_LOWER_LIMIT_MM, _UPPER_LIMIT_MM = Decimal(3), Decimal(25)


@figure("nonlinearity")
def nonlinearity(values: Mapping[str, Value]) -> Mapping[str, str]:
    """A sigmoid or a hyperbolic tangent of ``scale * x``, for x from -10 to 10.

    Both limits have the same place in all variants; what they are is said by the ticks.

    Args:
        values: ``function``, "sigmoid" or "tanh", and ``scale``, positive.

    Returns:
        ``curve``, and the texts ``tick_low``, ``tick_middle`` and ``tick_high`` at its limits and
        at its value for x = 0.
    """
    scale = _decimal(values["scale"])
    is_tanh = values["function"] == "tanh"
    if not is_tanh and values["function"] != "sigmoid":
        raise ValueError(f"expected sigmoid or tanh, got {values['function']!r}")
    steps = 160
    curve = []
    for step in range(steps + 1):
        share = Decimal(step) / steps
        x = (2 * share - 1) * NONLINEARITY_RANGE
        # tanh(a) = 2 sigmoid(2a) - 1: between its limits it has the shape of a sigmoid.
        height = _sigmoid(2 * scale * x if is_tanh else scale * x)
        y = _LOWER_LIMIT_MM + (_UPPER_LIMIT_MM - _LOWER_LIMIT_MM) * height
        curve.append((share * NONLINEARITY_WIDTH_MM, y))
    low, middle, high = ("$-1$", "$0$", "$1$") if is_tanh else ("$0$", "$0.5$", "$1$")
    return {
        "curve": _coordinates(curve),
        "tick_low": low,
        "tick_middle": middle,
        "tick_high": high,
    }


# --- Training accuracy under three learning rates ------------------------------------------------

ACCURACY_EPOCHS = 100
ACCURACY_WIDTH_MM = Decimal(110)
ACCURACY_HEIGHT_MM = Decimal(40)
_CHANCE = Decimal("0.1")


@dataclass(frozen=True)
class TrainingRun:
    """A training run: its accuracy rises from chance and levels off.

    Attributes:
        level: The accuracy at which it levels off.
        time: Epochs after which it has covered 63 % of the way.
        noise: Largest size of the noise, as accuracy.
    """

    level: Decimal
    time: Decimal
    noise: Decimal


def _run(level: str, time: str, noise: str) -> TrainingRun:
    return TrainingRun(Decimal(level), Decimal(time), Decimal(noise))


# The three runs of a shape tell one story, in speed and in level: the large rate is the fastest at
# first and ends lowest, because its steps are too long to settle (in the shapes with much noise it
# bounces); the small rate is the slowest and has converged in between; the good one ends highest.
RUNS: Mapping[int, Mapping[str, TrainingRun]] = {
    1: {
        "large": _run("0.50", "1.6", "0.050"),
        "good": _run("0.94", "9.5", "0.026"),
        "small": _run("0.72", "18.0", "0.014"),
    },
    2: {
        "large": _run("0.47", "1.4", "0.170"),
        "good": _run("0.92", "10.0", "0.026"),
        "small": _run("0.75", "19.0", "0.015"),
    },
    3: {
        "large": _run("0.55", "1.8", "0.055"),
        "good": _run("0.95", "9.0", "0.022"),
        "small": _run("0.77", "17.0", "0.014"),
    },
    4: {
        "large": _run("0.43", "1.4", "0.150"),
        "good": _run("0.90", "9.0", "0.028"),
        "small": _run("0.68", "17.0", "0.016"),
    },
    5: {
        "large": _run("0.46", "1.4", "0.045"),
        "good": _run("0.91", "10.0", "0.024"),
        "small": _run("0.66", "19.0", "0.014"),
    },
    6: {
        "large": _run("0.52", "1.6", "0.160"),
        "good": _run("0.95", "8.0", "0.024"),
        "small": _run("0.78", "17.5", "0.015"),
    },
    7: {
        "large": _run("0.57", "1.8", "0.050"),
        "good": _run("0.96", "9.5", "0.020"),
        "small": _run("0.80", "18.0", "0.013"),
    },
    8: {
        "large": _run("0.49", "1.5", "0.180"),
        "good": _run("0.93", "9.5", "0.026"),
        "small": _run("0.74", "19.0", "0.016"),
    },
}


@figure("training_curves")
def training_curves(values: Mapping[str, Value]) -> Mapping[str, str]:
    """Three curves of training accuracy, one for each learning rate.

    Args:
        values: ``large``, ``good`` and ``small``, the labels A, B and C in some order; ``shape``,
            the key into ``RUNS``.

    Returns:
        ``curve_A``, ``curve_B`` and ``curve_C``, a point per epoch, and ``end_A`` and so on, the
        height at which a curve levels off, for its label.
    """
    runs = RUNS[int(exact(_number(values["shape"])))]
    texts = {}
    for rate, run in runs.items():
        accuracy = accuracy_curve(run, _noise("training_curves", values, rate))
        label = values[rate]
        texts[f"curve_{label}"] = _coordinates(
            (ACCURACY_WIDTH_MM * epoch / ACCURACY_EPOCHS, ACCURACY_HEIGHT_MM * height)
            for epoch, height in enumerate(accuracy)
        )
        texts[f"end_{label}"] = _millimeters(ACCURACY_HEIGHT_MM * run.level)
    return texts


def accuracy_curve(run: TrainingRun, noise: Callable[[int], Decimal]) -> Sequence[Decimal]:
    """Accuracies of a run at the end of each epoch, from epoch 0 on.

    Args:
        run: Its level, speed and noise.
        noise: Noise of an epoch between -1 and 1.
    """
    accuracies, drift = [], Decimal(0)
    for epoch in range(ACCURACY_EPOCHS + 1):
        rise = 1 - (-epoch / run.time).exp()
        # Neighboring epochs resemble each other; noise grows as the run leaves chance level.
        drift = drift * 2 / 5 + noise(epoch) * 3 / 5
        accuracies.append(_CHANCE + (run.level - _CHANCE) * rise + run.noise * drift * rise)
    return accuracies


# --- Training loss that falls in steps -----------------------------------------------------------

LOSS_EPOCHS = 100
LOSS_WIDTH_MM = Decimal(120)
LOSS_HEIGHT_MM = Decimal(35)
LOSS_TOP = Decimal("2.5")
_POINTS_PER_EPOCH = 2
_FIRST_LOSS = Decimal("2.3")
_LOSS_LEVELS = {
    2: [Decimal(level) for level in ("1.20", "0.58", "0.30")],
    3: [Decimal(level) for level in ("1.35", "0.78", "0.45", "0.27")],
}


@figure("loss_steps")
def loss_steps(values: Mapping[str, Value]) -> Mapping[str, str]:
    """A training loss that levels off and drops again at some epochs.

    Args:
        values: ``decay_epochs``, two or three epochs between 0 and 100, e.g. "30, 60".

    Returns:
        ``curve``, two points per epoch.
    """
    drops = [int(epoch) for epoch in str(values["decay_epochs"]).split(",")]
    levels = _LOSS_LEVELS[len(drops)]
    noise = _noise("loss_steps", values, "loss")
    points, phase, start, before = [], 0, Decimal(0), _FIRST_LOSS
    for index in range(LOSS_EPOCHS * _POINTS_PER_EPOCH + 1):
        epoch = Decimal(index) / _POINTS_PER_EPOCH
        if phase < len(drops) and epoch > drops[phase]:
            start, before, phase = Decimal(drops[phase]), levels[phase], phase + 1
        # The first descent takes some epochs; a drop is over after one or two.
        time = Decimal("4.5") if phase == 0 else Decimal("0.9")
        level = levels[phase] + (before - levels[phase]) * ((start - epoch) / time).exp()
        loss = level * (1 + noise(index) * Decimal("0.07"))
        points.append((LOSS_WIDTH_MM * epoch / LOSS_EPOCHS, LOSS_HEIGHT_MM * loss / LOSS_TOP))
    return {"curve": _coordinates(points)}


# --- What they share -----------------------------------------------------------------------------


def _noise(name: str, values: Mapping[str, Value], curve: str) -> Callable[[int], Decimal]:
    """Noise between -1 and 1 for each index, fixed by the figure's name and values."""
    drawn = "".join(f"{key}={_text(value)};" for key, value in sorted(values.items()))

    def at(index: int) -> Decimal:
        message = f"{name};{drawn}{curve};{index}".encode()
        digest = hmac.digest(_NOISE_KEY, message, "sha256")
        # The mean of four even numbers: small noise is common and large noise rare.
        return Decimal(sum(struct.unpack(">4Q", digest))) / (2 * 2**64) - 1

    return at


def _sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def _number(value: Value) -> Decimal | Fraction:
    if isinstance(value, Decimal | Fraction):
        return value
    raise TypeError(f"expected a number, got {value!r}")


def _decimal(value: Value) -> Decimal:
    fraction = exact(_number(value))
    return Decimal(fraction.numerator) / fraction.denominator


def _text(value: Value) -> str:
    return value if isinstance(value, str) else format_number(_number(value))


def _millimeters(length: Decimal) -> str:
    """A length with two decimals, which are a hundredth of a millimeter.

    It is ``format_number(length, decimals=2)`` without fractions: curves have thousands of points.
    """
    return f"{length.quantize(_HUNDREDTH) + 0:f}"  # + 0: not -0.00


def _coordinates(points: Iterable[Point]) -> str:
    """Points as TikZ reads them after ``plot coordinates``."""
    return " ".join(f"({_millimeters(x)},{_millimeters(y)})" for x, y in points)
