"""Charts as lists of marks: where each lies and what it says. The template writes them as SVG.

Colour never stands alone: parts of a bar differ by pattern too, policies by letter and line, cells hold their number.
Every chart has a title and a description that says its figures in words.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 780
_LEFT, _RIGHT = 260, 110
_ROW, _BAR = 26, 16
_PLOT = WIDTH - _LEFT - _RIGHT
_LETTER = 13
_CELL, _CELL_TOP, _CELL_LEFT = 26, 20, 60


class Mark(NamedTuple):
    """`kind` is rect, line, text, path or dot; the rest is what that needs. `style` is a class of the style sheet."""

    kind: str
    style: str
    x: float = 0
    y: float = 0
    width: float = 0  # of a line: its other end
    height: float = 0
    text: str = ""
    anchor: str = "start"
    opacity: float | None = None


class Chart(NamedTuple):
    id: str
    title: str
    description: str
    height: int
    marks: tuple[Mark, ...]
    width: int = WIDTH


class Bar(NamedTuple):
    """A row of stacked parts: (style, amount), and what is written at its end."""

    label: str
    parts: tuple[tuple[str, float], ...]
    note: str


def stacked(name: str, title: str, description: str, bars: Sequence[Bar], *, shares: bool) -> Chart:
    """Horizontal bars. `shares`: each fills the width; else the longest does."""
    most = max((sum(amount for _, amount in bar.parts) for bar in bars), default=0) or 1
    marks = []
    for row, bar in enumerate(bars):
        y = row * _ROW + 4
        whole = (sum(amount for _, amount in bar.parts) or 1) if shares else most
        x = float(_LEFT)
        marks.append(_text(bar.label, _LEFT - 8, y + 13, anchor="end"))
        for style, amount in bar.parts:
            if amount:
                width = _PLOT * amount / whole
                marks.append(Mark("rect", f"bar {style}", round(x, 1), y, round(width, 1), _BAR))
                x += width
        marks.append(_text(bar.note, (WIDTH - _RIGHT if shares else x) + 6, y + 13))
    return Chart(name, title, description, len(bars) * _ROW + 6, tuple(marks))


class Span(NamedTuple):
    """A row of points on a line, each with its shape's letter; None where there is none."""

    label: str
    points: tuple[tuple[str, float | None], ...]
    note: str = ""


def on_log_scale(
    name: str, title: str, description: str, spans: Sequence[Span], ticks: Sequence[tuple[float, str]]
) -> Chart:
    """Points of each row on one logarithmic axis, whose ticks are (value, label)."""
    low, high = math.log(ticks[0][0]), math.log(ticks[-1][0])

    def place(value: float) -> float:
        share = (math.log(max(value, ticks[0][0])) - low) / (high - low)
        return round(_LEFT + _PLOT * min(share, 1), 1)

    height = len(spans) * _ROW + 24
    marks = [Mark("line", "grid", place(value), 0, place(value), height - 20) for value, _ in ticks]
    marks += [_text(label, place(value), height - 6, anchor="middle", style="tick") for value, label in ticks]
    for row, span in enumerate(spans):
        y = row * _ROW + 14
        known = [(letter, place(value)) for letter, value in span.points if value is not None]
        marks.append(_text(span.label, _LEFT - 8, y + 4, anchor="end"))
        if known:
            marks.append(Mark("line", "range", known[0][1], y, known[-1][1], y))
            marks += [Mark("dot", f"point {letter}", x, y) for letter, x in known]
            marks.append(_text(span.note, max(known[-1][1], _LEFT) + 10, y + 4))
    return Chart(name, title, description, height, tuple(marks))


