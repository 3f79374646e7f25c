"""The calibration curve as SVG: what probabilities say against what is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SIZE, EDGE = 320, 44


def calibration_svg(bins: Sequence[Mapping[str, float]]) -> str:
    """A dot for each tenth of probability, as large as its followers are many; the diagonal is exact."""
    largest = max((each["size"] for each in bins), default=1)
    places = [(_across(each["expected"]), _up(each["found"])) for each in bins]
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + 8 * (each["size"] / largest) ** 0.5:.1f}">'
        f"<title>{each['expected']:.2f} said, {each['found']:.2f} found, {int(each['size']):,} people</title></circle>"
        for each, (x, y) in zip(bins, places, strict=True)
    )
    ticks = "".join(
        f'<text x="{_across(part):.0f}" y="{SIZE - EDGE + 16}" text-anchor="middle">{part:g}</text>'
        f'<text x="{EDGE - 8}" y="{_up(part) + 4:.0f}" text-anchor="end">{part:g}</text>'
        for part in (0, 0.25, 0.5, 0.75, 1)
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    low, high = _across(0), _across(1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" role="img" font-family="sans-serif"'
        ' font-size="11" aria-label="calibration: probability against the part that is inauthentic">'
        f'<rect width="{SIZE}" height="{SIZE}" fill="#fff"/>'
        f'<path d="M{low} {_up(1)}V{_up(0)}H{high}" fill="none" stroke="#777"/>'
        f'<path d="M{low} {_up(0)}L{high} {_up(1)}" stroke="#bbb" stroke-dasharray="4 3"/>{ticks}'
        f'<text x="{(low + high) / 2}" y="{SIZE - 8}" text-anchor="middle">probability</text>'
        f'<text transform="translate(12 {(_up(0) + _up(1)) / 2}) rotate(-90)" text-anchor="middle">inauthentic</text>'
        f'<polyline points="{line}" fill="none" stroke="#00796b"/>'
        f'<g fill="#00796b" fill-opacity="0.7">{dots}</g></svg>\n'
    )


def _across(part: float) -> float:
    return EDGE + part * (SIZE - EDGE - 16)


def _up(part: float) -> float:
    return SIZE - EDGE - part * (SIZE - EDGE - 16)
