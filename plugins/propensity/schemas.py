"""What the bodies and answers of all propensity routes have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from abintel.answer import Answer
from abintel.fields import Body, FeatureValue, Identifier

Tier = Literal["Very High", "High", "Medium", "Low", "Very Low"]
TIERS: tuple[Tier, ...] = ("Very High", "High", "Medium", "Low", "Very Low")
DEFAULT_CUT_OFFS = (0.9, 0.7, 0.4, 0.2)

CutOff = Annotated[float, Field(gt=0, lt=1)]


class PropensityCustomer(Body):
    """A customer to score; each route adds its label."""

    customer_id: Identifier = Field(
        description="Your key of the customer, once per request; hash it if you prefer."
    )
    features: dict[Identifier, FeatureValue] = Field(
        description="Feature name to a number, a category (text), a boolean or null. "
        "Dates, and numbers as text, are read as such. A feature may be missing for some customers: the "
        "model learns what that means. A flag or count that is sent only where it applies is 0 elsewhere."
    )


def label_field(act: str) -> Any:
    """The field of a label.

    Args:
        act: what a customer with label 1 did, such as ``bought the product``.
    """
    description = f"1 if the customer {act}, 0 if not; absent or null where that is not known."
    return Field(None, description=description)


def customers_field() -> Any:
    """The field of the customers to score."""
    description = "Customers to score; a model is trained if at least 20 have label 1 and 20 have label 0."
    return Field(min_length=1, description=description)


class PropensityRequest(Body):
    """What every route takes besides the scope of its model."""

    tier_quantiles: list[CutOff] = Field(
        list(DEFAULT_CUT_OFFS),
        min_length=4,
        max_length=4,
        description="Lowest probability of the tiers Very High, High, Medium and Low, descending.",
    )


class PropensityPrediction(BaseModel):
    """One customer's score."""

    customer_id: str = Field(description="As sent.")
    probability: float | None = Field(
        ge=0, le=1, description="Calibrated probability of label 1; null while there is no model."
    )
    propensity_tier: Tier = Field(description="Band of the probability; not translated.")
    interpretation: str = Field(description="What to do, in a sentence, in the language of `lang`.")
    probabilities: dict[str, float] | None = Field(
        None, description="Where labels are names: the probability of each; they add up to 1."
    )
    top_factors: list[str] | None = Field(
        None,
        description="With header `X-Explain-Features: true`: the features that move this score most, at most "
        "three, strongest first, in the language of `lang`; the number is what the feature adds to the "
        "log-odds. Empty if nothing moves it.",
    )


class PropensityCandidate(BaseModel):
    """A learner's cross-validated figures: means over five folds."""

    algorithm: str = Field(description="Name of the learner.")
    roc_auc: float = Field(description="Area under the ROC curve; 0.5 is chance, 1 is perfect.")
    f1: float = Field(description="F1 at probability 0.5.")
    accuracy: float = Field(description="Share of right classifications at probability 0.5.")
    roc_auc_std: float = Field(description="Standard deviation of `roc_auc` over the folds.")
    folds: int | None = Field(
        None, description="Folds it was judged on; 1 if it was too far behind on the first fold."
    )


class PropensityCalibrationBin(BaseModel):
    """Labelled rows of similar probability: what was predicted, and what happened."""

    rows: int = Field(description="How many rows.")
    predicted: float = Field(description="Their mean probability, by models that did not see them.")
    observed: float = Field(description="Share of them with label 1.")


class PropensityFeature(BaseModel):
    """How a feature of the training rows was read; rows to score are read the same way."""

    name: str = Field(description="Its name.")
    type: Literal["number", "date", "flag", "category", "empty"] = Field(description="What its values are.")
    made_of: str = Field(description="What its values became, in words.")
    missing_share: float = Field(description="Share of the training rows that lack it.")


