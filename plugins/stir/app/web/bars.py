"""Bars as SVG, drawn on the server: parts of a movement, a value among its peers, and shares.

The figures stand beside the bars as text or in a table, so a bar never says alone what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from markupsafe import Markup

from stir.app.web.numbers import MINUS

WIDTH, ROW, MIDDLE = 640, 34, 400
REACH = 190
"""The longest bar on either side of the middle, in pixels."""
BANDS = ((0, 40), (40, 60), (60, 75), (75, 90), (90, 100))
"""The bands between the thresholds of a peer group, as shares of the group."""


def places_chart(parts: Sequence[tuple[str, int]], label: str) -> Markup:
    """Places won to the right of the middle and lost to the left, one bar for each part, and their sum at the end."""
    rows = [*parts, ("Together", sum(number for _, number in parts))]
    most = max(1, *(abs(number) for _, number in rows))
    drawn = []
    for line, (name, number) in enumerate(rows):
        top, long = 8 + line * ROW, REACH * abs(number) / most
        left = MIDDLE if number >= 0 else MIDDLE - long
        way = "won" if number > 0 else "lost" if number < 0 else "none"
        sign = "+" if number > 0 else MINUS if number < 0 else ""
        # The figure stands outside its bar where there is room, else on the other side of the middle.
        outside = MIDDLE + long + 6 if number >= 0 else MIDDLE + 6
        drawn.append(
            f'<text class="tick" x="0" y="{top + 16}">{escape(name)}</text>'
            f'<rect class="{way}" x="{left:.1f}" y="{top + 2}" width="{max(long, 1):.1f}" height="{ROW - 14}"/>'
            f'<text class="tick" x="{outside:.1f}" y="{top + 16}">{sign}{abs(number):,}</text>'
        )
    high = 12 + len(rows) * ROW
    return Markup(  # noqa: S704 - numbers and escaped texts only
        f'<svg class="chart places" viewBox="-8 0 {WIDTH + 16} {high}" role="img" '
        f'aria-label="{escape(label, quote=True)}">'
        f'<line class="grid" x1="{MIDDLE}" x2="{MIDDLE}" y1="4" y2="{high - 4}"/>{"".join(drawn)}</svg>'
    )


def gauge(value: float, thresholds: Mapping[str, float | None], average: float | None, label: str) -> Markup:
    """Where a value stands among its peers: the bands are shares of the group, so each is as wide as its share.

    Without all four thresholds there is nothing to draw.
    """
    p40, p60, p75, p90 = (thresholds.get(name) for name in ("p40", "p60", "p75", "p90"))
    if p40 is None or p60 is None or p75 is None or p90 is None:
        return Markup("")
    bounds = (p40, p60, p75, p90)
    bands = "".join(
        f'<rect class="band band-{number}" x="{low}" width="{high - low}" y="4" height="8"/>'
        for number, (low, high) in enumerate(BANDS)
    )
    mean = "" if average is None else f'<path class="mean" d="M{place_of(average, bounds):.1f} 2v12"/>'
    here = place_of(value, bounds)
    return Markup(  # noqa: S704 - numbers and escaped texts only
        f'<svg class="gauge" viewBox="0 0 100 16" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label, quote=True)}">{bands}{mean}<path class="own" d="M{here:.1f} 0v16"/></svg>'
    )


def place_of(value: float, bounds: tuple[float, float, float, float]) -> float:
    """Where a value stands from 0 to 100: on a threshold exactly at its percentile, between two in proportion.

    Below the lowest threshold the way is from zero, above the highest as far as from the one before it.
    """
    edges = (min(0.0, bounds[0]), *bounds, bounds[3] + max(bounds[3] - bounds[2], 1e-12))
    for (low, high), start, end in zip(BANDS, edges[:-1], edges[1:], strict=True):
        if value <= end:
            part = (value - start) / (end - start) if end > start else 1.0
            return low + (high - low) * min(1.0, max(0.0, part))
    return 100.0


def share_bar(ratio: float, most: float) -> Markup:
    """A share as a bar; the largest of its list fills the width."""
    wide = 100 * ratio / most if most > 0 else 0.0
    return Markup(  # noqa: S704 - numbers only
        f'<svg class="bar" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{min(100.0, max(0.0, wide)):.1f}" height="5"/></svg>'
    )
