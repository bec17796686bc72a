"""A method per route. Written by generate.py from the API description; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel_client.answers import Answer, Answers
from abintel_client.frames import Day, Rows, Table, as_day


class Routes:
    """The routes. A client implements :meth:`_route`."""

    def _route(
        self,
        route: str,
        required: Mapping[str, Any],
        optional: Mapping[str, Any],
        query: Mapping[str, Any],
        headers: Mapping[str, Any],
    ) -> Any:
        raise NotImplementedError

    def customer_clv_features(
        self,
        customers: Table,
        *,
        today: Day | None = None,
        churn_threshold_days: int | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which customers have potential: frequency, recency, age, value per order and a potential tier.

        Args:
            today: Day that T counts to; the server's (UTC) if absent.
            churn_threshold_days: Days without an order from which on a customer counts as churned.
            customers: The customers, each once.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_clv_features",
            {"customers": customers},
            {"today": as_day(today), "churn_threshold_days": churn_threshold_days},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def customer_clv_forecast(
        self,
        customers: Table,
        horizon_months: int,
        *,
        today: Day | None = None,
        algorithms: Sequence[Literal["BG_NBD_GG", "MBG_NBD_GG", "Pareto_NBD_GG", "GradientBoosting"]]
        | None = None,
        discount_rate_annual: float | None = None,
        tiers: Mapping[str, Any] | None = None,
        monetary_basis: Literal["margin", "revenue"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What each customer, and all together, will bring in the months to come, with intervals.

        Args:
            horizon_months: Calendar months from `today` to forecast.
            today: Last day of the histories; the server's date (UTC) if absent.
            algorithms: Name one to get its answer even if another errs less; all compete if absent.
            discount_rate_annual: 0.1 discounts later value by 10 % a year; 0 does not discount.
            tiers: Cut-offs of `clv_tier`; 1000 and 300 if absent.
            monetary_basis: With the figures: what `monetary_value` means; revenue if absent.
            customers: The customers, each once; all by orders, or all by the four figures.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_clv_forecast",
            {"customers": customers, "horizon_months": horizon_months},
            {
                "today": as_day(today),
                "algorithms": algorithms,
                "discount_rate_annual": discount_rate_annual,
                "tiers": tiers,
                "monetary_basis": monetary_basis,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def customer_features(
        self, customers: Table, *, today: Day | None = None, currency_conversion_table: str | None = None
    ) -> Answer:
        """What do we know of each customer, in numbers: spend, visits, breadth, loyalty and recency.

        Args:
            today: Day that recency counts to; the server's (UTC) if absent.
            customers: The customers, each once.
            currency_conversion_table: JSON object: currency to its rate into the common currency, such as
                {"EUR": 1, "USD": 0.92}.
        """
        answer: Answer = self._route(
            "customer_features",
            {"customers": customers},
            {"today": as_day(today)},
            {},
            {"currency_conversion_table": currency_conversion_table},
        )
        return answer

    def customer_loyalty(
        self,
        customers: Table,
        *,
        weights: Mapping[str, Any] | None = None,
        segment_thresholds: Mapping[str, Any] | None = None,
        scaling: Literal["minmax", "rank"] | None = None,
    ) -> Answer:
        """Who are our most loyal customers: an index from 0 to 1 and a tier for each.

        Args:
            weights: Importance of each metric; 0.25, 0.30, 0.10, 0.15 and 0.20 if absent.
            segment_thresholds: Tier to lower bound, in place of the default tiers; below all is At-Risk.
            scaling: How each metric is scaled to 0–1: by the lowest and highest value, or by rank, which
                a few very large customers cannot flatten.
            customers: The customers, each once.
        """
        answer: Answer = self._route(
            "customer_loyalty",
            {"customers": customers},
            {"weights": weights, "segment_thresholds": segment_thresholds, "scaling": scaling},
            {},
            {},
        )
        return answer

    def customer_rfm(
        self,
        customers: Table,
        *,
        bins: int | None = None,
        today: Day | None = None,
        thresholds: Mapping[str, Any] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Whom to reward, nurture or win back: recency, frequency and monetary scores and a tier.

        Args:
            bins: Scores per metric.
            today: Day that recency counts to; the server's (UTC) if absent.
            customers: The customers, each once.
            thresholds: Used in place of the quantiles of these customers.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_rfm",
            {"customers": customers},
            {"bins": bins, "today": as_day(today), "thresholds": thresholds},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def nps(
        self,
        data: Table,
        *,
        group_by: str | Sequence[str] | None = None,
        bands: Mapping[str, Any] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Would our customers recommend us: Net Promoter Score, overall and by group.

        Args:
            group_by: Column, or columns, of the rows to break the score down by; empty for none.
            data: The answers.
            bands: Label to lowest score, in place of the standard bands.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "nps",
            {"data": data},
            {"group_by": group_by, "bands": bands},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def forecast_revenue(
        self,
        data: Table,
        forecast_period: int,
        *,
        fill: Literal["zero", "interpolate"] | None = None,
        country: str | None = None,
        cadence: Literal["auto", "daily", "weekly", "monthly"] | None = None,
        granularity: Literal["month", "week", "day"] | None = None,
        future_drivers: Table | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How much revenue is ahead: months with intervals, by the model that did best on held-out days.

        Args:
            forecast_period: Months to forecast, from the month after that of the last row.
            fill: What a day without a row is: zero, or unknown and interpolated.
            country: ISO 3166 code of the country whose public holidays do not count as business days.
            cadence: How far apart the rows are: each of a week or a month stands for all its days. `auto`
                looks at the gaps between them.
            granularity: Length of the periods of the answer; weeks start on Monday.
            future_drivers: The drivers' known future: a date, and the same columns as in `data`.
            data: The history, in any order; 60 days or more for models to be judged.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "forecast_revenue",
            {"data": data, "forecast_period": forecast_period},
            {
                "fill": fill,
                "country": country,
                "cadence": cadence,
                "granularity": granularity,
                "future_drivers": future_drivers,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def forecast_units(
        self,
        data: Table,
        forecast_period: int,
        product_code: str,
        *,
        fill: Literal["zero", "interpolate"] | None = None,
        country: str | None = None,
        cadence: Literal["auto", "daily", "weekly", "monthly"] | None = None,
        granularity: Literal["month", "week", "day"] | None = None,
        future_drivers: Table | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How many pieces of a product will be sold: months with intervals, by the best of eleven models.

        Args:
            forecast_period: Months to forecast, from the month after that of the last row.
            fill: What a day without a row is: zero, or unknown and interpolated.
            country: ISO 3166 code of the country whose public holidays do not count as business days.
            cadence: How far apart the rows are: each of a week or a month stands for all its days. `auto`
                looks at the gaps between them.
            granularity: Length of the periods of the answer; weeks start on Monday.
            future_drivers: The drivers' known future: a date, and the same columns as in `data`.
            product_code: The product's code; champions are kept by it.
            data: The product's history, in any order; 30 days or more for models to be judged.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "forecast_units",
            {"data": data, "forecast_period": forecast_period, "product_code": product_code},
            {
                "fill": fill,
                "country": country,
                "cadence": cadence,
                "granularity": granularity,
                "future_drivers": future_drivers,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def forecast_units_asyncio(
        self,
        items: Table,
        forecast_period: int,
        *,
        fill: Literal["zero", "interpolate"] | None = None,
        country: str | None = None,
        cadence: Literal["auto", "daily", "weekly", "monthly"] | None = None,
        granularity: Literal["month", "week", "day"] | None = None,
        backtest: bool | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How many pieces of each of many products will be sold; a bad one does not affect the others.

        Args:
            forecast_period: Months to forecast, from the month after that of the last row.
            fill: What a day without a row is: zero, or unknown and interpolated.
            country: ISO 3166 code of the country whose public holidays do not count as business days.
            cadence: How far apart the rows are: each of a week or a month stands for all its days. `auto`
                looks at the gaps between them.
            granularity: Length of the periods of the answer; weeks start on Monday.
            items: The products.
            backtest: Whether each forecast has its `backtest`: tens of kilobytes a product.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "forecast_units_asyncio",
            {"items": items, "forecast_period": forecast_period},
            {
                "fill": fill,
                "country": country,
                "cadence": cadence,
                "granularity": granularity,
                "backtest": backtest,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def forecast_cost(
        self,
        data: Table,
        forecast_period: int,
        *,
        fill: Literal["zero", "interpolate"] | None = None,
        country: str | None = None,
        cadence: Literal["auto", "daily", "weekly", "monthly"] | None = None,
        granularity: Literal["month", "week", "day"] | None = None,
        future_drivers: Table | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What is ahead in cost: months with intervals, by the model that did best on held-out days.

        Args:
            forecast_period: Months to forecast, from the month after that of the last row.
            fill: What a day without a row is: zero, or unknown and interpolated.
            country: ISO 3166 code of the country whose public holidays do not count as business days.
            cadence: How far apart the rows are: each of a week or a month stands for all its days. `auto`
                looks at the gaps between them.
            granularity: Length of the periods of the answer; weeks start on Monday.
            future_drivers: The drivers' known future: a date, and the same columns as in `data`.
            data: The history, in any order; 60 days or more for models to be judged.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "forecast_cost",
            {"data": data, "forecast_period": forecast_period},
            {
                "fill": fill,
                "country": country,
                "cadence": cadence,
                "granularity": granularity,
                "future_drivers": future_drivers,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def forecast_cost_improved(
        self,
        data: Table,
        forecast_period: int,
        *,
        fill: Literal["zero", "interpolate"] | None = None,
        country: str | None = None,
        cadence: Literal["auto", "daily", "weekly", "monthly"] | None = None,
        granularity: Literal["month", "week", "day"] | None = None,
        future_drivers: Table | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What is ahead in cost, by cost centre and by driver; centres add up to the total.

        Args:
            forecast_period: Months to forecast, from the month after that of the last row.
            fill: What a day without a row is: zero, or unknown and interpolated.
            country: ISO 3166 code of the country whose public holidays do not count as business days.
            cadence: How far apart the rows are: each of a week or a month stands for all its days. `auto`
                looks at the gaps between them.
            granularity: Length of the periods of the answer; weeks start on Monday.
            future_drivers: The drivers' known future: a date, and the same columns as in `data`.
            data: The history, in any order, one row per day and cost centre; at most 50 centres.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "forecast_cost_improved",
            {"data": data, "forecast_period": forecast_period},
            {
                "fill": fill,
                "country": country,
                "cadence": cadence,
                "granularity": granularity,
                "future_drivers": future_drivers,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def dynamic_pricing_recommend(
        self,
        historical: Table,
        product_id: str,
        cost_per_unit: float,
        optimize_for: Literal["profit", "revenue"],
        candidate_prices: Sequence[float],
        *,
        competitor_price_current: float | None = None,
        inventory_level_current: int | None = None,
        segment_current: Mapping[str, Any] | None = None,
        context_current: Mapping[str, Any] | None = None,
        max_discount_pct: float | None = None,
        allow_extrapolation: bool | None = None,
        min_margin_pct: float | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which price earns most: demand learned from daily sales, tried on every candidate price.

        Args:
            product_id: Your key of the product.
            cost_per_unit: Landed cost of a unit; 0 to maximise the revenue of old stock.
            optimize_for: What to maximise.
            candidate_prices: Prices to choose from, each once; 4 to 8 near the present price work best.
            historical: Sales by day, at two prices or more, in any order.
            competitor_price_current: The rival's price now; if absent, the last one in `historical`.
            inventory_level_current: Units in stock now; if absent, the last value in `historical`.
            segment_current: Channel, country and other context to price for; if absent, the last values.
            context_current: Present values of further columns (promo, weather); if absent, the last
                values.
            max_discount_pct: How far below the last price a price may be, as a fraction of it.
            allow_extrapolation: Whether a price beyond those in `historical` may win.
            min_margin_pct: Least margin, (price − cost) / price, that a price must keep to win; a
                fraction.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "dynamic_pricing_recommend",
            {
                "historical": historical,
                "product_id": product_id,
                "cost_per_unit": cost_per_unit,
                "optimize_for": optimize_for,
                "candidate_prices": candidate_prices,
            },
            {
                "competitor_price_current": competitor_price_current,
                "inventory_level_current": inventory_level_current,
                "segment_current": segment_current,
                "context_current": context_current,
                "max_discount_pct": max_discount_pct,
                "allow_extrapolation": allow_extrapolation,
            },
            {"lang": lang, "currency": currency},
            {"X-Min-Margin-Pct": min_margin_pct},
        )
        return answer

    def churn_label(
        self,
        data: Table,
        business_type: Literal["ecommerce", "saas", "prepaid"],
        *,
        window_days: int | None = None,
    ) -> Answers:
        """Who has churned, by the rule of your kind of business.

        Args:
            business_type: Which rule labels: `ecommerce` (no order for `window_days`), `saas` (cancelled)
                or `prepaid` (balance 0 and no top-up).
            window_days: `ecommerce`: so many days without an order are churn; else unused.
            data: One row per customer and day.
        """
        answer: Answers = self._route(
            "churn_label",
            {"data": data, "business_type": business_type},
            {"window_days": window_days},
            {},
            {},
        )
        return answer

    def churn_risk(
        self,
        data: Table,
        *,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to leave, why, and what to do about it.

        Args:
            data: One row per customer; a model is trained if at least 2 have `churned` 1 and 2 have 0,
                and is kept if at least 20 of each have.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "churn_risk",
            {"data": data},
            {},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def propensity_buy_product(
        self,
        customers: Table,
        product_sku: str,
        *,
        tier_quantiles: Sequence[float] | None = None,
        product_category: str | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to buy a product, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            product_sku: Your key of the product; each has its own model.
            product_category: Your key of the product's category. Labels then train a model of the
                category too; it answers for products that have none.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_buy_product",
            {"customers": customers, "product_sku": product_sku},
            {"tier_quantiles": tier_quantiles, "product_category": product_category},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def propensity_respond_campaign(
        self,
        customers: Table,
        campaign_id: str,
        *,
        tier_quantiles: Sequence[float] | None = None,
        no_response: str | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to respond to a campaign, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            campaign_id: Your key of the campaign; each has its own model.
            no_response: Where `label_respond` is a name: the one that is no response (default: the
                commonest).
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_respond_campaign",
            {"customers": customers, "campaign_id": campaign_id},
            {"tier_quantiles": tier_quantiles, "no_response": no_response},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def propensity_upgrade_plan(
        self,
        customers: Table,
        current_plan: str,
        target_plan: str,
        *,
        tier_quantiles: Sequence[float] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to upgrade to a plan, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            current_plan: The customers' plan.
            target_plan: The plan that they may change to; each pair has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_upgrade_plan",
            {"customers": customers, "current_plan": current_plan, "target_plan": target_plan},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def propensity_downgrade_plan(
        self,
        customers: Table,
        current_plan: str,
        target_plan: str,
        *,
        tier_quantiles: Sequence[float] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to downgrade to a plan, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            current_plan: The customers' plan.
            target_plan: The plan that they may change to; each pair has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_downgrade_plan",
            {"customers": customers, "current_plan": current_plan, "target_plan": target_plan},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def propensity_engage_any(
        self,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to engage with any campaign, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            explain_features: `true`: every scored customer has `top_factors`, the features that move the
                score most.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_engage_any",
            {"customers": customers},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def uplift_model(
        self,
        rows: Table,
        *,
        campaign_id: str | None = None,
        contamination: float | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What a campaign changes for each customer, and which deciles to target or to leave alone.

        Args:
            campaign_id: Your key of the campaign: its model is kept for 30 days, and scores rows without
                treatment and outcome. Without it the model answers this request only.
            contamination: Share of the control customers who were exposed to the campaign by accident.
            rows: Customers to score; at least 200 of them with treatment and outcome, of both arms and
                both outcomes (with `campaign_id`: or the campaign's stored model answers).
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "uplift_model",
            {"rows": rows},
            {"campaign_id": campaign_id, "contamination": contamination},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def recommend_user_items(
        self,
        interactions: Table,
        items: Table,
        user_id: str,
        *,
        top_k: int | None = None,
        exclude_seen: bool | None = None,
        diversity: float | None = None,
        half_life_days: float | None = None,
        algorithm: Literal["auto", "ALS", "ItemKNN", "EASE", "TF-IDF"] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """The items that a user is most likely to want next, each with the reason.

        Args:
            top_k: Most items per user; 5 to 25 for an e-mail, 50 to 100 for a page.
            interactions: What users chose, for all users that you know; rows of the same user and item
                add up.
            items: The whole catalogue to choose from.
            exclude_seen: Leave out what the user has interacted with.
            diversity: 0: the best items. Closer to 1, items unlike those earlier in the list are
                preferred (maximal marginal relevance), and the list is in that order.
            half_life_days: Days in which an interaction loses half its weight, counted from the latest
                timestamp of the request; null: age does not count.
            algorithm: `auto`: the algorithm that ranks held-out choices best (the latest ones, if rows
                have timestamps). A name forces one; `EASE` takes at most 6,000 items.
            user_id: The user to recommend items to.
            explain_features: `true`: every item has `top_factors`, the parts of its score.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "recommend_user_items",
            {"interactions": interactions, "items": items, "user_id": user_id},
            {
                "top_k": top_k,
                "exclude_seen": exclude_seen,
                "diversity": diversity,
                "half_life_days": half_life_days,
                "algorithm": algorithm,
            },
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def bulk_recommend_user_items(
        self,
        interactions: Table,
        items: Table,
        *,
        top_k: int | None = None,
        exclude_seen: bool | None = None,
        diversity: float | None = None,
        half_life_days: float | None = None,
        algorithm: Literal["auto", "ALS", "ItemKNN", "EASE", "TF-IDF"] | None = None,
        user_ids: Sequence[str] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """The items that each of many users is most likely to want next.

        Args:
            top_k: Most items per user; 5 to 25 for an e-mail, 50 to 100 for a page.
            interactions: What users chose, for all users that you know; rows of the same user and item
                add up.
            items: The whole catalogue to choose from.
            exclude_seen: Leave out what the user has interacted with.
            diversity: 0: the best items. Closer to 1, items unlike those earlier in the list are
                preferred (maximal marginal relevance), and the list is in that order.
            half_life_days: Days in which an interaction loses half its weight, counted from the latest
                timestamp of the request; null: age does not count.
            algorithm: `auto`: the algorithm that ranks held-out choices best (the latest ones, if rows
                have timestamps). A name forces one; `EASE` takes at most 6,000 items.
            user_ids: The users to recommend items to, each once; null: all users of `interactions`.
            explain_features: `true`: every item has `top_factors`, the parts of its score.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "bulk_recommend_user_items",
            {"interactions": interactions, "items": items},
            {
                "top_k": top_k,
                "exclude_seen": exclude_seen,
                "diversity": diversity,
                "half_life_days": half_life_days,
                "algorithm": algorithm,
                "user_ids": user_ids,
            },
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def recommend_similar_items(
        self,
        items: Table,
        item_id: str,
        *,
        top_k: int | None = None,
        interactions: Table | None = None,
        blend_cf: float | None = None,
        half_life_days: float | None = None,
        algorithm: Literal["auto", "ALS", "ItemKNN", "EASE", "TF-IDF"] | None = None,
        explain_features: Literal["true", "false"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """The items most similar to one, by their words and by the users who choose them.

        Args:
            item_id: The reference item; one of `items`.
            top_k: Most similar items; 4 to 8 on a desktop page, 12 to 16 on a phone.
            items: The catalogue to choose from.
            interactions: What users chose. From 75 users and 50 items, items that the same users chose
                are similar, too. 1,000 rows or more work best.
            blend_cf: Weight of the users' choices; words have the remaining weight. 0: words only.
            half_life_days: Days in which an interaction loses half its weight, counted from the latest.
            algorithm: `auto`: `ALS` or `ItemKNN`, whichever finds held-out choices best. A name forces
                one; `TF-IDF` compares words only. `EASE` takes at most 6,000 items.
            explain_features: `true`: every item has `top_factors`, the parts of its score.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "recommend_similar_items",
            {"items": items, "item_id": item_id},
            {
                "top_k": top_k,
                "interactions": interactions,
                "blend_cf": blend_cf,
                "half_life_days": half_life_days,
                "algorithm": algorithm,
            },
            {"lang": lang, "currency": currency},
            {"X-Explain-Features": explain_features},
        )
        return answer

    def cross_sell_matrix(
        self,
        transactions: Table,
        *,
        level: Literal["item", "category"] | None = None,
        customer_id: str | None = None,
        item_catalog: Table | None = None,
        metric: Literal["confidence", "lift"] | None = None,
        min_support: int | None = None,
        symmetric: bool | None = None,
        time_range: Mapping[str, Any] | None = None,
        order: Literal["alphabetical", "support"] | None = None,
        format: Literal["dense", "sparse"] | None = None,
        top_n: int | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What is bought together: confidence or lift of every pair of items or categories.

        Args:
            level: What rows and columns are.
            customer_id: Count only the orders of this customer; null: all orders.
            transactions: The orders; 6 to 36 months of them work best.
            item_catalog: Category of every item in the orders; required with `level: category`.
            metric: What a cell holds. Lift above 1: together more often than by chance.
            min_support: Leave out items or categories that are in fewer orders.
            symmetric: Whether a cell is the mean of both directions.
            time_range: Count only the orders of these days; every order then needs its `date`.
            order: Order of rows and columns: by name, or most bought first.
            format: `sparse` answers `pairs` instead of `matrix`; for more than 5,000 rows.
            top_n: With `format: sparse`, the most pairs per row, the highest first; all if absent.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "cross_sell_matrix",
            {"transactions": transactions},
            {
                "level": level,
                "customer_id": customer_id,
                "item_catalog": item_catalog,
                "metric": metric,
                "min_support": min_support,
                "symmetric": symmetric,
                "time_range": time_range,
                "order": order,
                "format": format,
                "top_n": top_n,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def upsell_suggestions(
        self,
        transactions: Table,
        item_catalog: Table,
        *,
        customer_id: str | None = None,
        top_k: int | None = None,
        min_price_uplift_pct: float | None = None,
        max_price_uplift_pct: float | None = None,
        min_confidence: float | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which dearer item to offer each customer next, and the revenue to expect from it.

        Args:
            customer_id: The customer to suggest items to; null: all customers.
            top_k: Most suggestions per customer.
            transactions: The orders of all customers.
            item_catalog: All items of the orders, and all items that may be suggested.
            min_price_uplift_pct: How much dearer a suggestion must be, as a fraction.
            max_price_uplift_pct: How much dearer it may be, as a fraction.
            min_confidence: Least confidence of a rule from the bought category to the suggested one.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "upsell_suggestions",
            {"transactions": transactions, "item_catalog": item_catalog},
            {
                "customer_id": customer_id,
                "top_k": top_k,
                "min_price_uplift_pct": min_price_uplift_pct,
                "max_price_uplift_pct": max_price_uplift_pct,
                "min_confidence": min_confidence,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def purchasing_segmentation(
        self,
        *,
        segmentation_id: str | None = None,
        algorithms: Sequence[Literal["kmeans", "gmm", "agglo", "dbscan"]] | None = None,
        dbscan_min_samples: int | None = None,
        min_cluster_share: float | None = None,
        previous_labels: Mapping[str, Any] | None = None,
        customers: Table | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot", "log"] | Literal["zscore", "log"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        full_benchmark: bool | None = None,
        data: Table | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which kinds of customers there are: the best of four clustering algorithms, with portraits.

        Args:
            segmentation_id: `model_info.segmentation_id` of an earlier answer: customers are assigned to
                its segments, and nothing is clustered.
            algorithms: Algorithms to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a customer a core point
                of DBSCAN.
            min_cluster_share: From 200 customers on, the least share of them in each cluster of the best
                model; rows that do not reach it say `eligible: false`.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            customers: The customers, each once.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators of the 50 most
                bought product types; or `log`, z-scores of ln(1 + x), which keeps a few very large
                customers from deciding. `zscore`; or `log`, z-scores of ln(1 + x) of money and counts:
                features that are never negative, and above 1 somewhere.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the smallest is 2.
            full_benchmark: List every combination in `evaluation_metrics`, not the best of each
                algorithm.
            data: The customers, each once.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "purchasing_segmentation",
            {},
            {
                "segmentation_id": segmentation_id,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
                "min_cluster_share": min_cluster_share,
                "previous_labels": previous_labels,
                "customers": customers,
                "k_range": k_range,
                "scaling": scaling,
                "dbscan_eps": dbscan_eps,
                "max_clusters": max_clusters,
                "full_benchmark": full_benchmark,
                "data": data,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def purchasing_segmentation_dendrogram(
        self,
        customers: Table,
        *,
        scaling: Literal["raw", "zscore", "zscore_onehot", "log"] | None = None,
        min_cluster_share: float | None = None,
    ) -> Answer:
        """How customers are related: Ward's tree over all of them, cut where it separates best.

        Args:
            customers: The customers, each once; at least 3 of them distinct.
            scaling: `raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators of the 50 most
                bought product types; or `log`, z-scores of ln(1 + x), which keeps a few very large
                customers from deciding.
            min_cluster_share: From 200 customers on, the least share of them in each cluster of the best
                model; rows that do not reach it say `eligible: false`.
        """
        answer: Answer = self._route(
            "purchasing_segmentation_dendrogram",
            {"customers": customers},
            {"scaling": scaling, "min_cluster_share": min_cluster_share},
            {},
            {},
        )
        return answer

    def segment_hierarchy_chart(
        self, dendrogram: Mapping[str, Any], *, format: Literal["graph", "sunburst"] | None = None
    ) -> Answer:
        """The tree of customers as nodes and links, or as nested rings, ready to draw.

        Args:
            dendrogram: The tree and its leaves.
            format: `sunburst` answers nested rings with sizes instead of nodes and links.
        """
        answer: Answer = self._route(
            "segment_hierarchy_chart", {"dendrogram": dendrogram}, {}, {"format": format}, {}
        )
        return answer

    def segment_subsegment_explore(
        self,
        customers: Table,
        labels: Mapping[str, Any],
        *,
        target_cluster: int | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot", "log"] | None = None,
        min_cluster_share: float | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Whether there are finer groups inside a segment: each is split again where that separates well.

        Args:
            customers: The customers, each once.
            labels: Customer to parent cluster, for each of them.
            target_cluster: Parent to split; all of them if absent.
            k_range: Numbers of parts to try.
            scaling: Within the parent: `raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators
                of the 50 most bought product types; or `log`, z-scores of ln(1 + x), which keeps a few
                very large customers from deciding.
            min_cluster_share: Within the parent: From 200 customers on, the least share of them in each
                cluster of the best model; rows that do not reach it say `eligible: false`.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "segment_subsegment_explore",
            {"customers": customers, "labels": labels},
            {
                "target_cluster": target_cluster,
                "k_range": k_range,
                "scaling": scaling,
                "min_cluster_share": min_cluster_share,
            },
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def segment_cluster_profiles(
        self,
        customers: Table,
        labels: Mapping[str, Any],
        *,
        top_n_categories: int | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What each segment is worth and buys: a card per segment, with what to do about it.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them.
            top_n_categories: How many product types to name per cluster.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "segment_cluster_profiles",
            {"customers": customers, "labels": labels},
            {"top_n_categories": top_n_categories},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def customer_segmentation(
        self,
        customers: Table,
        *,
        today: Day | None = None,
        segmentation_id: str | None = None,
        algorithms: Sequence[Literal["kmeans", "gmm", "agglo", "dbscan"]] | None = None,
        dbscan_min_samples: int | None = None,
        min_cluster_share: float | None = None,
        previous_labels: Mapping[str, Any] | None = None,
        scaling: Literal["zscore", "log"] | None = None,
        max_clusters: int | None = None,
        dbscan_eps: float | None = None,
        full_benchmark: bool | None = None,
        currency_conversion_table: str | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """From raw orders to segments in one call, with cards and RFM tiers.

        Args:
            today: Day that recency counts to; the server's (UTC) if absent.
            customers: The customers, each once.
            segmentation_id: `model_info.segmentation_id` of an earlier answer: customers are assigned to
                its segments, and nothing is clustered.
            algorithms: Algorithms to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a customer a core point
                of DBSCAN.
            min_cluster_share: From 200 customers on, the least share of them in each cluster of the best
                model; rows that do not reach it say `eligible: false`.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            scaling: `zscore`; or `log`, z-scores of ln(1 + x) of money and counts: features that are
                never negative, and above 1 somewhere.
            max_clusters: Largest number of clusters to try; the smallest is 2.
            dbscan_eps: Radius of DBSCAN, in standard deviations.
            full_benchmark: List every combination in `evaluation_metrics`, not the best of each
                algorithm.
            currency_conversion_table: JSON object: currency to its rate into the common currency, such as
                {"EUR": 1, "USD": 0.92}.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_segmentation",
            {"customers": customers},
            {
                "today": as_day(today),
                "segmentation_id": segmentation_id,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
                "min_cluster_share": min_cluster_share,
                "previous_labels": previous_labels,
                "scaling": scaling,
                "max_clusters": max_clusters,
                "dbscan_eps": dbscan_eps,
                "full_benchmark": full_benchmark,
            },
            {"lang": lang, "currency": currency},
            {"currency_conversion_table": currency_conversion_table},
        )
        return answer

    def segmentation_report_json(
        self,
        customers: Table,
        labels: Mapping[str, Any],
        *,
        dendrogram: Mapping[str, Any] | None = None,
        depth: Literal["full", "brief"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What the segments mean for the business: a report in words, written from the figures.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350 (90 to 180 letters instead of 375 to 525 in Chinese, 132 to 264 instead of 550 to 770
                in Japanese).
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "segmentation_report_json",
            {"customers": customers, "labels": labels},
            {"dendrogram": dendrogram},
            {"depth": depth, "lang": lang, "currency": currency},
            {},
        )
        return answer

    def segmentation_report_json_i18n(
        self,
        *,
        customers: Table | None = None,
        labels: Mapping[str, Any] | None = None,
        dendrogram: Mapping[str, Any] | None = None,
        algorithms: Sequence[Literal["kmeans", "gmm", "agglo", "dbscan"]] | None = None,
        dbscan_min_samples: int | None = None,
        min_cluster_share: float | None = None,
        previous_labels: Mapping[str, Any] | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot", "log"] | Literal["zscore", "log"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        data: Table | None = None,
        depth: Literal["full", "brief"] | None = None,
        langs: str | None = None,
    ) -> Answer:
        """The report on the segments in every language at once.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them. Absent: a body with labels is of the other
                kind.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy. Absent: the
                tree is made here.
            algorithms: Algorithms to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a customer a core point
                of DBSCAN.
            min_cluster_share: From 200 customers on, the least share of them in each cluster of the best
                model; rows that do not reach it say `eligible: false`.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators of the 50 most
                bought product types; or `log`, z-scores of ln(1 + x), which keeps a few very large
                customers from deciding. `zscore`; or `log`, z-scores of ln(1 + x) of money and counts:
                features that are never negative, and above 1 somewhere.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the smallest is 2.
            data: The customers, each once.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350 (90 to 180 letters instead of 375 to 525 in Chinese, 132 to 264 instead of 550 to 770
                in Japanese).
            langs: The languages to answer, separated by commas, such as `en,zh`; all of them by default.
        """
        answer: Answer = self._route(
            "segmentation_report_json_i18n",
            {},
            {
                "customers": customers,
                "labels": labels,
                "dendrogram": dendrogram,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
                "min_cluster_share": min_cluster_share,
                "previous_labels": previous_labels,
                "k_range": k_range,
                "scaling": scaling,
                "dbscan_eps": dbscan_eps,
                "max_clusters": max_clusters,
                "data": data,
            },
            {"depth": depth, "langs": langs},
            {},
        )
        return answer

    def segmentation_report_pdf(
        self,
        *,
        customers: Table | None = None,
        labels: Mapping[str, Any] | None = None,
        dendrogram: Mapping[str, Any] | None = None,
        algorithms: Sequence[Literal["kmeans", "gmm", "agglo", "dbscan"]] | None = None,
        dbscan_min_samples: int | None = None,
        min_cluster_share: float | None = None,
        previous_labels: Mapping[str, Any] | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot", "log"] | Literal["zscore", "log"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        data: Table | None = None,
        depth: Literal["full", "brief"] | None = None,
        lang: Literal["en", "es", "pt", "ja", "zh"] | None = None,
        currency: str | None = None,
    ) -> bytes:
        """The report on the segments as a PDF, with pictures.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them. Absent: a body with labels is of the other
                kind.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy. Absent: the
                tree is made here.
            algorithms: Algorithms to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a customer a core point
                of DBSCAN.
            min_cluster_share: From 200 customers on, the least share of them in each cluster of the best
                model; rows that do not reach it say `eligible: false`.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; `zscore_onehot`, z-scores and indicators of the 50 most
                bought product types; or `log`, z-scores of ln(1 + x), which keeps a few very large
                customers from deciding. `zscore`; or `log`, z-scores of ln(1 + x) of money and counts:
                features that are never negative, and above 1 somewhere.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the smallest is 2.
            data: The customers, each once.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350 (90 to 180 letters instead of 375 to 525 in Chinese, 132 to 264 instead of 550 to 770
                in Japanese).
            lang: Language of the sentences in the answer.
            currency: Sign or code to print with money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: bytes = self._route(
            "segmentation_report_pdf",
            {},
            {
                "customers": customers,
                "labels": labels,
                "dendrogram": dendrogram,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
                "min_cluster_share": min_cluster_share,
                "previous_labels": previous_labels,
                "k_range": k_range,
                "scaling": scaling,
                "dbscan_eps": dbscan_eps,
                "max_clusters": max_clusters,
                "data": data,
            },
            {"depth": depth, "lang": lang, "currency": currency},
            {},
        )
        return answer


ROWS: Mapping[str, Sequence[Rows]] = {
    "customer_clv_features": [
        Rows(
            "customers",
            ("customer_id", "churn_date"),
            "transactions",
            ("date", "amount", "cost", "transaction_id"),
            None,
            False,
        )
    ],
    "customer_clv_forecast": [
        Rows(
            "customers",
            ("customer_id", "churn_date", "frequency", "recency", "T", "monetary_value", "churned"),
            "transactions",
            ("date", "amount", "cost", "transaction_id"),
            None,
            False,
        )
    ],
    "customer_features": [
        Rows(
            "customers",
            ("customer_id", "loyalty_score"),
            "transactions",
            ("transaction_id", "date", "amount", "product_id", "currency"),
            "features",
            False,
        )
    ],
    "customer_loyalty": [Rows("customers", ("customer_id", "features"), None, (), None, False)],
    "customer_rfm": [
        Rows("customers", ("customer_id",), "transactions", ("date", "amount", "transaction_id"), None, False)
    ],
    "nps": [Rows("data", ("customer_id", "answer", "question", "date"), None, (), None, True)],
    "forecast_revenue": [
        Rows("future_drivers", ("date",), None, (), None, True),
        Rows("data", ("date", "revenue"), None, (), None, True),
    ],
    "forecast_units": [
        Rows("future_drivers", ("date",), None, (), None, True),
        Rows("data", ("date", "sales_quantity"), None, (), None, True),
    ],
    "forecast_units_asyncio": [
        Rows("items", ("product_code",), "data", ("date", "sales_quantity"), None, False)
    ],
    "forecast_cost": [
        Rows("future_drivers", ("date",), None, (), None, True),
        Rows("data", ("date", "cost"), None, (), None, True),
    ],
    "forecast_cost_improved": [
        Rows("future_drivers", ("date",), None, (), None, True),
        Rows("data", ("date", "cost", "cost_center"), None, (), None, True),
    ],
    "dynamic_pricing_recommend": [
        Rows(
            "historical",
            ("date", "price", "units_sold", "competitor_price", "inventory_level"),
            None,
            (),
            "segment",
            True,
        )
    ],
    "churn_label": [
        Rows(
            "data",
            (
                "customer_id",
                "snapshot_date",
                "last_purchase_date",
                "subscription_cancelled",
                "balance_after_t",
                "topped_up_within_cycle",
            ),
            None,
            (),
            None,
            False,
        )
    ],
    "churn_risk": [
        Rows(
            "data",
            (
                "customer_id",
                "tenure",
                "usage_frequency",
                "service_tickets",
                "nps",
                "payment_events",
                "churned",
            ),
            None,
            (),
            None,
            False,
        )
    ],
    "propensity_buy_product": [Rows("customers", ("customer_id", "label_buy"), None, (), "features", False)],
    "propensity_respond_campaign": [
        Rows("customers", ("customer_id", "label_respond"), None, (), "features", False)
    ],
    "propensity_upgrade_plan": [
        Rows("customers", ("customer_id", "label_upgrade"), None, (), "features", False)
    ],
    "propensity_downgrade_plan": [
        Rows("customers", ("customer_id", "label_downgrade"), None, (), "features", False)
    ],
    "propensity_engage_any": [
        Rows("customers", ("customer_id", "label_engage"), None, (), "features", False)
    ],
    "uplift_model": [Rows("rows", ("id", "treatment", "outcome"), None, (), "features", False)],
    "recommend_user_items": [
        Rows("interactions", ("user_id", "item_id", "rating", "timestamp"), None, (), None, False),
        Rows("items", ("item_id", "metadata"), None, (), None, False),
    ],
    "bulk_recommend_user_items": [
        Rows("interactions", ("user_id", "item_id", "rating", "timestamp"), None, (), None, False),
        Rows("items", ("item_id", "metadata"), None, (), None, False),
    ],
    "recommend_similar_items": [
        Rows("items", ("item_id", "metadata"), None, (), None, False),
        Rows("interactions", ("user_id", "item_id", "rating", "timestamp"), None, (), None, False),
    ],
    "cross_sell_matrix": [
        Rows("transactions", ("customer_id", "items", "date"), None, (), None, False),
        Rows("item_catalog", ("item_id", "category"), None, (), None, False),
    ],
    "upsell_suggestions": [
        Rows("transactions", ("customer_id", "items", "date"), None, (), None, False),
        Rows("item_catalog", ("item_id", "category", "price", "margin"), None, (), None, False),
    ],
    "purchasing_segmentation": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id"),
            None,
            (),
            "features",
            False,
        ),
        Rows("data", ("customer_id",), None, (), "features", False),
    ],
    "purchasing_segmentation_dendrogram": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None, False)
    ],
    "segment_subsegment_explore": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None, False)
    ],
    "segment_cluster_profiles": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None, False)
    ],
    "customer_segmentation": [
        Rows(
            "customers",
            ("customer_id", "loyalty_score"),
            "transactions",
            ("transaction_id", "date", "amount", "product_id", "currency"),
            "features",
            False,
        )
    ],
    "segmentation_report_json": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None, False)
    ],
    "segmentation_report_json_i18n": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id"),
            None,
            (),
            "features",
            False,
        ),
        Rows("data", ("customer_id",), None, (), "features", False),
    ],
    "segmentation_report_pdf": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id"),
            None,
            (),
            "features",
            False,
        ),
        Rows("data", ("customer_id",), None, (), "features", False),
    ],
}
"""The arrays of rows of each route."""
JOBS = frozenset(["forecast_units_asyncio"])
"""Routes that answer with a job."""
