import io
import logging
import time
import warnings
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from abintel.wording import Lang, number, percent
from plugins.segmentation.drawing import pdf as module
from plugins.segmentation.drawing.pdf import pdf

NOW = datetime(2025, 5, 20, 17, 47, 9, tzinfo=UTC)
LANGUAGES: list[Lang] = ["en", "es", "pt"]
PROSE = "The segmentation has found three clusters among 40 customers, each with its own way to buy. " * 9


def cluster(cluster_id: int, categories: str = "wine, cheese, diapers") -> dict[str, Any]:
    return {
        "cluster_id": cluster_id,
        "n_customers": 1031 + cluster_id,
        "avg_spend": 2577.37 + cluster_id,
        "avg_frequency": 8.81 + cluster_id,
        "top_categories": categories,
        "share_revenue_pct": 40.712 + cluster_id / 10,
    }


def report(**changes: Any) -> dict[str, Any]:
    """The size of the published example."""
    texts = dict.fromkeys([*module.SECTIONS, "executive_summary"], PROSE)
    return {
        "language": "English",
        "generated_on": "2025-05-20T17:47:09",
        **texts,
        "auto_insights": ["Cluster 0 has the most customers (31).", "Cluster 0 generates 40.7% of revenue."],
        "cluster_metrics": [cluster(i) for i in range(3)],
        **changes,
    }


def picture(wide: int = 320, tall: int = 200, colour: str = "#0072B2") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGBA", (wide, tall), colour).save(buffer, "PNG")
    return buffer.getvalue()


PICTURES = {"Shares": picture(), "Points": picture(colour="#E69F00"), "Tree": picture(colour="#009E73")}


def read(document: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(document))


def text_of(document: bytes) -> str:
    """All pages without their footers, with spaces for line ends."""
    pages = [page.extract_text().splitlines()[:-1] for page in read(document).pages]
    return " ".join(" ".join(line for page in pages for line in page).split())


def outline(document: bytes) -> list[str]:
    return [str(entry.title) for entry in read(document).outline]


@pytest.mark.parametrize(
    ("lang", "title", "date", "headings"),
    [
        (
            "en",
            "Customer segmentation report",
            "May 20, 2025",
            [
                *("Executive summary", "Key facts", "Clusters in figures", "Charts", "Cluster analysis"),
                *("Customer insights", "Marketing recommendations", "Channel strategy", "Cross-sell ideas"),
                *("Retention actions", "Next steps", "How the clusters relate"),
            ],
        ),
        (
            "es",
            "Informe de segmentación de clientes",
            "20 may 2025",
            [
                *("Resumen ejecutivo", "Datos clave", "Los clústeres en cifras", "Gráficos"),
                *("Análisis de los clústeres", "Conocimiento del cliente", "Recomendaciones de marketing"),
                *("Estrategia de canales", "Ideas de venta cruzada", "Acciones de retención"),
                *("Próximos pasos", "Cómo se relacionan los clústeres"),
            ],
        ),
        (
            "pt",
            "Relatório de segmentação de clientes",
            "20 de mai. de 2025",
            [
                *("Resumo executivo", "Dados principais", "Os clusters em números", "Gráficos"),
                *("Análise dos clusters", "Conhecimento do cliente", "Recomendações de marketing"),
                *("Estratégia de canais", "Ideias de venda cruzada", "Ações de retenção"),
                *("Próximos passos", "Como os clusters se relacionam"),
            ],
        ),
    ],
)
def test_title_date_and_headings_are_in_the_language(
    lang: Lang, title: str, date: str, headings: list[str]
) -> None:
    document = pdf(report(), PICTURES, lang, NOW)
    assert outline(document) == headings
    said = text_of(document)
    assert said.startswith(f"{title} {date} {headings[0]}")
    places = [said.index(heading) for heading in headings]
    assert places == sorted(places)
    metadata = read(document).metadata
    assert metadata is not None
    assert metadata.title == title
    assert metadata.creation_date == NOW
    assert read(document).trailer["/Root"]["/Lang"] == lang


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_text_and_figure_is_there(lang: Lang) -> None:
    content = report()
    said = text_of(pdf(content, PICTURES, lang, NOW))
    assert said.count(PROSE[:50]) == 9 * 9
    assert "• Cluster 0 has the most customers (31)." in said
    for row in content["cluster_metrics"]:
        assert row["top_categories"] in said
        assert number(row["n_customers"], 0, lang) in said
        assert number(row["avg_spend"], 2, lang) in said
        assert number(row["avg_frequency"], 2, lang) in said
        assert percent(row["share_revenue_pct"] / 100, 1, lang).replace("\u00a0", " ") in said.replace(
            "\u00a0", " "
        )


