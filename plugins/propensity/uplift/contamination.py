"""The average effect of a campaign of which a share of the control group was exposed by accident.

A share c of the controls behaved like treated customers: q = (1 − c) · p + c · y_t. So the rate without the
campaign is p = (q − c · y_t) / (1 − c). Control rows are weighted so that their rate becomes p.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Z = float(ndtri(0.975))
ONE_SIDED = float(ndtri(0.95))


class Effect(NamedTuple):
    """A difference of rates between treated and control customers, and its 95 % interval."""

    value: float
    lower_95: float
    upper_95: float


class Trial(NamedTuple):
    """What was observed.

    Attributes:
        counts: ``(4,)`` rows of each class, 2 · treatment + outcome.
        contamination: share c of the controls who were exposed, 0 ≤ c < 1.
    """

    counts: tuple[int, int, int, int]
    contamination: float

    @property
    def treated_rate(self) -> float:
        """y_t, as observed."""
        return self.counts[3] / (self.counts[2] + self.counts[3])

    @property
    def control_rate(self) -> float:
        """q, as observed."""
        return self.counts[1] / (self.counts[0] + self.counts[1])

    @property
    def corrected_rate(self) -> float:
        """p: the rate of unexposed controls, clipped to [0, 1].

        >>> round(Trial((78, 27, 38, 67), 0.15).corrected_rate, 4)
        0.1899
        """
        exposed = self.contamination * self.treated_rate
        return float(np.clip((self.control_rate - exposed) / (1 - self.contamination), 0.0, 1.0))

    @property
    def most_contamination(self) -> float:
        """The largest share that the rates allow: c · y_t ≤ q and c · (1 − y_t) ≤ 1 − q.

        >>> round(Trial((80, 20, 60, 40), 0.0).most_contamination, 3)
        0.5
        """
        treated, control = self.treated_rate, self.control_rate
        return min(
            control / treated if treated > 0 else 1.0,
            (1 - control) / (1 - treated) if treated < 1 else 1.0,
            1.0,
        )

    @property
    def ruled_out(self) -> bool:
        """Whether the rates rule the contamination out by more than chance."""
        share, treated, control = self.contamination, self.treated_rate, self.control_rate
        rows_t, rows_c = self.counts[2] + self.counts[3], self.counts[0] + self.counts[1]
        error = np.sqrt(share**2 * treated * (1 - treated) / rows_t + control * (1 - control) / rows_c)
        short = max(share * treated - control, share * (1 - treated) - (1 - control))
        return bool(share > self.most_contamination and short > ONE_SIDED * error)

    @property
    def weights(self) -> Floats:
        """``(4,)`` weight of a row of each class; a class without rows has 1."""
        p, q = self.corrected_rate, self.control_rate
        without = (1 - p) / (1 - q) if q < 1 else 1.0
        with_outcome = p / q if q > 0 else 1.0
        return np.array([without, with_outcome, 1.0, 1.0])

    def effect(self) -> Effect:
        """The average treatment effect.

        Unclipped it is (y_t − q) / (1 − c), and the interval is scaled alike. Where p is clipped, the
        interval is widened to contain the effect.
        """
        control, treated = self.counts[0] + self.counts[1], self.counts[2] + self.counts[3]
        plain = newcombe(self.treated_rate, treated, self.control_rate, control)
        value = self.treated_rate - self.corrected_rate
        lower, upper = np.clip(np.array(plain[1:]) / (1 - self.contamination), -1.0, 1.0).tolist()
        return Effect(value, min(lower, value), max(upper, value))


def newcombe(treated_rate: float, treated: float, control_rate: float, control: float) -> Effect:
    """Difference of two rates with the 95 % interval of Newcombe (1998, method 10), valid for 0 and 1 too.

    Table II there, row (a): 56 of 70 against 48 of 80 gives 0.2, from 0.0524 to 0.3339.

    >>> [round(figure, 4) for figure in newcombe(56 / 70, 70, 48 / 80, 80)]
    [0.2, 0.0524, 0.3339]

    Args:
        treated_rate, control_rate: each between 0 and 1.
        treated, control: how many rows each is of, more than 0; a fraction for weighted rows.
    """
    value = treated_rate - control_rate
    lower_t, upper_t = _wilson(treated_rate, treated)
    lower_c, upper_c = _wilson(control_rate, control)
    below = np.hypot(treated_rate - lower_t, upper_c - control_rate)
    above = np.hypot(upper_t - treated_rate, control_rate - lower_c)
    return Effect(value, max(-1.0, value - float(below)), min(1.0, value + float(above)))


def observed(counts: Ints, weights: Floats) -> Effect | None:
    """The effect in a group of customers; None where an arm has no weight there.

    Args:
        counts: ``(4,)`` rows of each class.
        weights: ``(4,)`` their weights; an arm counts as many rows as its weights are worth (Kish 1965).
    """
    weighted = counts * weights
    control, treated = float(weighted[:2].sum()), float(weighted[2:].sum())
    if control <= 0 or treated <= 0:
        return None
    rows = control**2 / float((weighted[:2] * weights[:2]).sum())
    return newcombe(float(weighted[3]) / treated, treated, float(weighted[1]) / control, rows)


def _wilson(rate: float, rows: float) -> tuple[float, float]:
    centre = rate + Z * Z / (2 * rows)
    half = Z * float(np.sqrt(max(0.0, rate * (1 - rate)) / rows + Z * Z / (4 * rows * rows)))
    scale = 1 + Z * Z / rows
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
