"""Charts say in words and patterns what they show, and hold whatever they are given."""

import itertools
import re

import pytest
from bs4 import BeautifulSoup

from grading import charts

SERIES = ("all points", "some points", "no points", "waits", "not attempted")


def svg(markup):
    """The only chart there is, parsed."""
    [found] = BeautifulSoup(str(markup), "html.parser").find_all("svg")
    return found


def texts(chart):
    return [text.get_text() for text in chart.find_all("text")]


def numbers(chart, name):
    return [float(part[name]) for part in chart.find_all("rect") if part.has_attr(name)]


SAID = ("k", "Scores <b>", "Most have & all")
CHARTS = {
    "columns": charts.columns(*SAID, [("0 %", 3), ("<100 %", 7)], [charts.Mark(1.5, "a&b")]),
    "shares": charts.shares(*SAID, SERIES, [("<split>", (3, 0, 2, 0, 1))]),
    "bars": charts.bars(*SAID, [("<uphill>", 3, "3 <of> 4")], 4),
    "spread": charts.spread(*SAID, [("<01>", (0, 0.25, 0.5, 0.75, 1))]),
}  # fmt: skip


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS)
class TestEveryChart:
    def test_tells_what_it_shows_to_who_does_not_see_it(self, chart):
        found = svg(chart)
        assert found["role"] == "img"
        told = [found.find(id=name) for name in found["aria-labelledby"].split()]
        assert [one.get_text() for one in told] == ["Scores <b>", "Most have & all"]

    def test_escapes_what_it_is_given(self, chart):
        assert not re.search(r"<b>|<split>|<uphill>|<01>|<of>|& ", str(chart))

    def test_takes_its_colours_from_the_page(self, chart):
        assert not re.search(r"#[0-9a-f]{3}\b|rgb|style=", str(chart))

    def test_loads_nothing(self, chart):
        assert "http" not in str(chart)
        assert "href" not in str(chart)


def test_a_column_is_as_high_as_its_number_and_has_it_on_top():
    found = svg(charts.columns("k", "t", "d", [("a", 1), ("b", 4), ("c", 0)]))
    bars = [rect for rect in found.find_all("rect") if rect.get("class") == ["bar", "edge"]]
    low, high = (float(bar["height"]) for bar in bars)
    assert high == pytest.approx(4 * low)
    assert {"1", "4", "a", "b", "c"} <= set(texts(found))


def test_marks_stand_where_they_are_and_inside():
    found = svg(charts.columns("k", "t", "d", [("a", 1), ("b", 1)], [charts.Mark(1, "middle"), charts.Mark(9, "far")]))
    middle, far = (line for line in found.find_all("line") if line["class"] == ["mark"])
    assert float(middle["x1"]) == charts.WIDTH / 2
    assert float(far["x1"]) == charts.WIDTH


def test_many_columns_leave_out_labels_rather_than_put_them_on_each_other():
    found = svg(charts.columns("k", "t", "d", [(f"{n} January", 1) for n in range(40)]))
    places = sorted(float(text["x"]) for text in found.find_all("text") if "January" in text.get_text())
    assert 4 < len(places) < 40
    assert min(b - a for a, b in itertools.pairwise(places)) > 9 * charts.LETTER


def test_parts_of_a_row_add_up_and_differ_by_pattern():
    found = svg(charts.shares("k", "t", "d", SERIES, [("one", (2, 1, 1, 0, 4)), ("none", (0, 0, 0, 0, 0))]))
    wide = [float(rect["width"]) for rect in found.find_all("rect") if rect.get("height") == f"{charts.ROW - 8:.1f}"]
    assert wide[0] == pytest.approx(2 * wide[1], abs=0.1) and wide[3] == pytest.approx(4 * wide[1], abs=0.1)
    fills = [rect.get("fill") or rect["class"][0] for rect in found.find_all("rect") if rect.get("height") == "14.0"]
    assert len(set(fills)) == len(fills) == 4  # "waits" is nowhere, so it is not in the legend
    assert "waits" not in texts(found)


def test_a_bar_never_leaves_the_chart():
    found = svg(charts.bars("k", "t", "d", [("a", 50, "50"), ("b", -1, "-1"), ("c" * 90, 1, "1")], 10))
    for rect in found.find_all("rect"):
        if rect.has_attr("x"):
            assert 0 <= float(rect["x"]) <= float(rect["x"]) + float(rect["width"]) <= charts.WIDTH
    assert any(text.endswith("…") for text in texts(found))


def test_a_spread_has_its_box_between_the_quartiles():
    found = svg(charts.spread("k", "t", "d", [("a", (0.0, 0.25, 0.5, 0.75, 1.0))]))
    [box] = [rect for rect in found.find_all("rect") if rect.get("fill") == "url(#k-hatch)"]
    least, most = (float(text["x"]) for text in found.find_all("text") if text.get_text() in ("0 %", "100 %"))
    assert float(box["width"]) == pytest.approx((most - least) / 2, abs=0.2)


@pytest.mark.parametrize("rows", [[], [("a", 0)]])
def test_nothing_is_drawn_as_nothing(rows):
    assert svg(charts.columns("k", "t", "d", rows))
    assert svg(charts.shares("k", "t", "d", SERIES, [(name, (n,) * 5) for name, n in rows]))
    assert svg(charts.bars("k", "t", "d", [(name, n, str(n)) for name, n in rows], 0))
    assert svg(charts.spread("k", "t", "d", [(name, (n,) * 5) for name, n in rows]))
