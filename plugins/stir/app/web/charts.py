"""Charts as SVG, drawn on the server: they need no script, print, and take the colours of the page.

A period without an observation is a gap in its line, and a line says what it shows to a reader who cannot see it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from html import escape
from itertools import groupby, pairwise
from typing import Any

from markupsafe import Markup

from stir.app.web.numbers import UNKNOWN, short

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 72, 12, 16, 26
SPARK_SPAN = 0.25
"""The least growth that fills a sparkline's height, so that 0.03 % looks flat."""


@dataclass(frozen=True)
class Line:
    """A line of a chart: what it is called, and (day, value) in the order of time; None is unknown.

    On the days of `carried` the value is not observed but carried on: the line is dashed up to them.
    """

    name: str
    points: Sequence[tuple[date, float | None]]
    carried: Collection[date] = ()


def changed_days(periods: Sequence[Mapping[str, Any]]) -> set[date]:
    """The first days of the periods within which a number began to mean something else."""
    return {date.fromisoformat(period["date"]) for period in periods if period["crosses_definition_change"]}


def sparkline(values: Sequence[float | None], span: float = SPARK_SPAN) -> Markup:
    """A small line from the first value to the last; the height is `span` of the smallest value, or what it grew."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return UNKNOWN
    low, high = min(known), max(known)
    height = max(high - low, abs(low) * span) or 1.0
    runs: list[list[str]] = [[]]
    for x, value in zip(_places(len(values)), values, strict=True):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{x},{22 - 20 * (value - low) / height:.1f}")
    lines = "".join(f'<polyline points="{" ".join(run)}"/>' for run in runs if run)
    said = f"from {_short(known[0])} to {_short(known[-1])}"
    return Markup(  # noqa: S704 - numbers and escaped texts only
        f'<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="{said}">'
        f"{lines}</svg>"
    )


@cache
def _places(number: int) -> list[str]:
    """Where the points of a sparkline stand from left to right."""
    return [f"{2 + 96 * place / (number - 1):.1f}" for place in range(number)]


def line_chart(
    lines: Sequence[Line],
    label: str,
    *,
    step: int = 7,
    dashed_from: date | None = None,
    ranks: bool = False,
    changed: Collection[date] = (),
) -> Markup:
    """Lines over time with axes. `step` is days between points: a longer way is a gap. From `dashed_from` on a line is
    dashed, for that period is not over. `ranks` draws small values at the top, for place 1 is the best. The days of
    `changed`, where a number began to mean something else, have an upright line with a star."""
    every = [(day, value) for line in lines for day, value in line.points if value is not None]
    if len({day for day, _ in every}) < 2:
        return Markup('<p class="unknown">Not enough observations for a chart.</p>')
    first, last = min(day for day, _ in every), max(day for day, _ in every)
    low, high = min(value for _, value in every), max(value for _, value in every)
    if ranks:
        low, high = max(1, low - 1), max(high + 1, low + 4)
    elif high == low:
        low, high = low - 1, high + 1
    days = (last - first).days

    def x(day: date) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / days

    def y(value: float) -> float:
        from_top = value - low if ranks else high - value
        return TOP + (HEIGHT - TOP - BOTTOM) * from_top / (high - low)

    marks = [low + (high - low) * part / 4 for part in range(5)]
    if ranks:
        marks = sorted({float(round(mark)) for mark in marks})
    grid = "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mark):.1f}" y2="{y(mark):.1f}"/>'
        f'<text class="tick" x="{LEFT - 6}" y="{y(mark) + 4:.1f}" text-anchor="end">{text}</text>'
        for mark, text in zip(marks, _labels(marks), strict=True)
    )
    ends = [(first, "start"), (first + timedelta(days=days // 2), "middle"), (last, "end")]
    dates = "".join(
        f'<text class="tick" x="{x(day):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{day:%d %b %Y}</text>'
        for day, anchor in ends
    )
    stars = "".join(
        f'<line class="grid running" x1="{x(day):.1f}" x2="{x(day):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        f'<text class="tick" x="{x(day):.1f}" y="{TOP + 2}" text-anchor="middle">*</text>'
        for day in sorted(changed)
        if first <= day <= last
    )
    drawn = "".join(_drawn(line, number, x, y, step, dashed_from) for number, line in enumerate(lines))
    return Markup(  # noqa: S704 - numbers and escaped texts only
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label, quote=True)}">'
        f"{grid}{dates}{stars}{drawn}</svg>"
    )


def _drawn(
    line: Line,
    number: int,
    x: Callable[[date], float],
    y: Callable[[float], float],
    step: int,
    dashed_from: date | None,
) -> str:
    carried = set(line.carried)

    def is_open(day: date) -> bool:
        return day in carried or (dashed_from is not None and day >= dashed_from)

    runs: list[list[tuple[date, float]]] = [[]]
    before: date | None = None
    for day, value in line.points:
        if value is None or (before is not None and (day - before).days > step and runs[-1]):
            runs.append([])
        if value is not None:
            runs[-1].append((day, value))
        before = day
    parts = []
    for run in runs:
        if len(run) == 1:
            day, value = run[0]
            parts.append(f'<circle class="dot line-{number}" cx="{x(day):.1f}" cy="{y(value):.1f}" r="2"/>')
        for is_dashed, steps in groupby(pairwise(run), lambda step: is_open(step[1][0])):
            ends = list(steps)
            places = " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in (ends[0][0], *(end for _, end in ends)))
            style = " running" if is_dashed else ""
            parts.append(f'<polyline class="line line-{number}{style}" points="{places}"/>')
    return f"<g><title>{escape(line.name)}</title>{''.join(parts)}</g>"


def _labels(marks: Sequence[float]) -> list[str]:
    """The marks in words, with as many decimal places as it takes to tell one from another."""
    texts: list[str] = []
    for digits in (1, 2, 3, 4):
        texts = [_short(mark, digits) for mark in marks]
        if len(set(texts)) == len(marks):
            break
    return texts


def _short(value: float, digits: int = 1) -> str:
    # No more figures than are shown, so that equal texts are made once.
    return short(float(f"{value:.{digits + 3}g}"), digits)
