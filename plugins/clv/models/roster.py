"""The models of purchases that compete: a file and a line each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from plugins.clv.models import bgnbd, paretonbd
from plugins.clv.models.fitting import NotFitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PurchaseModel(Protocol):
    """A fitted model of how often customers buy and whether they still do: a named tuple of its parameters,
    which are stored by name."""

    @property
    def parameters(self) -> Floats:
        """(k,) positive parameters."""

    @property
    def log_likelihood(self) -> float:
        """At the maximum."""

    @property
    def covariance(self) -> Floats:
        """(k, k) of the logarithms of the parameters."""

    def draws(self, count: int, chance: np.random.Generator) -> Sequence[PurchaseModel]:
        """Models with parameters from their asymptotic distribution."""

    def p_alive(self, frequency: Ints | Floats, recency: Floats, T: Floats) -> Floats:
        """Probability of being alive at T, shape ``(n,)``."""

    def expected_purchases(
        self, t: float | Floats, frequency: Ints | Floats, recency: Floats, T: Floats
    ) -> Floats:
        """Purchases in the time t after T, shape ``(n,)``."""

    def median_wait(self, alive: Floats, frequency: Ints | Floats, T: Floats) -> Floats:
        """Time after T by which a customer has bought again with probability 1/2; NaN if never."""

    def draw_purchases(
        self, chance: np.random.Generator, past: tuple[Floats, Floats, Floats], t: Floats
    ) -> Floats:
        """One draw of every customer's purchases in the time t after T, shape ``(n,)``."""

    def _asdict(self) -> dict[str, Any]:
        """The fields by name."""


class Kind(NamedTuple):
    """A kind of model.

    Attributes:
        fit: (frequency, recency, T) to a model.
        model: the class of the fitted models; takes the fields that were stored.
        parameters: how many it has.
    """

    fit: Callable[[Ints | Floats, Floats, Floats], PurchaseModel | NotFitted]
    model: Callable[..., PurchaseModel]
    parameters: int


BG_NBD = "BG_NBD_GG"
PURCHASE_MODELS: Mapping[str, Kind] = {
    BG_NBD: Kind(bgnbd.fit, bgnbd.BgNbd, 4),
    "MBG_NBD_GG": Kind(partial(bgnbd.fit, kind=bgnbd.MbgNbd), bgnbd.MbgNbd, 4),
    "Pareto_NBD_GG": Kind(paretonbd.fit, paretonbd.ParetoNbd, 4),
}
"""By the name of the algorithm in requests and answers; Gamma-Gamma gives the value of an order in each."""
BY_PREFERENCE = ("MBG_NBD_GG", "Pareto_NBD_GG", BG_NBD)
"""Whose probability of being a customer counts where the answering model has none: BG/NBD comes last, because
it holds every one-time buyer to be alive."""
