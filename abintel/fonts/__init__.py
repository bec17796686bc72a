"""The font of Chinese and Japanese, for pictures and documents: Droid Sans Fallback, Apache-2.0."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
CJK = FOLDER / "DroidSansFallbackFull.ttf"
CJK_FAMILY = "Droid Sans Fallback"
