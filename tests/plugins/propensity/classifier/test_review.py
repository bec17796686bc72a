"""What the reviewer sees."""

from __future__ import annotations

import pytest

from plugins.propensity.classifier import review
from plugins.propensity.classifier.calibration import IDENTITY, Calibration
from plugins.propensity.classifier.pictures import pictures
from plugins.propensity.classifier.platt import Platt
from tests.abintel.charts.seen import texts
from tests.plugins.propensity.classifier.models import logistic_truth, trained


def test_pictures_and_card_survive_any_name_of_a_feature() -> None:
    rows, labels, _ = logistic_truth(60, seed=31)
    names = ["$\\frac{broken$", "a|b`c\nd", "long " * 40]
    outcome = trained([dict(zip(names, row.values(), strict=True)) for row in rows], labels)
    drawn = pictures(outcome)
    assert sorted(drawn) == [
        "calibration.svg",
        "confusion.svg",
        "gain.svg",
        "importance.svg",
        "precision-recall.svg",
        "roc.svg",
    ]
    said = {name: texts(picture) for name, picture in drawn.items()}
    winner = f"{outcome.winner.name} ({outcome.winner.roc_auc:.3f})"
    assert {"Ones found (%)", winner} <= {*said["roc.svg"]}
    assert {"Predicted (%)", "Observed (%)"} <= {*said["calibration.svg"]}
    assert any(text.startswith("Lift ") for text in said["gain.svg"])
    assert {"predicted 1", "observed 0"} <= {*said["confusion.svg"]}
    assert "$\\frac{broken$" in said["importance.svg"]
    card = review.card(
        outcome,
        question="the customer responds",
        labels=outcome.train_labels,
        described=[{"name": "a", "type": "date", "made_of": "dates", "missing_share": 0.5}],
        dropped={"plan": "constant"},
        fingerprint="abc",
    )
    assert card.startswith(f"# {outcome.winner.name}: the customer responds\n")
    assert "| `a\\|b'c d` |" in card
    assert "| `plan` | constant |" in card
    assert "| `a` | date | dates | 50.0% |" in card
    assert "Data fingerprint `abc`." in card
    assert "Look at this first" not in card
    assert "| rows | predicted | observed |\n| --- | --- | --- |\n| " in card


def test_the_card_names_what_tells_the_classes_apart() -> None:
    rows, labels, _ = logistic_truth(60, seed=32)
    outcome = trained([{**row, "paid": label} for row, label in zip(rows, labels, strict=True)], labels)
    card = review.card(
        outcome, question="q", labels=outcome.train_labels, described=[], dropped={}, fingerprint="abc"
    )
    assert "**Look at this first:** `paid` alone tells the classes apart." in card


def test_the_card_says_whether_the_probabilities_are_scaled() -> None:
    rows, labels, _ = logistic_truth(60, seed=33)
    outcome = trained(rows, labels)

    def said(calibration: Calibration) -> str:
        known = outcome._replace(calibration=calibration)
        return review.card(
            known, question="q", labels=outcome.train_labels, described=[], dropped={}, fingerprint="abc"
        )

    scaled = outcome.calibration._replace(helps=True, platt=Platt(0.5, -0.25))
    assert "calibrated by Platt scaling (slope 0.5000, intercept -0.2500) on out-of-fold scores." in said(
        scaled
    )
    own = outcome.calibration._replace(helps=False, platt=IDENTITY)
    assert "Probabilities are the learner's own: Platt scaling does not make them better." in said(own)


def test_the_training_profile_is_a_table_of_every_bin() -> None:
    rows, labels, _ = logistic_truth(60, seed=34)
    named = [
        {**row, "channel": ["a,b", "sms", None][number % 3], "few": number % 2}
        for number, row in enumerate(rows)
    ]
    table = [[str(cell) for cell in row] for row in review.profile_table(trained(named, labels).scorer)]
    assert table[:5] == [
        ["feature", "bin", "rows"],
        ["channel", "(missing)", "20"],
        ["channel", "a,b", "20"],
        ["channel", "sms", "20"],
        ["channel", "(other)", "0"],
    ]
    assert table[5:9] == [
        ["few", "up to 0", "30"],
        ["few", "up to 1", "30"],
        ["few", "above 1", "0"],
        ["few", "(missing)", "0"],
    ]
    assert sum(int(rows) for feature, _, rows in table[1:] if feature == "x0") == 60


@pytest.mark.parametrize("ones", [2, 25])
def test_few_rows_are_drawn_and_described_too(ones: int) -> None:
    rows, _, _ = logistic_truth(2 * ones, seed=35)
    outcome = trained(rows, [number % 2 for number in range(2 * ones)])
    assert all(picture.startswith(b"<svg") for picture in pictures(outcome).values())
    card = review.card(
        outcome, question="q", labels=outcome.train_labels, described=[], dropped={}, fingerprint="abc"
    )
    assert f"## Candidates ({min(ones, 5)}-fold cross-validation)" in card
    assert ("Too few rows to hold any out" in card) == (ones == 2)
    assert "95 % interval" in card
