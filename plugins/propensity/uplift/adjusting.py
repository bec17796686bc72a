"""The average effect where treated and control customers differ: augmented inverse probability weighting.

Robins, J. M., Rotnitzky, A. & Zhao, L. P. (1994). Estimation of regression coefficients when some regressors
are not always observed. *JASA* 89(427), 846–866. The estimate is right if either the model of who is treated
or the models of the outcomes are. Each row is predicted by models that did not see it (Chernozhukov, V. et
al. (2018), Double/debiased machine learning, *The Econometrics Journal* 21(1), C1–C68).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.uplift.contamination import Effect, Z

Floats = NDArray[np.float64]

FOLDS = 5
CLIP = 0.02
"""Least probability of either arm: weights of more than 50 are cut."""
MOST_ROWS = 50_000
"""Rows that the models of an estimate learn from; the first ones of a canonical order are a random sample."""


def doubly_robust(matrix: Floats, treated: NDArray[np.bool_], outcome: NDArray[np.bool_]) -> Effect | None:
    """The effect and its 95 % interval; None if an arm or an outcome is too rare to be modelled in each fold.

    Args:
        matrix: ``(n, width)`` of features, finite.
        treated, outcome: ``(n,)``.
    """
    matrix, treated, outcome = matrix[:MOST_ROWS], treated[:MOST_ROWS], outcome[:MOST_ROWS]
    spread = matrix.std(axis=0)
    known = spread > 0
    x = (matrix[:, known] - matrix[:, known].mean(axis=0)) / spread[known]
    # Curves: squares of the columns that are no flags.
    squares = x[:, [len(np.unique(column)) > 2 for column in x.T]] ** 2
    x = np.hstack([x, squares])
    fold = np.arange(len(x)) % FOLDS
    influence = np.empty(len(x))
    for number in range(FOLDS):
        here, rest = fold == number, fold != number
        chance = _probability(x[rest], treated[rest], x[here])
        arms = [
            _probability(x[rest & (treated == arm)], outcome[rest & (treated == arm)], x[here])
            for arm in (False, True)
        ]
        if chance is None or arms[0] is None or arms[1] is None:
            return None
        e, t, y = np.clip(chance, CLIP, 1 - CLIP), treated[here], outcome[here].astype(float)
        influence[here] = arms[1] - arms[0] + t * (y - arms[1]) / e - ~t * (y - arms[0]) / (1 - e)
    value = float(influence.mean())
    half = Z * float(influence.std(ddof=1)) / np.sqrt(len(influence))
    return Effect(value, max(-1.0, value - half), min(1.0, value + half))


def _probability(x: Floats, labels: NDArray[np.bool_], to_predict: Floats) -> Floats | None:
    """Of a logistic regression with a ridge; None with fewer than two labels of each kind."""
    from sklearn.linear_model import LogisticRegression

    if min(int(labels.sum()), int((~labels).sum())) < 2:
        return None
    model = LogisticRegression(C=1.0, max_iter=500).fit(x, labels)
    return np.asarray(model.predict_proba(to_predict)[:, 1])
