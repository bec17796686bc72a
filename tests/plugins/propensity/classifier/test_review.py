"""What the reviewer sees."""

from __future__ import annotations

from plugins.propensity.classifier import review
from plugins.propensity.classifier.calibration import IDENTITY, Calibration
from plugins.propensity.classifier.platt import Platt
from tests.plugins.propensity.classifier.models import logistic_truth, trained

PNG = b"\x89PNG\r\n\x1a\n"


def test_pictures_and_card_survive_any_name_of_a_feature() -> None:
    rows, labels, _ = logistic_truth(60, seed=31)
    names = ["$\\frac{broken$", "a|b`c\nd", "long " * 40]
    outcome = trained([dict(zip(names, row.values(), strict=True)) for row in rows], labels)
    pictures = review.pictures(outcome)
    assert sorted(pictures) == ["calibration.png", "importance.png", "roc.png"]
    assert all(picture.startswith(PNG) for picture in pictures.values())
    card = review.card(
        outcome,
        question="the customer responds",
        labels=outcome.train_labels,
        dropped={"plan": "constant"},
        fingerprint="abc",
    )
    assert card.startswith(f"# {outcome.winner.name}: the customer responds\n")
    assert "| `a\\|b'c d` |" in card
    assert "| `plan` | constant |" in card
    assert "Data fingerprint `abc`." in card
    assert "Look at this first" not in card
    assert "| rows | predicted | observed |\n| --- | --- | --- |\n| " in card


def test_the_card_names_what_tells_the_classes_apart() -> None:
    rows, labels, _ = logistic_truth(60, seed=32)
    outcome = trained([{**row, "paid": label} for row, label in zip(rows, labels, strict=True)], labels)
    card = review.card(outcome, question="q", labels=outcome.train_labels, dropped={}, fingerprint="abc")
    assert "**Look at this first:** `paid` alone tells the classes apart." in card


def test_the_card_says_whether_the_probabilities_are_scaled() -> None:
    rows, labels, _ = logistic_truth(60, seed=33)
    outcome = trained(rows, labels)

    def said(calibration: Calibration) -> str:
        known = outcome._replace(calibration=calibration)
        return review.card(known, question="q", labels=outcome.train_labels, dropped={}, fingerprint="abc")

    scaled = outcome.calibration._replace(helps=True, platt=Platt(0.5, -0.25))
    assert "calibrated by Platt scaling (slope 0.5000, intercept -0.2500) on out-of-fold scores." in said(
        scaled
    )
    own = outcome.calibration._replace(helps=False, platt=IDENTITY)
    assert "Probabilities are the learner's own: Platt scaling does not make them better." in said(own)
