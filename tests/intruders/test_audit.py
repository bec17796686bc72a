"""``make audit`` tells new advisories from noted ones, and never takes silence for an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intruders import audit


def package(name: str, *advisories: tuple[str, ...]) -> dict[str, Any]:
    return {
        "name": name,
        "version": "1.0",
        "vulns": [{"id": first, "aliases": list(more)} for first, *more in advisories],
    }


def test_an_advisory_is_noted_under_any_of_its_names() -> None:
    report = {"dependencies": [package("a", ("PYSEC-2026-1", "CVE-2026-1234")), package("b")]}
    advisories = audit.found(report)
    assert audit.unnoted(advisories, audit.noted("see CVE-2026-1234.")) == []
    assert audit.unnoted(advisories, audit.noted("see GHSA-aaaa-bbbb-cccc")) == [
        "a 1.0: CVE-2026-1234, PYSEC-2026-1"
    ]


def test_a_source_that_knows_nothing_found_nothing_out() -> None:
    skipped = {"name": "a", "skip_reason": "Dependency not found on PyPI"}
    with pytest.raises(LookupError, match="it knows 1 of 3 packages"):
        audit.found({"dependencies": [skipped, skipped, package("b")]})
    with pytest.raises(LookupError):
        audit.found({"dependencies": []})


def test_without_a_source_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(service: str, _: Any) -> Any:
        raise LookupError("not reachable")

    monkeypatch.setattr(audit, "asked", silent)
    assert audit.main() == audit.UNKNOWN
    assert "NOTHING WAS CHECKED" in capsys.readouterr().err


@pytest.mark.parametrize(("names", "code"), [({"CVE-1999-0001"}, audit.NEW), (set(), 0)])
def test_what_is_not_noted_fails(names: set[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "asked", lambda *_: {"a 1.0": [names] if names else []})
    assert audit.main() == code