class PropensityModelInfo(BaseModel):
    """Which model answered, and how good it is; keys without a value are absent."""

    note: str | None = Field(None, description="Why there is no score, or a remark on the model.")
    best_algorithm: str | None = Field(None, description="The learner that was chosen.")
    roc_auc: float | None = Field(
        None, description="Area under the ROC curve on the hold-out, by the winner fitted without it."
    )
    roc_auc_interval: list[float] | None = Field(
        None,
        min_length=2,
        max_length=2,
        description="95 % confidence interval of `roc_auc`, lower and upper end (DeLong).",
    )
    feature_importance: list[str] | None = Field(
        None, description="The model's features, most important first."
    )
    selected_features: list[str] | None = Field(
        None, description="The features that the winner uses, most important first."
    )
    train_rows: int | None = Field(None, description="Labelled rows the candidates were compared on.")
    test_rows: int | None = Field(None, description="Labelled rows held out for `roc_auc`.")
    in_sample_rows: int | None = Field(
        None, description="Labelled rows the final model was fitted on: all, the hold-out included."
    )
    brier_score: float | None = Field(
        None, description="Mean squared distance of probability and outcome, cross-validated; 0 is perfect."
    )
    log_loss: float | None = Field(
        None,
        description="Mean of −ln of the probability given to the outcome, cross-validated; 0 is perfect.",
    )
    calibration_error: float | None = Field(
        None, description="Mean distance of predicted from observed rates over ten bins, cross-validated."
    )
    calibrated: bool | None = Field(
        None,
        description="Whether the winner's probabilities were scaled (Platt), because that lowers `log_loss`.",
    )
    calibration_table: list[PropensityCalibrationBin] | None = Field(
        None, description="Predicted against observed rates in up to ten bins of equal count, ascending."
    )
    evaluation_metrics: list[PropensityCandidate] | None = Field(
        None, description="Cross-validated figures of every candidate."
    )
    no_response: str | None = Field(
        None,
        description="Where labels are names: the one that is no response; `probability` is of the others.",
    )
    classes: dict[str, int] | None = Field(
        None, description="Where labels are names: how many labelled rows have each."
    )
    dropped_features: dict[str, str] | None = Field(
        None, description="Features that no model could use, each with the reason."
    )
    features: list[PropensityFeature] | None = Field(
        None, description="What was made of each feature of the training rows, by name."
    )
    converted_features: list[str] | None = Field(
        None, description="Features that were not used as they were sent; `features` says how they were read."
    )
    pooled_categories: dict[str, int] | None = Field(
        None,
        description="Feature to how many of its categories have too few rows to be told apart; these are "
        "pooled.",
    )
    too_good: list[str] | None = Field(
        None,
        description="Present if the model ranks better than customers can be told apart (ROC-AUC above "
        "0.99), or if features are the outcome: the one or two features that do it, if they are known.",
    )
    missing_in_one_class: dict[str, int] | None = Field(
        None, description="Features that are missing in rows of one label only, and that label."
    )
    suspected_leakage: list[str] | None = Field(
        None, description="Features that alone tell the classes apart, as the outcome itself would."
    )
    missing_features: list[str] | None = Field(
        None, description="The model's features that some customer lacks, by name; imputed as in training."
    )
    drift: dict[str, float] | None = Field(
        None,
        description="Population stability index (PSI) of each feature, greatest first: how far the request's "
        "customers differ from the training customers. 0 is no difference; with few customers, chance alone "
        "gives more.",
    )
    cached: bool | None = Field(None, description="Whether the model was stored before this request.")
    model_version: str | None = Field(None, description="Version in the model registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it stops being served, UTC.")
    registry: str | None = Field(None, description="State of the model registry, if it has a problem.")


class PropensityAnswer(Answer):
    """A score for every customer of the request, in its order, and the model behind them."""

    predictions: list[PropensityPrediction] = Field(description="One per customer, in request order.")
    model_info: PropensityModelInfo = Field(description="The model that answered.")
