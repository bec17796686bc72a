"""The server on PostgreSQL alone: credentials, rate limits, training locks and MLflow's store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.administration import Administration
from tests import postgres
from tests.campaign import ROUTE, campaign, unlabelled
from tests.serving import Server

postgres_url = postgres.postgres_url


@pytest.mark.slow
def test_two_workers_on_postgresql_train_once_and_limit_the_rate_together(
    postgres_url: str, tmp_path: Path
) -> None:
    server = Server(
        tmp_path / "home",
        ABINTEL_DATABASE_URL=postgres_url,
        MLFLOW_TRACKING_URI=postgres_url,
        ABINTEL_WORKERS="2",
        ABINTEL_RATE_LIMIT="20/h",
        ABINTEL_PLUGINS="propensity",
    )
    credential = server.credential("acme")
    with server:
        body = campaign("on-postgresql", rows=300, labelled=300)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: server.client(credential).post(ROUTE, json=body), range(6)))
        assert {answer.status_code for answer in answers} == {200}
        predictions = [answer.json()["predictions"] for answer in answers]
        assert all(rows == predictions[0] for rows in predictions)
        [model] = Administration(server.settings).models("acme")
        assert [version.number for version in model.versions] == ["1"]
        rows = unlabelled(body)
        statuses = [server.client(credential).post(ROUTE, json=rows).status_code for _ in range(16)]
        assert statuses.count(200) == 14, "20 requests in all, whichever worker took them"
        assert set(statuses) == {200, 429}
        assert not (tmp_path / "home" / "abintel.db").exists()
        assert server.stop() == 0