def around_zero(name: str, title: str, description: str, spans: Sequence[Span]) -> Chart:
    """Ranges beside each other, each on a scale of its own around zero: least, mean, most."""
    marks = [Mark("line", "axis", _LEFT + _PLOT / 2, 0, _LEFT + _PLOT / 2, len(spans) * _ROW)]
    for row, span in enumerate(spans):
        y = row * _ROW + 14
        values = [value or 0.0 for _, value in span.points]
        most = max((abs(value) for value in values), default=0) or 1
        places = [round(_LEFT + _PLOT / 2 * (1 + 0.9 * value / most), 1) for value in values]
        marks.append(_text(span.label, _LEFT - 8, y + 4, anchor="end"))
        marks.append(Mark("line", "range", min(places), y, max(places), y))
        marks.append(Mark("dot", "point p50", places[1], y))
        marks.append(_text(span.note, WIDTH - _RIGHT + 6, y + 4))
    return Chart(name, title, description, len(spans) * _ROW + 6, tuple(marks))


def heat_map(
    name: str, title: str, description: str, rows: Sequence[tuple[str, Sequence[float]]], columns: Sequence[str]
) -> Chart:
    """Cells by row and column, darker with their number, which they hold."""
    most = max((value for _, values in rows for value in values), default=0) or 1
    marks = [
        _text(label, _CELL_LEFT + (index + 0.5) * _CELL, 13, anchor="middle", style="tick")
        for index, label in enumerate(columns)
    ]
    for row, (label, values) in enumerate(rows):
        y = _CELL_TOP + row * _CELL
        marks.append(_text(label, _CELL_LEFT - 6, y + 17, anchor="end"))
        for index, value in enumerate(values):
            x, share = _CELL_LEFT + index * _CELL, value / most
            marks.append(Mark("rect", "cell", x, y, _CELL - 2, _CELL - 2, opacity=round(0.06 + 0.94 * share, 3)))
            if value:
                style = "in-cell dark" if share > 0.45 else "in-cell"  # noqa: PLR2004  where letters change colour
                marks.append(_text(short(value), x + _CELL / 2 - 1, y + 16, anchor="middle", style=style))
    width = _CELL_LEFT + len(columns) * _CELL + 4
    return Chart(name, title, description, _CELL_TOP + len(rows) * _CELL + 4, tuple(marks), width)


def lines(
    name: str, title: str, description: str, series: Sequence[tuple[str, str, Sequence[float]]], labels: Sequence[str]
) -> Chart:
    """Lines of (style, letter, values) over equal steps, which `labels` name; the letter stands at the line's end."""
    left, bottom, top = 50, 190, 10
    span = WIDTH - left - 40
    most = max((value for _, _, values in series for value in values), default=0) or 1
    marks = []
    for share in (0, 0.5, 1):
        y = round(bottom - share * (bottom - top), 1)
        marks.append(Mark("line", "grid", left, y, left + span, y))
        marks.append(_text(short(most * share), left - 6, y + 4, anchor="end", style="tick"))
    step = span / max(len(labels) - 1, 1)
    marks += [
        _text(labels[index], left + index * step, bottom + 18, anchor="middle", style="tick")
        for index in sorted({len(labels) * quarter // 4 for quarter in range(4)} | {len(labels) - 1})
        if 0 <= index < len(labels)
    ]
    written: list[float] = []
    for style, letter, values in series:
        points = [(left + index * step, bottom - value / most * (bottom - top)) for index, value in enumerate(values)]
        if points:
            path = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
            marks.append(Mark("path", f"series {style}", text=path))
            y = points[-1][1] + 4
            while any(abs(y - other) < _LETTER for other in written):
                y -= _LETTER  # lines that end together have their letters above each other
            written.append(y)
            marks.append(_text(letter, points[-1][0] + 6, y, style="letter"))
    return Chart(name, title, description, bottom + 26, tuple(marks))


def short(value: float) -> str:
    """A number in few letters: 950, 1.2k, 34k."""
    if value >= 10_000:  # noqa: PLR2004
        return f"{value / 1000:.0f}k"
    if value >= 1000:  # noqa: PLR2004
        return f"{value / 1000:.1f}k"
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"  # noqa: PLR2004


def _text(text: str, x: float, y: float, *, anchor: str = "start", style: str = "label") -> Mark:
    return Mark("text", style, round(x, 1), round(y, 1), text=text, anchor=anchor)
