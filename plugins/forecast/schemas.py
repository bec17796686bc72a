"""What the bodies and answers of all forecast routes share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from abintel.answer import Answer
from abintel.fields import Body, Day, Integer

Months = Annotated[Integer, Field(ge=1, le=60)]
CountryCode = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class ForecastDay(Body):
    """A day; each route adds its value. Further numeric or boolean columns are drivers."""

    model_config = ConfigDict(extra="allow")

    date: Day = Field(description="The day; days without a row are filled, and rows of one day are added up.")


class FutureDriver(Body):
    """A day ahead with its known drivers."""

    model_config = ConfigDict(extra="allow")

    date: Day = Field(description="A day after the last one of `data`.")


class ForecastChoices(Body):
    """How far to look ahead, and in what steps."""

    forecast_period: Months = Field(
        description="Months to forecast, from the month after that of the last row."
    )
    fill: Literal["zero", "interpolate"] = Field(
        "zero",
        description="What a day without a row is: zero, or unknown and interpolated.",
    )
    country: CountryCode | None = Field(
        None, description="ISO 3166 code of the country whose public holidays do not count as business days."
    )
    cadence: Literal["auto", "daily", "weekly", "monthly"] = Field(
        "auto",
        description="How far apart the rows are: each of a week or a month stands for all its days. `auto` "
        "looks at the gaps between them.",
    )
    granularity: Literal["month", "week", "day"] = Field(
        "month", description="Length of the periods of the answer; weeks start on Monday."
    )


class ForecastSettings(ForecastChoices):
    """What the routes of one series take besides its rows."""

    future_drivers: list[FutureDriver] | None = Field(
        None, description="The drivers' known future: a date, and the same columns as in `data`."
    )


class ForecastPeriod(BaseModel):
    """A period ahead."""

    yyyy_mm: str = Field(alias="yyyy-mm", description="The month.")
    date: str | None = Field(None, description="The first day of the period, if periods are weeks or days.")
    value: float = Field(description="Sum of the forecast days.")
    lower_80: float = Field(ge=0, description="Lower end of the 80 % interval of that sum.")
    upper_80: float = Field(ge=0, description="Upper end of the 80 % interval.")
    lower_95: float = Field(ge=0, description="Lower end of the 95 % interval.")
    upper_95: float = Field(ge=0, description="Upper end of the 95 % interval.")


class ForecastViews(BaseModel):
    """The same forecast with all days and with business days."""

    calendar: list[ForecastPeriod] = Field(description="Sums of all days.")
    business: list[ForecastPeriod] = Field(
        description="Sums of Monday to Friday without the holidays of `country`."
    )


class ForecastCandidate(BaseModel):
    """How a model did on held-out days."""

    algorithm: str = Field(description="Name of the model.")
    RMSE: float | None = Field(description="Root mean squared error a day; null if it could not be fitted.")
    MAE: float | None = Field(description="Mean absolute error a day.")
    R2: float | None = Field(description="Share of the held-out days' variance that it explains.")
    MAPE: float | None = Field(description="Mean absolute error in per cent of the days that are not 0.")
    sMAPE: float | None = Field(description="The same, symmetric, 0 to 200.")
    MASE: float | None = Field(description="MAE over that of repeating the day a week before.")
    score: float | None = Field(
        description="0.6 × RMSE of all days + 0.4 × RMSE of business days; lowest wins."
    )
    folds: int = Field(description="Folds that it was judged on.")
    seconds: float = Field(description="Time spent on it when it was judged.")
    skipped: str | None = Field(None, description="Why it was not judged on every fold; absent if it was.")


AVERAGE = Field(description="Mean day of the forecast, over the months reported.")


class ForecastMetrics(BaseModel):
    """The winner's errors on held-out days; each route adds its mean daily forecast."""

    RMSE: float = Field(description="Root mean squared error a day.")
    MAE: float = Field(description="Mean absolute error a day.")
    R2: float = Field(description="Share of the held-out days' variance that is explained.")
    MAPE: float | None = Field(
        description="Mean absolute error in per cent of the days that are not 0; null if all are 0."
    )
    sMAPE: float = Field(description="Mean symmetric absolute error in per cent, 0 to 200.")
    MASE: float | None = Field(
        description="MAE over that of repeating the day a week before; below 1 is better; null if that "
        "has no error."
    )
    historical_daily_mean: float = Field(description="Mean day of the history.")
    Interpretation: str = Field(description="The figures as a sentence, in the language of `lang`.")
    model_candidates: list[ForecastCandidate] = Field(description="Every model tried, best first.")


