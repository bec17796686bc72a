"""Writes ``benchmarks/QUALITY.md``: how good the answers are, beside well-known tools on the same data.

``make quality DATA=/folder`` runs every area, without the parts whose data are not there. ``QUICK=1`` takes
every sixth series. One module per area: it gives ``section(data, quick)``, Markdown.
"""

from __future__ import annotations

import os
import platform
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks.quality import forecast, prices, propensity, recommendation, segments, uplift, value

SECTIONS: dict[str, Callable[[Path | None, bool], str]] = {
    "forecast": forecast.section,
    "prices": prices.section,
    "propensity": propensity.section,
    "recommendation": recommendation.section,
    "segments": segments.section,
    "uplift": uplift.section,
    "value": value.section,
}
PAGE = Path(__file__).parents[1] / "QUALITY.md"
INTRODUCTION = """# Quality

Written by `make quality DATA=…`; `benchmarks/quality/` has a module per area. Errors and coverage are of
days, customers or choices that no model had seen. Data that may not be redistributed stay in that folder.
"""


def main() -> None:
    """Runs the areas that are named on the command line, all of them if none is."""
    warnings.filterwarnings("ignore")
    named = os.environ.get("DATA")
    folder = Path(named) if named else None
    quick = bool(os.environ.get("QUICK"))
    areas = sys.argv[1:] or list(SECTIONS)
    old = _sections(PAGE.read_text(encoding="utf-8")) if PAGE.exists() else {}
    made = {area: SECTIONS[area](folder, quick) for area in areas}
    parts = [INTRODUCTION, f"Python {platform.python_version()}, {platform.machine()}.\n"]
    parts += [{**old, **made}[area] for area in SECTIONS if area in made or area in old]
    page = "\n".join(parts)
    if quick:
        print(page)
    else:
        PAGE.write_text(page, encoding="utf-8")


def _sections(page: str) -> dict[str, str]:
    """The sections of a page by area, so that a run of one area keeps the others."""
    found = {}
    for part in page.split("\n## ")[1:]:
        title, _, _ = part.partition("\n")
        found[title.strip().lower()] = f"## {part}"
    return found


if __name__ == "__main__":
    main()
