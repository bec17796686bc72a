"""Uplift models that are stored and found again, over HTTP and against real MLflow."""

from __future__ import annotations

from typing import Any

import httpx

from plugins.propensity.endpoints.uplift_model import ENDPOINT, rows


def post(client: httpx.Client, sent: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(ENDPOINT.route, json=sent)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def without_info(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "model_info"}


def test_a_campaign_is_trained_once_reused_and_scores_new_customers(
    acme: httpx.Client, other: httpx.Client
) -> None:
    sent = {"campaign_id": "uplift-over-http", "rows": rows()}
    cold, warm = post(acme, sent), post(acme, sent)
    assert (cold["model_info"]["cached"], warm["model_info"]["cached"]) == (False, True)
    assert without_info(cold) == without_info(warm)
    new = [{**row, "treatment": None, "outcome": None} for row in rows(60)]
    scored = post(acme, {"campaign_id": "uplift-over-http", "rows": new})
    assert scored["model_info"]["model_version"] == cold["model_info"]["model_version"]
    assert scored["treatment_cr"] == cold["treatment_cr"]
    assert all(row["uplift_score"] is not None for row in scored["details"])
    elsewhere = post(other, {"campaign_id": "uplift-over-http", "rows": new})
    assert elsewhere["model_info"]["note"].startswith("not enough labelled rows")
    assert {row["uplift_score"] for row in elsewhere["details"]} == {None}


def test_without_a_campaign_nothing_is_kept(acme: httpx.Client) -> None:
    first, second = post(acme, {"rows": rows()}), post(acme, {"rows": rows()})
    assert first == second
    assert first["model_info"]["cached"] is False
    assert "model_version" not in first["model_info"]
