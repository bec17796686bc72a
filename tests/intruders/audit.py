"""``make audit``: the locked versions against the advisories of PyPI and OSV, as far as they can be reached.

Exit codes: 0, no advisory that ``docs/security.md`` does not name; 1, there is one; 3, neither source could
be asked, or it did not know most of the packages, so that nothing was found out.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.serving import ROOT

PAGE = ROOT / "docs" / "security.md"
LOCK = ROOT / "requirements.lock"
NEW, UNKNOWN = 1, 3
LEAST_KNOWN = 0.9
"""Share of the packages that a source must know to be believed."""
_SECONDS = 300
_ADVISORY = re.compile(r"\b(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3}|PYSEC-\d{4}-\d+)\b")


def noted(page: str) -> set[str]:
    """Advisories that the page names."""
    return set(_ADVISORY.findall(page))


def found(report: Mapping[str, Any]) -> dict[str, list[set[str]]]:
    """Package to its advisories, each under all its names.

    Raises:
        LookupError: the source knows too few of the packages.
    """
    packages = report["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    if len(known) < LEAST_KNOWN * len(packages) or not packages:
        raise LookupError(f"it knows {len(known)} of {len(packages)} packages")
    return {
        f"{package['name']} {package['version']}": [
            {one["id"], *one.get("aliases", ())} for one in package["vulns"]
        ]
        for package in known
        if package["vulns"]
    }


def unnoted(advisories: Mapping[str, Iterable[set[str]]], known: set[str]) -> list[str]:
    """Lines on advisories that no page names."""
    return [
        f"{package}: {', '.join(sorted(names))}"
        for package, all_of_it in advisories.items()
        for names in all_of_it
        if not names & known
    ]


def asked(service: str, lock: Path) -> dict[str, list[set[str]]]:
    """What pip-audit finds with one source.

    Raises:
        LookupError: the source could not be asked.
    """
    command = [
        *(str(Path(sys.executable).with_name("pip-audit")), "--requirement", str(lock), "--disable-pip"),
        *("--format", "json", "--progress-spinner", "off", "--vulnerability-service", service),
    ]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS)
        return found(json.loads(run.stdout))
    except subprocess.TimeoutExpired:
        raise LookupError(f"no answer within {_SECONDS} s") from None
    except ValueError:
        lines = run.stderr.strip().splitlines() or ["nothing was said"]
        raise LookupError(lines[-1][:200]) from None


def main(lock: Path = LOCK, page: Path = PAGE) -> int:
    """Asks, tells, and gives the exit code."""
    known = noted(page.read_text(encoding="utf-8"))
    for service in ("pypi", "osv"):
        try:
            advisories = asked(service, lock)
        except LookupError as error:
            print(f"audit: {service} could not be asked: {error}", file=sys.stderr)
            continue
        new = unnoted(advisories, known)
        for line in new:
            print(f"audit: {line}: not in {page.name}", file=sys.stderr)
        if new:
            return NEW
        count = sum(map(len, advisories.values()))
        print(f"audit: {service} knows {count} advisories for what is locked, each of them in {page.name}")
        return 0
    print("audit: NOTHING WAS CHECKED, no source of advisories can be reached from here", file=sys.stderr)
    return UNKNOWN


if __name__ == "__main__":
    sys.exit(main())
