"""The maximum of a small penalised likelihood: log odds = base + shift + exponent x log lift."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ranking.tables import table

Column = NDArray[np.float64]
_STEPS, _STILL = 60, 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """Shift and exponent with their covariance: variance, covariance, variance."""

    shift: float
    exponent: float
    covariance: tuple[float, float, float]

    @property
    def exponent_error(self) -> float:
        """The standard deviation of the exponent."""
        return math.sqrt(self.covariance[2])


def maximum(x: Column, y: Column, base: float, start: tuple[float, float] = (0.0, 1.0)) -> Maximum:
    """Return the maximum for log lifts ``x`` and wins ``y`` with the base rate's log odds ``base``.

    The priors are N(0, base_spread) of the shift and N(1, exponent_spread) of the exponent (``chance.toml``).
    Where the exponent would be negative it is 0: curves that mislead are not used upside down.
    """
    shift, exponent = _newton(x, y, base, start=start)
    if exponent < 0:
        shift, exponent = _newton(x, y, base, start=(shift, 0.0), fixed=True)
    s, b, e = _information(x, _chances(x, base, shift, exponent))
    area = s * e - b * b
    return Maximum(shift=shift, exponent=exponent, covariance=(e / area, -b / area, s / area))


def _newton(
    x: Column, y: Column, base: float, *, start: tuple[float, float], fixed: bool = False
) -> tuple[float, float]:
    # The penalised likelihood is strictly concave; a step is halved until it does not lower it.
    shift, exponent = start
    height = _height(x, y, base, shift, exponent)
    rules = table("chance")["learning"]
    for _ in range(_STEPS):
        p = _chances(x, base, shift, exponent)
        s, b, e = _information(x, p)
        slope_s = float(np.sum(y - p)) - shift / rules["base_spread"] ** 2
        slope_e = float(x @ (y - p)) - (exponent - 1) / rules["exponent_spread"] ** 2
        area = s * e - b * b
        step_s, step_e = (
            (slope_s / s, 0.0)
            if fixed
            else ((e * slope_s - b * slope_e) / area, (s * slope_e - b * slope_s) / area)
        )
        while (higher := _height(x, y, base, shift + step_s, exponent + step_e)) < height - _STILL:
            step_s, step_e = step_s / 2, step_e / 2
        shift, exponent, height = shift + step_s, exponent + step_e, higher
        if abs(step_s) + abs(step_e) < _STILL:
            break
    return shift, exponent


def _chances(x: Column, base: float, shift: float, exponent: float) -> Column:
    chances: Column = 1 / (1 + np.exp(-(base + shift + exponent * x)))
    return chances


def _height(x: Column, y: Column, base: float, shift: float, exponent: float) -> float:
    rules = table("chance")["learning"]
    eta = base + shift + exponent * x
    likelihood = float(np.sum(y * eta - np.logaddexp(0, eta)))
    return float(
        likelihood
        - (shift / rules["base_spread"]) ** 2 / 2
        - ((exponent - 1) / rules["exponent_spread"]) ** 2 / 2
    )


def _information(x: Column, p: Column) -> tuple[float, float, float]:
    rules, weight = table("chance")["learning"], p * (1 - p)
    s = float(np.sum(weight)) + 1 / rules["base_spread"] ** 2
    e = float(weight @ (x * x)) + 1 / rules["exponent_spread"] ** 2
    return s, float(weight @ x), e
