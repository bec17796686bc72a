"""A method per route. Written by generate.py from the server's description; do not edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from abintel_client.answers import Answer, Answers
from abintel_client.frames import Rows, Table


class Routes:
    """The routes; a client brings :meth:`_route`."""

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
        today: str | None = None,
        churn_threshold_days: int | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which customers have it in them: frequency, recency, age, value per order and a potential tier.

        Args:
            today: Day that T counts to; the server's (UTC) if absent.
            churn_threshold_days: Days without an order from which on a customer counts as churned.
            customers: The customers, each once.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_clv_features",
            {"customers": customers},
            {"today": today, "churn_threshold_days": churn_threshold_days},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def customer_features(
        self, customers: Table, *, today: str | None = None, currency_conversion_table: str | None = None
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
            {"today": today},
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
    ) -> Answer:
        """Who are our most loyal customers: an index from 0 to 1 and a tier for each.

        Args:
            weights: Importance of each metric; 0.25, 0.30, 0.10, 0.15 and 0.20 if absent.
            segment_thresholds: Tier to lower bound, in place of the default tiers; below all is At-Risk.
            customers: The customers, each once.
        """
        answer: Answer = self._route(
            "customer_loyalty",
            {"customers": customers},
            {"weights": weights, "segment_thresholds": segment_thresholds},
            {},
            {},
        )
        return answer

    def customer_rfm(
        self,
        customers: Table,
        *,
        bins: int | None = None,
        today: str | None = None,
        thresholds: Mapping[str, Any] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Whom to reward, nurture or win back: recency, frequency and monetary scores and a tier.

        Args:
            bins: Scores per metric.
            today: Day that recency counts to; the server's (UTC) if absent.
            customers: The customers, each once.
            thresholds: Used in place of the quantiles of these customers.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_rfm",
            {"customers": customers},
            {"bins": bins, "today": today, "thresholds": thresholds},
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
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Would our customers recommend us: Net Promoter Score, overall and by group.

        Args:
            group_by: Column, or columns, of the rows to break the score down by; empty for none.
            data: The answers.
            bands: Label to lowest score, in place of the standard bands.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "nps",
            {"data": data},
            {"group_by": group_by, "bands": bands},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def churn_label(
        self,
        business_type: Literal["ecommerce", "saas", "prepaid"],
        data: Table,
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
            {"business_type": business_type, "data": data},
            {"window_days": window_days},
            {},
            {},
        )
        return answer

    def propensity_buy_product(
        self,
        product_sku: str,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to buy a product, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            product_sku: Your key of the product; each has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_buy_product",
            {"product_sku": product_sku, "customers": customers},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def propensity_respond_campaign(
        self,
        campaign_id: str,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to respond to a campaign, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            campaign_id: Your key of the campaign; each has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_respond_campaign",
            {"campaign_id": campaign_id, "customers": customers},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def propensity_upgrade_plan(
        self,
        current_plan: str,
        target_plan: str,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to upgrade to a plan, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            current_plan: The customers' plan.
            target_plan: The plan that they may change to; each pair has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_upgrade_plan",
            {"current_plan": current_plan, "target_plan": target_plan, "customers": customers},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def propensity_downgrade_plan(
        self,
        current_plan: str,
        target_plan: str,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to downgrade to a plan, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            current_plan: The customers' plan.
            target_plan: The plan that they may change to; each pair has its own model.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_downgrade_plan",
            {"current_plan": current_plan, "target_plan": target_plan, "customers": customers},
            {"tier_quantiles": tier_quantiles},
            {"lang": lang, "currency": currency},
            {},
        )
        return answer

    def propensity_engage_any(
        self,
        customers: Table,
        *,
        tier_quantiles: Sequence[float] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """How likely each customer is to engage with any campaign, and what to do about it.

        Args:
            tier_quantiles: Lowest probability of the tiers Very High, High, Medium and Low, descending.
            customers: Customers to score; a model is trained if at least 20 have label 1 and 20 have
                label 0.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "propensity_engage_any",
            {"customers": customers},
            {"tier_quantiles": tier_quantiles},
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
        previous_labels: Mapping[str, Any] | None = None,
        customers: Table | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        full_benchmark: bool | None = None,
        data: Table | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Which kinds of customers there are: the best of four families of clustering, with portraits.

        Args:
            segmentation_id: `model_info.segmentation_id` of an earlier answer: customers are assigned to
                its segments, and nothing is clustered.
            algorithms: Families to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a core point of DBSCAN.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            customers: The customers, each once.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; or `zscore_onehot`, z-scores beside indicators of the 50
                most bought product types.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the least is 2.
            full_benchmark: List every combination in `evaluation_metrics`, not the best of each family.
            data: The customers, each once.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "purchasing_segmentation",
            {},
            {
                "segmentation_id": segmentation_id,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
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
        self, customers: Table, *, scaling: Literal["raw", "zscore", "zscore_onehot"] | None = None
    ) -> Answer:
        """How customers are related: Ward's tree over all of them, cut where it separates best.

        Args:
            customers: The customers, each once; at least 3 of them distinct.
            scaling: `raw` figures; `zscore`; or `zscore_onehot`, z-scores beside indicators of the 50
                most bought product types.
        """
        answer: Answer = self._route(
            "purchasing_segmentation_dendrogram", {"customers": customers}, {"scaling": scaling}, {}, {}
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
        scaling: Literal["raw", "zscore", "zscore_onehot"] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """Whether there are finer groups inside a segment: each is split again where that separates well.

        Args:
            customers: The customers, each once.
            labels: Customer to parent cluster, for each of them.
            target_cluster: Parent to split; all of them if absent.
            k_range: Numbers of parts to try.
            scaling: Within the parent: `raw` figures; `zscore`; or `zscore_onehot`, z-scores beside
                indicators of the 50 most bought product types.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "segment_subsegment_explore",
            {"customers": customers, "labels": labels},
            {"target_cluster": target_cluster, "k_range": k_range, "scaling": scaling},
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
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What each segment is worth and buys: a card per segment, with what to do about it.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them.
            top_n_categories: How many product types to name per cluster.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
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
        today: str | None = None,
        segmentation_id: str | None = None,
        algorithms: Sequence[Literal["kmeans", "gmm", "agglo", "dbscan"]] | None = None,
        dbscan_min_samples: int | None = None,
        previous_labels: Mapping[str, Any] | None = None,
        max_clusters: int | None = None,
        dbscan_eps: float | None = None,
        full_benchmark: bool | None = None,
        currency_conversion_table: str | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """From raw orders to segments in one call, with cards and RFM tiers.

        Args:
            today: Day that recency counts to; the server's (UTC) if absent.
            customers: The customers, each once.
            segmentation_id: `model_info.segmentation_id` of an earlier answer: customers are assigned to
                its segments, and nothing is clustered.
            algorithms: Families to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a core point of DBSCAN.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            max_clusters: Largest number of clusters to try; the least is 2.
            dbscan_eps: Radius of DBSCAN, in standard deviations.
            full_benchmark: List every combination in `evaluation_metrics`, not the best of each family.
            currency_conversion_table: JSON object: currency to its rate into the common currency, such as
                {"EUR": 1, "USD": 0.92}.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
        """
        answer: Answer = self._route(
            "customer_segmentation",
            {"customers": customers},
            {
                "today": today,
                "segmentation_id": segmentation_id,
                "algorithms": algorithms,
                "dbscan_min_samples": dbscan_min_samples,
                "previous_labels": previous_labels,
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
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> Answer:
        """What the segments mean for the business: a report in words, written from the figures.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
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
        previous_labels: Mapping[str, Any] | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        data: Table | None = None,
        depth: Literal["full", "brief"] | None = None,
    ) -> Answer:
        """The report on the segments in English, Spanish and Portuguese at once.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them. Absent: with labels, the body is the other
                one.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy. Absent: the
                tree is made here.
            algorithms: Families to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a core point of DBSCAN.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; or `zscore_onehot`, z-scores beside indicators of the 50
                most bought product types.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the least is 2.
            data: The customers, each once.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350.
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
                "previous_labels": previous_labels,
                "k_range": k_range,
                "scaling": scaling,
                "dbscan_eps": dbscan_eps,
                "max_clusters": max_clusters,
                "data": data,
            },
            {"depth": depth},
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
        previous_labels: Mapping[str, Any] | None = None,
        k_range: Sequence[int] | None = None,
        scaling: Literal["raw", "zscore", "zscore_onehot"] | None = None,
        dbscan_eps: float | float | None = None,
        max_clusters: int | None = None,
        data: Table | None = None,
        depth: Literal["full", "brief"] | None = None,
        lang: Literal["en", "es", "pt"] | None = None,
        currency: str | None = None,
    ) -> bytes:
        """The report on the segments as a PDF, with pictures.

        Args:
            customers: The customers, each once.
            labels: Customer to cluster id, for each of them. Absent: with labels, the body is the other
                one.
            dendrogram: Ward's tree over them: adds what the report says of the hierarchy. Absent: the
                tree is made here.
            algorithms: Families to try: K-Means, Gaussian mixture, Ward's tree, DBSCAN.
            dbscan_min_samples: Customers within eps, itself included, that make a core point of DBSCAN.
            previous_labels: Customer to cluster of the last run: clusters are renumbered to overlap most
                with it.
            k_range: Numbers of clusters to try with K-Means, Gaussian mixture and Ward.
            scaling: `raw` figures; `zscore`; or `zscore_onehot`, z-scores beside indicators of the 50
                most bought product types.
            dbscan_eps: Radius of DBSCAN; 0.5 raw, 0.40 z-scored (then at most 1) if absent. Radius of
                DBSCAN, in standard deviations.
            max_clusters: Largest number of clusters to try; the least is 2.
            data: The customers, each once.
            depth: `brief` shortens every section; the summary then has 60 to 120 words instead of 250 to
                350.
            lang: Language of the sentences in the answer.
            currency: Sign or code to print before money in sentences, such as `$`, `R$` or `EUR`.
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
        Rows("customers", ("customer_id", "churn_date"), "transactions", ("date", "amount", "cost"), None)
    ],
    "customer_features": [
        Rows(
            "customers",
            ("customer_id", "loyalty_score"),
            "transactions",
            ("transaction_id", "date", "amount", "product_id", "currency"),
            "features",
        )
    ],
    "customer_loyalty": [Rows("customers", ("customer_id", "features"), None, (), None)],
    "customer_rfm": [Rows("customers", ("customer_id",), "transactions", ("date", "amount"), None)],
    "nps": [Rows("data", ("customer_id", "answer", "question", "date"), None, (), None)],
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
        )
    ],
    "propensity_buy_product": [Rows("customers", ("customer_id", "label_buy"), None, (), "features")],
    "propensity_respond_campaign": [
        Rows("customers", ("customer_id", "label_respond"), None, (), "features")
    ],
    "propensity_upgrade_plan": [Rows("customers", ("customer_id", "label_upgrade"), None, (), "features")],
    "propensity_downgrade_plan": [
        Rows("customers", ("customer_id", "label_downgrade"), None, (), "features")
    ],
    "propensity_engage_any": [Rows("customers", ("customer_id", "label_engage"), None, (), "features")],
    "purchasing_segmentation": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id", "features"),
            None,
            (),
            None,
        ),
        Rows("data", ("customer_id", "features"), None, (), None),
    ],
    "purchasing_segmentation_dendrogram": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None)
    ],
    "segment_subsegment_explore": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None)
    ],
    "segment_cluster_profiles": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None)
    ],
    "customer_segmentation": [
        Rows(
            "customers",
            ("customer_id", "loyalty_score"),
            "transactions",
            ("transaction_id", "date", "amount", "product_id", "currency"),
            "features",
        )
    ],
    "segmentation_report_json": [
        Rows("customers", ("id", "frequency", "amount_spent", "product_types"), None, (), None)
    ],
    "segmentation_report_json_i18n": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id", "features"),
            None,
            (),
            None,
        ),
        Rows("data", ("customer_id", "features"), None, (), None),
    ],
    "segmentation_report_pdf": [
        Rows(
            "customers",
            ("id", "frequency", "amount_spent", "product_types", "customer_id", "features"),
            None,
            (),
            None,
        ),
        Rows("data", ("customer_id", "features"), None, (), None),
    ],
}
"""Where each route takes rows."""
