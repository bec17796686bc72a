"""What takes long says how far it is: the shares rise to 1 in more than three steps, and change no answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from abintel.endpoint import Endpoint
from abintel.progress import listen
from plugins.clv.endpoints import customer_clv_forecast
from plugins.pricing.endpoints import dynamic_pricing_recommend
from plugins.propensity.endpoints import churn_risk, propensity_respond_campaign, uplift_model
from plugins.recommendation.endpoints import bulk_recommend_user_items, recommend_similar_items
from plugins.segmentation.endpoints import purchasing_segmentation
from tests.campaign import campaign
from tests.plugins.calls import answered
from tests.plugins.clv.test_over_http import body as shop
from tests.plugins.recommendation.recommenders.populations import clusters, items, rows

TASTES = {"items": items(90), "interactions": rows(clusters(80, 90, 3, 40, 0.1, 1)), "top_k": 3}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("endpoint", "body"),
    [
        pytest.param(endpoint, body, id=endpoint.name)
        for endpoint, body in (
            (propensity_respond_campaign.ENDPOINT, campaign("spring", rows=60, labelled=60)),
            (churn_risk.ENDPOINT, churn_risk.ENDPOINT.example),
            (uplift_model.ENDPOINT, uplift_model.ENDPOINT.example),
            (customer_clv_forecast.ENDPOINT, shop(10.0)),
            (purchasing_segmentation.ENDPOINT, purchasing_segmentation.ENDPOINT.example),
            (bulk_recommend_user_items.ENDPOINT, TASTES),
            (recommend_similar_items.ENDPOINT, {**TASTES, "item_id": TASTES["items"][0]["item_id"]}),
            (dynamic_pricing_recommend.ENDPOINT, dynamic_pricing_recommend.ENDPOINT.example),
        )
    ],
)
def test_the_shares_rise_to_1(endpoint: Endpoint, body: Mapping[str, Any]) -> None:
    heard: list[float] = []
    with listen(heard.append):
        answer = answered(endpoint, body)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(set(heard)) > 3
    assert answer == answered(endpoint, body)
