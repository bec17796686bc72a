"""The segmentation report as a document to print: A4, with its charts."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from fpdf import FPDF, FontFace, TextStyle, ViewerPreferences
from fpdf.bidi import BidiParagraph
from fpdf.enums import Align, TableBordersLayout, TextDirection, XPos, YPos
from fpdf.fonts import TTFFont
from PIL import Image

from abintel.fonts import CJK
from abintel.wording import Lang, Words, date, number, percent
from plugins.segmentation.drawing.theme import cluster_name
from plugins.segmentation.words import TEXTS

FONTS = Path(__file__).parent / "fonts"
FAMILY, FALLBACK, MISSING = "dejavu", "droid", "?"
NO_SHAPE = set(range(0x20)) | set(range(0x200B, 0x2010)) | set(range(0xFE00, 0xFE10))
"""Controls, joiners and variation selectors, which are not printed."""
MOST_LETTERS = 200
"""Most letters of a text in the table: a row must fit on a page."""

MOST_SIGNS = 200
"""Most signs in a row without a letter, in a line of Hebrew or Arabic that is put in order."""

MARGIN, LINE, TALLEST = 20.0, 5.2, 225.0
"""Millimetres: around a page, from line to line, and of the tallest picture."""

BLUE, BAND = (0, 70, 112), (226, 236, 243)
HEADING = TextStyle(FAMILY, "B", 13, BLUE, t_margin=6, b_margin=1.5)
EAST_ASIAN = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Kana, Han and the punctuation that goes with them."""
_CLOSES, _OPENS = "、。，．：；！？）」』】〉》”ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々％", "（「『【〈《“"
_OTHER = f"[^{_CLOSES}{_OPENS}\u3000-\u30ff\u3400-\u9fff\uff00-\uffef ]+"
UNITS = re.compile(f"[{_OPENS}]*(?:{_OTHER}|[^ {_OPENS}])[{_CLOSES}]* *| +|[{_OPENS}]+")
"""What stays on one line: a letter, or a word or number in another script, with the marks that touch it."""
PAGES = "\ufdd0" * 3
"""Placeholder of the number of pages until it is known: noncharacters, which no text can hold."""

SECTIONS = (
    "cluster_analysis",
    "customer_insights",
    "marketing_recommendations",
    "channel_strategy",
    "product_cross_sell_ideas",
    "retention_actions",
    "next_steps",
    "dendrogram_insights",
)
"""The sections after the pictures, in order."""
COLUMNS = {"cluster": 24, "customers": 23, "spend": 26, "frequency": 25, "categories": 48, "revenue": 24}
"""Columns of the table, and their widths in millimetres."""

Pictures = Mapping[str, bytes]
"""Caption to PNG, in the order in which they are printed."""


def pdf(
    report: Mapping[str, Any], pictures: Pictures | Callable[[], Pictures], lang: Lang, now: datetime
) -> bytes:
    """The report as a PDF; the same input gives the same bytes.

    Args:
        report: the answer of ``segmentation_report_json``. A text that is missing, None or empty is left
            out with its heading. Any text is safe: a question mark stands for what no font can show.
        pictures: the pictures, or a function that gives them, called when the pages before them are set.
        now: date on the first page and of the file; UTC if it has no time zone.

    Raises:
        KeyError: the report has no ``auto_insights`` or ``cluster_metrics``.
        PIL.UnidentifiedImageError: a picture is not an image.
    """
    now = now if now.tzinfo else now.replace(tzinfo=UTC)
    words = TEXTS[lang]
    printed = [words.say("pdf.title"), *report["auto_insights"], *map(str, report["cluster_metrics"])]
    printed += [str(report.get(name) or "") for name in ("executive_summary", *SECTIONS)]
    document = _Document(words, now, set(map(ord, "".join(printed))) - NO_SHAPE)
    document.title_block(words.say("pdf.title"), date(now.date(), lang))
    document.section(words.say("section.executive_summary"), report.get("executive_summary"))
    document.points(words.say("section.auto_insights"), report["auto_insights"])
    names = report.get("segment_names") or {}
    document.key_figures(words.say("section.cluster_metrics"), report["cluster_metrics"], names)
    document.gallery(words.say("pdf.charts"), pictures() if callable(pictures) else pictures)
    for name in SECTIONS:
        document.section(words.say(f"section.{name}"), report.get(name))
    return bytes(document.output())


