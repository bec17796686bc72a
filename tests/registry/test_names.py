"""Names of registered models."""

import re

import pytest

from registry.names import model_name


@pytest.mark.parametrize(
    "scope", ["a/b:c", "", "…", "x" * 5000, "Promoção Verão", "' or 1=1", "\0", "..", "a.b"]
)
def test_a_name_has_only_what_mlflow_and_its_filters_take(scope: str) -> None:
    name = model_name("acme", "some_endpoint", {"campaign_id": scope})
    assert re.fullmatch(r"[a-z0-9._-]{1,200}", name)


def test_scopes_that_look_alike_have_names_of_their_own() -> None:
    scopes = [{"a": "Spring"}, {"a": "spring"}, {"b": "spring"}, {"a": "spring "}, {}]
    assert len({model_name("acme", "some_endpoint", scope) for scope in scopes}) == len(scopes)


def test_parts_cannot_be_moved_between_tenant_and_endpoint() -> None:
    assert model_name("a", "b_c", {}) != model_name("a.b_c", "", {})