def test_pages_are_a4_and_numbered() -> None:
    document = pdf(report(), PICTURES, "en", NOW)
    pages = read(document).pages
    assert 4 <= len(pages) <= 6
    for index, page in enumerate(pages, 1):
        assert [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
        assert f"Page {index} of {len(pages)}" in page.extract_text()


def test_pictures_have_captions_and_alternative_texts() -> None:
    document = pdf(report(), PICTURES, "en", NOW)
    assert sum(len(page.images) for page in read(document).pages) == 3
    said = text_of(document)
    for caption in PICTURES:
        assert caption in said
        assert caption.encode("utf-16-be") in document or f"({caption})".encode() in document
    assert document.count(b"/Alt ") == 3


def test_a_tall_picture_fits_on_a_page() -> None:
    document = pdf(report(), {"Tall": picture(400, 4000)}, "en", NOW)
    (page,) = [page for page in read(document).pages if page.images]
    assert "Tall" in page.extract_text()


def test_without_pictures_and_texts_there_are_no_empty_headings() -> None:
    content = report(dendrogram_insights=None, next_steps="", auto_insights=[], channel_strategy=" \n")
    names = outline(pdf(content, {}, "en", NOW))
    assert set(names).isdisjoint({"Charts", "Key facts", "Next steps", "Channel strategy"})
    assert "How the clusters relate" not in names
    del content["dendrogram_insights"]
    assert outline(pdf(content, {}, "en", NOW)) == names


def test_the_header_of_the_table_is_on_every_page_of_40_clusters() -> None:
    long = "beverages and tobacco, household cleaning, garden furniture, frozen food, " * 2
    rows = [cluster(i, long) for i in (*range(39), -1)]
    document = pdf(report(cluster_metrics=rows), {}, "en", NOW)
    pages = [page.extract_text() for page in read(document).pages]
    # The page says Cluster 1 in its prose elsewhere; spend is there once for each cluster.
    holding = [text for text in pages if any(number(row["avg_spend"], 2, "en") in text for row in rows)]
    assert len(holding) >= 3
    assert all("Top categories" in text for text in holding)
    assert sum(text.count("frozen food") for text in pages) == 80
    assert "outliers" in text_of(document)


def test_one_cluster_is_a_table_of_one_row() -> None:
    said = text_of(pdf(report(cluster_metrics=[cluster(0)]), {}, "en", NOW))
    assert "Cluster 0 1,031 2,577.37 8.81 wine, cheese, diapers 40.7%" in said


def test_the_same_report_gives_the_same_bytes() -> None:
    once = pdf(report(), PICTURES, "pt", NOW)
    time.sleep(1.1)
    assert pdf(report(), PICTURES, "pt", NOW) == once
    assert pdf(report(), PICTURES, "pt", NOW.replace(tzinfo=None)) == once


def test_pictures_may_be_asked_for_when_their_page_is_set() -> None:
    assert pdf(report(), lambda: PICTURES, "pt", NOW) == pdf(report(), PICTURES, "pt", NOW)


TORTURE = {
    "accents": ("Café São-João ñ ß œ ő", "Café São-João ñ ß œ ő"),
    "combining": ("Cafe\u0301", "Café"),
    "cyrillic and greek": ("вино ελιά", "вино ελιά"),
    "chinese": ("酒 wine", "酒 wine"),
    "emoji": ("a\U0001f9c0b \U0001f468\u200d\U0001f469 ❤\ufe0f", "a?b ?? ❤"),
    "controls": ("a\x00b\x1bc\u200bd\ufeffe\u00adf", "abcdef"),
    "lone surrogate": ("a\ud800b", "a?b"),
    "placeholders and marks": ("{nb} **b** __i__ %s (x) \\", "{nb} **b** __i__ %s (x) \\"),
    "private use and noncharacter": ("a\U000fffffb\ufdd0", "a?b?"),
    "only what is not seen": ("\u200b\ufeff", ""),
    "nothing": ("", "–"),
}


@pytest.mark.parametrize(("sent", "shown"), TORTURE.values(), ids=TORTURE)
def test_any_text_is_safe(
    sent: str, shown: str, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    content = report(
        cluster_metrics=[cluster(0, sent)], executive_summary=f"({sent})", auto_insights=[sent or "-"]
    )
    with caplog.at_level(logging.WARNING):
        document = pdf(content, {sent: PICTURES["Shares"]}, "en", NOW)
    assert (caplog.records, recwarn.list) == ([], [])
    said = text_of(document)
    assert f"8.81 {shown} 40.7%" in said or not shown
    if sent:
        assert f"({shown})" in said


def test_hebrew_is_drawn_from_right_to_left_and_read_back_as_written() -> None:
    sent = "wine, \u05d9\u05d9\u05df, ale"
    assert module._Document._ordered(sent) == "wine, \u05df\u05d9\u05d9, ale"
    # pypdf, like viewers, turns the letters round again.
    assert "\u05d9\u05d9\u05df" in text_of(pdf(report(cluster_metrics=[cluster(0, sent)]), {}, "en", NOW))


@settings(max_examples=20)
@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_no_text_raises(text: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        content = report(cluster_metrics=[cluster(0, text)], auto_insights=[text], next_steps=text)
        assert pdf(content, {}, "en", NOW).startswith(b"%PDF")


@pytest.mark.parametrize(
    "text", ["\u2031" * 5000, "\n" * 5000, "W" * 5000, "\u05d0 " * 2500, "\u05d0" + "(" * 4999]
)
def test_no_text_is_too_long_for_a_row(text: str) -> None:
    document = pdf(report(cluster_metrics=[cluster(0, text), cluster(1)], next_steps=text), {}, "es", NOW)
    assert "2.577,37" in text_of(document)


def test_a_long_list_of_categories_ends_in_an_ellipsis() -> None:
    said = text_of(pdf(report(cluster_metrics=[cluster(0, "wine, " * 100)]), {}, "en", NOW))
    assert "wine, w… " in said
    assert said.count("wine") == 33