class _Document(FPDF):
    """A4 pages with a footer."""

    def __init__(self, words: Words, now: datetime, letters: set[int]) -> None:
        super().__init__(format="A4")
        self.words = words
        self.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.known = set(cast(TTFFont, self.fonts[FAMILY]).cmap)
        if letters - self.known:
            # Reading this font takes longer than writing most documents.
            self.add_font(FALLBACK, "", CJK)
            self.set_fallback_fonts([FALLBACK], exact_match=False)
            self.known |= set(cast(TTFFont, self.fonts[FALLBACK]).cmap)
        self.set_title(words.say("pdf.title"))
        self.set_lang(words.lang)
        self.set_creation_date(now)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.alias_nb_pages(PAGES)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, 22)
        self.set_section_title_styles(HEADING)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FAMILY, size=8)
        self.set_text_color(110)
        self.cell(0, 5, self.words.say("pdf.page", page=self.page_no(), pages=PAGES), align="C")

    def title_block(self, title: str, date: str) -> None:
        self.set_font(FAMILY, "B", 20)
        self.set_text_color(*BLUE)
        self.cell(0, 9, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._body(10, grey=110)
        self.cell(0, 7, date, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def section(self, heading: str, text: str | None) -> None:
        if text and text.strip():
            self._heading(heading)
            self._paragraph(text)

    def points(self, heading: str, texts: Sequence[str]) -> None:
        if texts:
            self._heading(heading)
        for text in texts:
            self.cell(5, LINE, "•")
            self.set_left_margin(MARGIN + 5)
            self._paragraph(text)
            self.set_left_margin(MARGIN)
            self.set_x(MARGIN)

    def key_figures(
        self, heading: str, clusters: Sequence[Mapping[str, Any]], names: Mapping[str, str]
    ) -> None:
        if not clusters:
            return
        self._heading(heading)
        self._body(8.5)
        self.set_draw_color(200)
        with self.table(
            col_widths=tuple(COLUMNS.values()),
            text_align=("LEFT", "RIGHT", "RIGHT", "RIGHT", "LEFT", "RIGHT"),
            v_align="TOP",
            headings_style=FontFace(emphasis="BOLD", color=BLUE, fill_color=BAND),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=4.4,
            padding=(1.2, 1.8),
        ) as table:
            table.row([self.words.say(f"column.{name}") for name in COLUMNS])
            for cluster in clusters:
                first, *others = self._cells(cluster)
                name = names.get(str(cluster["cluster_id"]))
                table.row([f"{first}\n{name}" if name else first, *others])

    def gallery(self, heading: str, pictures: Pictures) -> None:
        above = 14.0
        for caption, picture in pictures.items():
            with Image.open(io.BytesIO(picture)) as read:
                # Charts are opaque. The PDF would store an alpha channel as a second picture.
                image = read.convert("RGB")
            scale = min(self.epw / image.width, TALLEST / image.height)
            wide, tall = image.width * scale, image.height * scale
            if self.will_page_break(above + tall + 12):
                self.add_page()
            if above:
                self._heading(heading)
                above = 0.0
            text = self._printable(caption)
            self.image(image, x=Align.C, w=wide, h=tall, alt_text=text)
            self._body(9, grey=90)
            self.multi_cell(0, LINE, text, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.ln(4)

    def _cells(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """A row of the table, in the order of `COLUMNS`."""
        lang = self.words.lang
        categories = " ".join((row["top_categories"] or "–").split())
        if len(categories) > MOST_LETTERS:
            categories = categories[: MOST_LETTERS - 1] + "…"
        return (
            cluster_name(row["cluster_id"], lang),
            number(row["n_customers"], 0, lang),
            number(row["avg_spend"], 2, lang),
            number(row["avg_frequency"], 2, lang),
            self._broken(self._printable(categories), COLUMNS["categories"] - 3.6),
            percent(row["share_revenue_pct"] / 100, 1, lang),
        )

    def _heading(self, text: str) -> None:
        """A heading, which is also in the outline, with room for a few lines below it."""
        if self.will_page_break(30):
            self.add_page()
        self.start_section(text)
        self._body(10)

    def _paragraph(self, text: str) -> None:
        self._body(10)
        lines = self._broken(self._printable(text), self.epw)
        self.multi_cell(0, LINE, lines, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _body(self, size: float, grey: int = 40) -> None:
        self.set_font(FAMILY, size=size)
        self.set_text_color(grey)

    def _printable(self, text: str) -> str:
        """Text that the font can show, in the order in which it is drawn."""
        lines = unicodedata.normalize("NFC", text).splitlines()
        return "\n".join(self._ordered("".join(map(self._shown, line.rstrip()))) for line in lines)

    def _broken(self, text: str, width: float) -> str:
        """Text with its lines broken between Chinese or Japanese letters, which no blanks separate.

        fpdf2 breaks lines at blanks only. A number or a Latin word stays whole, a closing mark begins no line
        and an opening mark ends none.
        """
        if not EAST_ASIAN.search(text):
            return text
        room = width - 2 * self.c_margin - 0.1
        lines = []
        for paragraph in text.split("\n"):
            line = ""
            for unit in UNITS.findall(paragraph):
                if line and self.get_string_width(line + unit.rstrip()) > room:
                    lines.append(line.rstrip())
                    line = unit.lstrip()
                else:
                    line += unit
            lines.append(line)
        return "\n".join(lines)

    def _shown(self, letter: str) -> str:
        kind = unicodedata.category(letter)
        if kind == "Zs" or letter == "\t":
            return letter if letter == "\u00a0" else " "
        # Controls, joiners and variation selectors have no shape of their own.
        if kind in ("Cc", "Cf") or "\ufe00" <= letter <= "\ufe0f":
            return ""
        return letter if ord(letter) in self.known else MISSING

    @staticmethod
    def _ordered(line: str) -> str:
        """A line in the order of drawing: Hebrew and Arabic run from right to left."""
        kinds = [unicodedata.bidirectional(letter) for letter in line]
        runs = groupby(kinds, lambda kind: kind in ("L", "R", "AL"))
        # fpdf2 recurses for each sign of a run without letters.
        deepest = max((len(list(run)) for letters, run in runs if not letters), default=0)
        if deepest > MOST_SIGNS or {"R", "AL", "AN"}.isdisjoint(kinds):
            return line
        return BidiParagraph(line, base_direction=TextDirection.LTR).get_reordered_string()
