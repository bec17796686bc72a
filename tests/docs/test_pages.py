"""The pages say what the code does: routes, answers, settings, problems, links."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from abintel.settings import Settings
from docs import generate
from tests.contract.roster import ROSTER
from tests.serving import ROOT

DOCS = ROOT / "docs"
STALE = "docs/routes does not say what the endpoints do: run make docs, and look at what changes"
_BUILT = {"build", "dist", "wheels", "node_modules"}
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not any(part in _BUILT or part.startswith(".") for part in path.relative_to(ROOT).parts)
)


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """The pages and pictures, made anew."""
    return generate.pages(generate.roster())


@pytest.mark.slow
def test_the_pages_of_the_routes_are_up_to_date(written: dict[str, str]) -> None:
    committed = generate.files()
    assert committed.keys() == written.keys(), STALE
    for name, text in written.items():
        assert committed[name] == text, f"{STALE} ({name})"


def test_the_pictures_of_the_pages_are_small_and_hold_the_answers() -> None:
    for path in (DOCS / "routes" / "pictures").glob("*.svg"):
        picture = path.read_text(encoding="utf-8")
        assert len(picture) < 80_000, path.name
        assert picture.startswith("<svg")
        assert "http" not in picture.replace("http://www.w3.org", ""), path.name


@pytest.mark.parametrize("route", [route for routes in ROSTER.values() for route in routes])
def test_every_route_has_its_page(route: str) -> None:
    assert (DOCS / "routes" / f"{route}.md").is_file(), STALE
    assert f"[{route}]({route}.md)" in (DOCS / "routes" / "README.md").read_text(encoding="utf-8"), STALE


def test_the_first_call_of_the_readme_is_answered_as_shown() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    route = re.search(r"/api/v1/ai/(\w+)", readme)
    body = re.search(r"-d '(.+)'", readme)
    shown = re.search(r"```json\n(.+?)```", readme, re.DOTALL)
    assert route is not None
    assert body is not None
    assert shown is not None
    [endpoint] = [endpoint for endpoint in generate.roster().endpoints if endpoint.name == route[1]]
    assert json.loads(shown[1]) == generate.answer(endpoint, json.loads(body[1]))


def test_the_forms_of_jobs_are_those_of_the_code() -> None:
    assert generate.forms(generate.roster()) in (DOCS / "jobs.md").read_text(encoding="utf-8"), STALE


def test_the_settings_are_those_of_the_code() -> None:
    assert Settings.table() in (DOCS / "operating.md").read_text(encoding="utf-8")


def problems() -> Iterator[tuple[str, str]]:
    """Status and slug of every problem that the code raises."""
    for folder in ("abintel", "jobs", "registry", "plugins", "server", "stores"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Problem"
                ):
                    yield from _constants(node)


def _constants(call: ast.Call) -> Iterator[tuple[str, str]]:
    # One call has variables: it renders Starlette's errors, under slugs that are raised elsewhere, too.
    constants = [argument.value for argument in call.args[:2] if isinstance(argument, ast.Constant)]
    if len(constants) == 2:
        status, slug = constants
        yield str(status), str(slug)


def test_every_problem_is_on_the_page_of_errors_and_no_other() -> None:
    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    described = {
        (status, slug) for slug, status in re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", page, re.MULTILINE)
    }
    assert described == set(problems())


def test_the_error_that_is_shown_is_the_one_that_comes() -> None:
    from abintel.problem import Problem

    page = (DOCS / "errors.md").read_text(encoding="utf-8")
    shown: dict[str, Any] = json.loads(re.findall(r"```json\n(.+?)```", page, re.DOTALL)[0])
    [endpoint] = [endpoint for endpoint in generate.roster().endpoints if endpoint.name == "nps"]
    with pytest.raises(Problem) as caught:
        generate.answer(endpoint, {"data": [{"customer_id": "C-1", "answer": 11}]})
    assert caught.value.as_dict(shown["request_id"]) == shown


def anchors(text: str) -> set[str]:
    """Anchors of a page's headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{link} leads nowhere"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{link} names no heading"
