"""What will a customer do, of several things? One model says whether there is a response, others say which.

P(no response) is 1 − p of the yes-or-no model, and P(class) = p · q, where q is the class among those who
responded: a model per class, fitted on them alone, scaled to a sum of 1 (a nested dichotomy; Frank & Kramer
2004, "Ensembles of nested dichotomies for multi-class problems"). A class with too few rows has its share.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from abintel.endpoint import Fit, Training
from plugins.propensity.classifier import automl
from plugins.propensity.classifier.scorer import Scorer
from plugins.propensity.classifier.training import LABELS_NEEDED, training
from plugins.propensity.features.columns import Row
from plugins.propensity.features.fingerprint import Labelled, canonical

FILE = "responses.json"
MOST_CLASSES = 20


class Responses(NamedTuple):
    """From rows of features to a probability of each class.

    Attributes:
        scorer: whether there is a response.
        no_response: name of the class that is none.
        names: of the other classes, commonest first.
        shares: of these among the responses of the training rows.
        among: for each, the model of it among the responses; None if it has too few rows.
    """

    scorer: Scorer
    no_response: str
    names: tuple[str, ...]
    shares: tuple[float, ...]
    among: tuple[Scorer | None, ...]

    def by_class(self, rows: Sequence[Row], responding: Sequence[float]) -> list[dict[str, float]]:
        """The probability of each class, for each row.

        Args:
            rows: ``n`` rows of features.
            responding: ``n`` probabilities of a response, by ``scorer``.
        """
        columns = self.scorer.design.read(rows).columns
        each = [
            np.full(len(rows), share) if model is None else model.probability(columns)
            for share, model in zip(self.shares, self.among, strict=True)
        ]
        # Never 0 for all classes: a model's probability may round to 0.
        weights = np.maximum(np.column_stack(each), 1e-12)
        parts = weights / weights.sum(axis=1, keepdims=True) * np.asarray(responding)[:, None]
        return [
            {self.no_response: 1 - whole, **dict(zip(self.names, part, strict=True))}
            for whole, part in zip(responding, parts.tolist(), strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Writes the files into a folder: the first model as always, those among the responses below it."""
        self.scorer.save(folder)
        for number, model in enumerate(self.among):
            if model is not None:
                (folder / f"class-{number}").mkdir()
                model.save(folder / f"class-{number}")
        stored = {
            "no_response": self.no_response,
            "names": self.names,
            "shares": self.shares,
            "modelled": [model is not None for model in self.among],
        }
        (folder / FILE).write_text(json.dumps(stored, ensure_ascii=True, indent=1), encoding="ascii")

    @classmethod
    def load(cls, folder: Path) -> Responses:
        """Reads the files that :meth:`save` wrote.

        Raises:
            ValueError: a file is missing or damaged.
        """
        try:
            stored = json.loads((folder / FILE).read_text(encoding="ascii"))
        except (OSError, ValueError, RecursionError):
            raise ValueError(f"{FILE} is missing or damaged") from None
        match stored:
            case {
                "no_response": str(none),
                "names": [*names],
                "shares": [*shares],
                "modelled": [*modelled],
            } if (
                len(names) == len(shares) == len(modelled) > 0
                and all(isinstance(name, str) for name in names)
                and all(type(share) is float and 0 < share <= 1 and math.isfinite(share) for share in shares)
            ):
                among = tuple(
                    Scorer.load(folder / f"class-{number}") if known else None
                    for number, known in enumerate(modelled)
                )
                return cls(Scorer.load(folder), none, tuple(names), tuple(shares), among)
        raise ValueError(f"{FILE} is damaged")


class _Customer(NamedTuple):
    features: Row
    responded: int | None


class _Request(NamedTuple):
    customers: tuple[_Customer, ...]


def save(model: Scorer | Responses, folder: Path) -> None:
    """Writes a model of either kind."""
    model.save(folder)


def load(folder: Path) -> Scorer | Responses:
    """Reads what :func:`save` wrote.

    Raises:
        ValueError: a file is missing or damaged.
    """
    return Responses.load(folder) if (folder / FILE).exists() else Scorer.load(folder)


def score(model: Scorer | Responses, rows: Sequence[Row]) -> list[float]:
    """Probability of a response, of each row."""
    scores: list[float] = (model.scorer if isinstance(model, Responses) else model).score(rows).tolist()
    return scores


def names(labels: Sequence[Any], no_response: str | None) -> tuple[str, tuple[str, ...]]:
    """The class that is no response, the most frequent if none is named, and the others, commonest first.

    >>> names(["none", "buy", "none", "click", "click", "none"], None)
    ('none', ('click', 'buy'))
    """
    counts = Counter(labels)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    none = ranked[0] if no_response is None else no_response
    return none, tuple(name for name in ranked if name != none)


def response_training(request: Any, *, label: str, question: str) -> Training | None:
    """The training that labels of 0 and 1, or of names, allow.

    Raises:
        Problem: 400, the labels suffice and the features do not.
    """
    sent = [getattr(customer, label) for customer in request.customers]
    known = [value for value in sent if value is not None]
    if not any(isinstance(value, str) for value in known):
        return training(request, label=label, question=question)
    none, others = names(known, request.no_response)
    customers = tuple(
        _Customer(customer.features, None if value is None else int(value != none))
        for customer, value in zip(request.customers, sent, strict=True)
    )
    allowed = training(_Request(customers), label="responded", question=question)
    if allowed is None:
        return None
    code_of = {name: code for code, name in enumerate((none, *others))}
    labelled = [one.features for one in customers if one.responded is not None]
    data = canonical(labelled, [code_of[value] for value in known])
    digest = hashlib.sha256(json.dumps([none, *others, data.fingerprint]).encode()).hexdigest()

    def fit() -> Fit:
        fitted = allowed.fit()
        model = _responses(fitted.model, data, none, others)
        counts = {name: int((data.labels == code).sum()) for name, code in code_of.items()}
        info = {**fitted.info, "no_response": none, "classes": counts}
        return dataclasses.replace(fitted, model=model, info=info)

    return dataclasses.replace(allowed, fingerprint=digest, fit=fit)


def _responses(scorer: Scorer, data: Labelled, none: str, others: tuple[str, ...]) -> Responses:
    """The models of the classes among those who responded, on the design of the first model."""
    responded = data.labels > 0
    codes = data.labels[responded]
    counts = np.bincount(codes, minlength=len(others) + 1)[1:]
    columns = {name: data.columns[name][responded] for name in scorer.design.names}

    def model(code: int) -> Scorer | None:
        labels: NDArray[np.int8] = (codes == code).astype(np.int8)
        if min(labels.sum(), len(labels) - labels.sum()) < LABELS_NEEDED:
            return None
        part = data._replace(columns=columns, labels=labels)
        # The first model's profile says whether customers have drifted.
        return automl.train(scorer.design, part).scorer._replace(profile=None)

    among = [model(code) for code in range(1, len(others) + 1)]
    return Responses(scorer, none, others, tuple((counts / counts.sum()).tolist()), tuple(among))