class BacktestDay(BaseModel):
    """A held-out day."""

    date: str = Field(description="Its date.")
    actual: float = Field(description="Its value.")
    forecast: float = Field(ge=0, description="What the winner forecast without having seen the day.")
    lower_80: float = Field(ge=0, description="Lower end of the 80 % interval of the day.")
    upper_80: float = Field(ge=0, description="Upper end of the 80 % interval of the day.")
    lower_95: float = Field(ge=0, description="Lower end of the 95 % interval of the day.")
    upper_95: float = Field(ge=0, description="Upper end of the 95 % interval of the day.")


class BacktestFold(BaseModel):
    """Held-out days that were forecast from the days before them."""

    train_days: int = Field(description="Days that the models learned from.")
    days: list[BacktestDay] = Field(description="The held-out days.")


class OutlyingDay(BaseModel):
    """An outlying day."""

    date: str = Field(description="The outlying day.")
    value: float = Field(description="Its value, as sent.")


class RecurringEvent(BaseModel):
    """An event that recurs in the calendar: it is part of the forecast."""

    pattern: str = Field(description="When it comes, in English.")
    size: float = Field(
        description="What it adds to a day, in the unit of the rows; with `proportional`, a share of the day."
    )
    proportional: bool = Field(description="Whether it grows with the level of the series.")
    days: int = Field(description="Days that it lasts.")
    next_dates: list[str] = Field(description="The first day of its next occurrences, three at most.")


class LevelShift(BaseModel):
    """A step of the level."""

    date: str = Field(description="First day on the new level.")
    size: float = Field(
        description="New level less the old one, a day; on logarithms, a share of the old one."
    )


class TrendDamped(BaseModel):
    """How the trend of the forecast fades."""

    factor: float = Field(description="What is left of the trend from one day to the next.")
    from_day: int = Field(description="Days ahead from which on it fades.")


class ForecastCleaning(BaseModel):
    """What was done to the rows before models saw them."""

    days: int = Field(description="Days from the first to the last.")
    filled_days: int = Field(description="Days without a row.")
    duplicates_merged: int = Field(description="Rows that were added to another row of their day.")
    drivers: list[str] = Field(description="Columns that were used as drivers.")
    log_scale: bool = Field(description="Whether models saw logarithms.")
    outliers: list[OutlyingDay] = Field(
        description="Outlying days: models saw them cut to their limits. Days of recurring events are not "
        "among them."
    )
    recurring: list[RecurringEvent] = Field(
        description="Events that recur in the calendar and lower the error on held-out days."
    )
    level_shift: LevelShift | None = Field(
        description="A step of the level that six weeks confirm, null for none; it makes the intervals wider."
    )
    trend_damped: TrendDamped | None = Field(
        description="How the trend fades within the months asked for, null if it does not."
    )
    cadence: str = Field(
        description="`daily`, `weekly` or `monthly`: how far apart the rows were taken to be."
    )


class ForecastModelInfo(BaseModel):
    """Which champion answered; keys without a value are absent."""

    choice: str = Field(
        description="`judged`: the models were judged on this history; `carried_on`: the champion of the "
        "shorter history was kept and fitted again; `judged_again`: its error had become too large; "
        "`not_judged`: the history is too short."
    )
    judged_days: int | None = Field(None, description="Days of the history that the models were judged on.")
    note: str | None = Field(None, description="A remark on the choice.")
    cached: bool | None = Field(None, description="Whether a stored champion answered.")
    model_version: str | None = Field(None, description="Version in the registry.")
    trained_at: str | None = Field(None, description="When it was trained, UTC.")
    expires_at: str | None = Field(None, description="When it expires, UTC.")
    registry: str | None = Field(None, description="`unavailable` while the champion cannot be stored.")


class ForecastMember(BaseModel):
    """A model that the forecast is made of."""

    algorithm: str = Field(description="Name of the model.")
    weight: float = Field(description="Its share of the forecast; all add up to 1.")


class ForecastOutcome(BaseModel):
    """The forecast of one series; each route adds its metrics."""

    best_algorithm: str = Field(description="The model of the lowest error on held-out days; not translated.")
    members: list[ForecastMember] = Field(
        description="The models that the forecast is the weighted mean of, by 1/error²; one where a single "
        "model is clearly better than the combination."
    )
    forecast: ForecastViews = Field(description="The periods ahead.")
    interval_method: str = Field(description="Where the intervals come from.")
    backtest: list[BacktestFold] = Field(description="The winner's folds, oldest first.")
    cleaning: ForecastCleaning = Field(description="What was done to the rows.")


class ForecastResult(ForecastOutcome):
    """The forecast, and what it is of; each route adds its metrics."""

    analysis_type: str = Field(description="What was forecast.")


class ForecastAnswer(Answer):
    """What every forecast route answers; each adds its result."""

    forecast_period: int = Field(description="As sent.")
    model_info: ForecastModelInfo = Field(description="Which champion answered.")
    execution_time_seconds: float = Field(description="Time that this call took.")
