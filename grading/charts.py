"""Charts as SVG, to stand in a page: numbers stand at their bars, and areas differ by pattern, not by colour.

A chart takes its colours from the page (``--ink``, ``--paper``, ``--bar``, ``--line``), so it follows a dark screen and
a printer. For who does not see it, it has a title and a text that tells what it shows; its numbers belong in a table
below it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["PATTERNS", "Mark", "bars", "columns", "shares", "spread"]

WIDTH = 720
ROW = 28
LETTER = 7.4
"""How wide a letter of a label is, about."""

MOST_LETTERS = 34

PATTERNS = ("solid", "hatch", "dots", "lines", "empty")
"""What areas are filled with, in this order."""


@dataclass(frozen=True)
class Mark:
    """A line across a chart of columns, such as a median.

    Attributes
    ----------
    at : float
        Where: 0 is the left edge of the first column, 1 that of the second.
    label : str
    """

    at: float
    label: str


def columns(key: str, title: str, tells: str, values: Sequence[tuple[str, int]], marks: Sequence[Mark] = ()) -> Markup:
    """Upright bars, one beside the other.

    Parameters
    ----------
    key : str
        What its ids begin with; no other chart of the page has it.
    title, tells : str
        What it is, and what it shows, for who does not see it.
    values : sequence of (str, int)
        What stands below each bar, and how high it is.
    marks : sequence of Mark

    Returns
    -------
    Markup
    """
    height, top = 190, 26 + 18 * len(marks)
    most = max((value for _, value in values), default=0) or 1
    step = WIDTH / max(1, len(values))
    # So many labels as there is room for; the first and those at equal distances.
    every = math.ceil(max((len(label) for label, _ in values), default=1) * LETTER / max(step - 6, 1))
    parts, numbers = [], []
    for number, (label, value) in enumerate(values):
        left, tall = number * step, height * value / most
        middle = left + step / 2
        if value:
            parts.append(_bar("solid", key, left + step * 0.1, top + height - tall, step * 0.8, tall))
            if step > 14 or value == most:
                numbers.append(_text(value, middle, top + height - tall - 6, "middle", "over"))
        if every == 1:
            parts.append(_text(label, middle, top + height + 18, "middle"))
        elif number % every == 0 and left + len(label) * LETTER < WIDTH:
            parts.append(_text(label, left + step * 0.1, top + height + 18))
    parts.append(_line(0, top + height, WIDTH, top + height, "axis"))
    for number, mark in enumerate(marks):
        x, y = min(max(mark.at, 0), len(values)) * step, 12 + 18 * number
        right = x > WIDTH * 0.6
        parts.append(_line(x, y, x, top + height, "mark"))
        parts.append(_text(mark.label, x - 6 if right else x + 6, y + 4, "end" if right else "start"))
    return _chart(key, title, tells, top + height + 28, parts + numbers)


def shares(
    key: str, title: str, tells: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]
) -> Markup:
    """A bar for each row, cut into parts; all bars have the same length.

    Parameters
    ----------
    key, title, tells : str
        As in `columns`.
    series : sequence of str
        What the parts are, at most as many as there are `PATTERNS`. Those that are nowhere are left out.
    rows : sequence of (str, sequence of int)
        For each, its label and how large its parts are.

    Returns
    -------
    Markup
    """
    used = [number for number in range(len(series)) if any(row[number] for _, row in rows)]
    parts, x, y = [], 0.0, 4.0
    for number in used:
        wide = 26 + len(series[number]) * LETTER + 22
        if x + wide > WIDTH:
            x, y = 0.0, y + 24
        parts += [_bar(PATTERNS[number], key, x, y, 20, 14), _text(series[number], x + 26, y + 12)]
        x += wide
    left, y = _room_for(label for label, _ in rows), y + 34
    for label, row in rows:
        parts.append(_label(label, left, y))
        x, whole = left, sum(row) or 1
        for number in used:
            wide = (WIDTH - left) * row[number] / whole
            if row[number]:
                parts.append(_bar(PATTERNS[number], key, x, y, wide, ROW - 8))
                if wide > 2 + LETTER * len(str(row[number])):
                    kind = "inside" if PATTERNS[number] == "solid" else "over"
                    parts.append(_text(row[number], x + wide / 2, y + 15, "middle", kind))
            x += wide
        y += ROW
    return _chart(key, title, tells, y + 2, parts)


def bars(key: str, title: str, tells: str, rows: Sequence[tuple[str, float, str]], most: float) -> Markup:
    """A bar for each row, with its number behind it.

    Parameters
    ----------
    key, title, tells : str
        As in `columns`.
    rows : sequence of (str, float, str)
        For each, its label, how long it is, and what is written behind it.
    most : float
        What a bar of the full length would be.

    Returns
    -------
    Markup
    """
    left = _room_for(label for label, _, _ in rows)
    behind = max((len(said) for _, _, said in rows), default=0) * LETTER + 12
    parts, y = [], 4.0
    for label, value, said in rows:
        wide = max(0.0, (WIDTH - left - behind) * min(1.0, value / (most or 1)))
        parts += [_label(label, left, y), _bar("solid", key, left, y, wide, ROW - 8)]
        parts.append(_text(said, left + wide + 8, y + 15))
        y += ROW
    parts.append(_line(left, 0, left, y, "axis"))
    return _chart(key, title, tells, y + 2, parts)


def spread(key: str, title: str, tells: str, rows: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """For each row a line from the least to the most, a box around the middle half, and the median in it.

    Parameters
    ----------
    key, title, tells : str
        As in `columns`.
    rows : sequence of (str, sequence of float)
        For each, its label, and least, first quartile, median, third quartile and most, as shares of 1.

    Returns
    -------
    Markup
    """
    left, right = _room_for(label for label, _ in rows), WIDTH - 24
    parts, y = [], 4.0
    bottom = y + ROW * len(rows)
    for tick in (0, 25, 50, 75, 100):
        x = left + (right - left) * tick / 100
        parts += [_line(x, 0, x, bottom, "grid"), _text(f"{tick} %", x, bottom + 16, "middle")]
    for label, row in rows:
        least, first, middle, third, most = (left + (right - left) * min(1.0, max(0.0, value)) for value in row)
        parts.append(_label(label, left, y))
        parts.append(_line(least, y + 10, most, y + 10, "axis"))
        parts += [_line(end, y + 5, end, y + 15, "axis") for end in (least, most)]
        parts.append(_bar("hatch", key, first, y + 1, max(2.0, third - first), ROW - 10))
        parts.append(_line(middle, y - 1, middle, y + 21, "median"))
        y += ROW
    return _chart(key, title, tells, bottom + 24, parts)


# What they are made of ----------------------------------------------------------------------------------------------


def _chart(key: str, title: str, tells: str, height: float, parts: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{key}-title {key}-tells" viewBox="0 0 {width} {height:.0f}"'
        '><title id="{key}-title">{title}</title><desc id="{key}-tells">{tells}</desc>'
        "<defs>{patterns}</defs>{parts}</svg>"
    ).format(
        key=key,
        width=WIDTH,
        height=height,
        title=title,
        tells=tells,
        patterns=_patterns(key),
        parts=Markup("").join(parts),
    )


def _patterns(key: str) -> Markup:
    made = Markup('<pattern id="{}-{}" width="{size}" height="{size}" patternUnits="userSpaceOnUse"{}>{}{}</pattern>')
    paper = Markup('<rect class="paper" width="{size}" height="{size}"/>')
    drawn = {
        "hatch": (7, Markup(' patternTransform="rotate(45)"'), Markup('<rect class="bar" width="3" height="7"/>')),
        "dots": (7, "", Markup('<circle class="bar" cx="3.5" cy="3.5" r="1.4"/>')),
        "lines": (6, "", Markup('<rect class="bar" width="6" height="1.5"/>')),
    }
    return Markup("").join(
        made.format(key, name, turned, paper.format(size=size), what, size=size)
        for name, (size, turned, what) in drawn.items()
    )


def _bar(pattern: str, key: str, x: float, y: float, width: float, height: float) -> Markup:
    where = Markup('x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"').format(x, y, width, height)
    if pattern in ("solid", "empty"):
        return Markup('<rect class="{}" {}/>').format("bar edge" if pattern == "solid" else "paper edge", where)
    return Markup('<rect class="edge" fill="url(#{}-{})" {}/>').format(key, pattern, where)


def _text(said: object, x: float, y: float, anchor: str = "start", kind: str = "") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(kind, x, y, anchor, said)


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    made = Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>')
    return made.format(kind, x1, y1, x2, y2)


def _label(label: str, left: float, y: float) -> Markup:
    return _text(_short(label), left - 8, y + 15, "end")


def _short(label: str) -> str:
    return label if len(label) <= MOST_LETTERS else label[: MOST_LETTERS - 1] + "…"


def _room_for(labels: Iterable[str]) -> float:
    return 12 + LETTER * max((len(_short(label)) for label in labels), default=0)
