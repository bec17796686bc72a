import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import altair as alt
import orjson
import pytest
from PIL import Image

from abintel.charts import PNG, SVG, VEGA_LITE, drawing
from abintel.charts.theme import said


@pytest.fixture(autouse=True)
def drawer() -> Iterator[None]:
    yield
    drawing.close()


def chart(text: str = "nothing") -> alt.Chart:
    return said(text, "Title", ["a line"], "en")


def test_the_grammar_is_the_one_that_altair_writes() -> None:
    assert f"application/vnd.vegalite.{alt.SCHEMA_VERSION.partition('.')[0]}+json" == VEGA_LITE
    assert orjson.loads(drawing.draw(chart(), VEGA_LITE))["$schema"] == alt.SCHEMA_URL


def test_a_chart_comes_as_svg_png_and_vega_lite() -> None:
    assert drawing.draw(chart(), SVG).startswith(b"<svg")
    assert Image.open(io.BytesIO(drawing.draw(chart(), PNG))).width == 1200
    assert Image.open(io.BytesIO(drawing.png(chart(), scale=1))).width == 800
    assert orjson.loads(drawing.draw(chart(), VEGA_LITE))["mark"]["text"] == "nothing"


def test_no_browser_s_font_and_no_address_is_needed() -> None:
    assert "Liberation Sans" in drawing.svg(chart())
    assert "http" not in drawing.svg(chart()).replace("http://www.w3.org", "")


def heat_map() -> alt.Chart:
    data = alt.InlineData(values=[{"x": "a", "v": 1}, {"x": "b", "v": 2}])
    return alt.Chart(data).mark_rect(clip=True).encode(x="x:N", color="v:Q")


def test_the_bytes_of_a_picture_do_not_depend_on_what_was_drawn_before() -> None:
    first = drawing.svg(heat_map())
    assert "gradient" in first.lower()
    drawing.svg(heat_map())
    assert drawing.svg(heat_map()) == first


def test_what_vega_does_not_take_is_an_error_and_the_next_picture_is_drawn() -> None:
    broken = alt.Chart(alt.InlineData(values=[{}])).mark_bar().transform_calculate(b="((").encode(x="b:Q")
    with pytest.raises(drawing.CannotDraw, match="Vega-Lite to SVG"):
        drawing.svg(broken)
    assert drawing.svg(chart()).startswith("<svg")


def test_data_are_not_fetched() -> None:
    of_a_file = alt.Chart("file:///etc/passwd", width=9).mark_text().encode(text="root:N", y="daemon:N")
    assert "/bin" not in drawing.svg(of_a_file)
    for address in ("http://127.0.0.1:9/rows.csv", "https://example.org/rows.csv"):
        with pytest.raises(drawing.CannotDraw, match="External data url not allowed"):
            drawing.svg(alt.Chart(address).mark_bar().encode(x="b:Q"))


def test_a_child_that_was_killed_is_replaced() -> None:
    before = drawing.svg(chart())
    child = drawing._drawer()._child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    assert drawing.svg(chart()) == before


def test_a_drawing_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing.svg(chart())
    child = drawing._drawer()._child
    assert child is not None
    monkeypatch.setattr(drawing, "SECONDS", 0.0)
    with pytest.raises(drawing.CannotDraw, match="broke, and so did another"):
        drawing.svg(chart())
    assert child.poll() is not None


def test_threads_share_the_child() -> None:
    pictures: list[str] = []
    threads = [
        threading.Thread(target=lambda text=text: pictures.append(drawing.svg(chart(text))))
        for text in "abcdef"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(pictures) == [drawing.svg(chart(text)) for text in "abcdef"]


def test_python_s_lock_is_free_while_the_child_draws() -> None:
    values = [{"x": place, "y": place * 7 % 100} for place in range(3000)]
    many = alt.Chart(alt.InlineData(values=values)).mark_point().encode(x="x:Q", y="y:Q")
    drawing.png(chart())
    thread = threading.Thread(target=drawing.png, args=(many,))
    thread.start()
    counted = 0
    while thread.is_alive():
        time.sleep(0.001)
        counted += 1
    # In this process the lock would be held throughout, and nothing be counted.
    assert counted > 20


def test_the_child_ends_with_its_parent() -> None:
    script = (
        "from abintel.charts import drawing; from abintel.charts.theme import said;"
        "drawing.svg(said('a', 'b', [], 'en')); print(drawing._drawer()._child.pid, flush=True);"
        "import os; os.kill(os.getpid(), 9)"
    )
    out = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False).stdout
    child = int(out)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the child outlives its parent")


def opened(gate: threading.Event, *charts: alt.Chart) -> Iterator[tuple[str, alt.Chart]]:
    assert gate.wait(10)
    for place, one in enumerate(charts):
        yield f"{place}.svg", one


def test_drawings_are_made_while_their_owner_goes_on() -> None:
    gate = threading.Event()
    drawings = drawing.Drawings(opened(gate, chart("one"), chart("two")), {"table.csv": b"a,b"})
    gate.set()
    assert list(drawings) == ["0.svg", "1.svg", "table.csv"]
    assert b"two" in drawings["1.svg"]
    assert drawings["table.csv"] == b"a,b"


def test_what_drawings_fail_of_is_told_to_who_reads_them() -> None:
    broken = alt.Chart(alt.InlineData(values=[{}])).mark_bar().transform_calculate(b="((").encode(x="b:Q")
    drawings = drawing.Drawings([("broken.svg", broken)])
    with pytest.raises(drawing.CannotDraw, match="Vega-Lite to SVG"):
        dict(drawings)


def test_drawings_that_are_dropped_are_not_drawn() -> None:
    gate = threading.Event()
    drawings = drawing.Drawings(opened(gate, chart()))
    drawings.drop()
    gate.set()
    with pytest.raises(drawing.CannotDraw, match="dropped"):
        dict(drawings)
