"""Cells of tables that every row has, as HTML. A template escapes and calls for each value, which took most of a page's
time; here a row is one text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from stir.app.web.numbers import initials, percent, short, signed, title, whole

CHANGED = '<sup title="what is counted as a view changed within this period">*</sup>'
DASH = "\N{EN DASH}"
_SAME = '<span class="same"><span aria-hidden="true">=</span> same</span>'


def _html(text: str) -> Markup:
    return Markup(text)  # noqa: S704 - every text in it is escaped by who makes it


def changed(row: Mapping[str, Any]) -> Markup:
    """A star where the meaning of a number changed within the row's period."""
    return _html(CHANGED if row["crosses_definition_change"] else "")


def creator(row: Mapping[str, Any]) -> Markup:
    """Who it is: initials, name with a link, handle."""
    of_youtube = row.get("profile_platform") == "YA" or row["platform"] == "YOUTUBE"
    address = f"/creators/{'YOUTUBE' if of_youtube else 'INSTAGRAM'}/{quote(str(row['platform_id']))}"
    handle = f"<small>@{escape(row['handle'])}</small>" if row["handle"] and row["name"] else ""
    return _html(
        f'<div class="who"><span class="face" aria-hidden="true">{escape(initials(row))}</span>'
        f'<span><a href="{address}">{escape(title(row))}</a>{handle}</span></div>'
    )


def moved(row: Mapping[str, Any]) -> Markup:
    """Places won or lost since the month before."""
    movement = row["movement"]
    if movement is None:
        return _html('<span class="same">new here</span>')
    if movement == 0:
        return _html(_SAME)
    way, sign = ("up", "▲") if movement > 0 else ("down", "▼")
    words = f"{way} {whole(abs(movement))}"
    return _html(f'<span class="{way}"><span aria-hidden="true">{sign}</span> {words}</span>')


def board_row(row: Mapping[str, Any]) -> Markup:
    """A row of a board; with `line`, that of the creator's last weeks."""
    line = f'<td class="wide">{row["line"]}</td>' if "line" in row else ""
    return _html(
        f'<tr><td class="n">{whole(row["rank"])}</td><td>{moved(row)}</td><td>{creator(row)}</td>'
        f'<td class="wide">{escape(row["category"] or DASH)}</td><td class="wide">{escape(row["country"] or DASH)}</td>'
        f'<td class="n">{whole(row["followers"])}</td>{line}<td class="n">{signed(row["followers_change"])}</td>'
        f'<td class="n wide">{short(row["views"])}{changed(row)}</td>'
        f'<td class="n wide">{percent(row["engagement_ratio"])}</td></tr>'
    )


FILTERS: dict[str, Callable[[Mapping[str, Any]], Markup]] = {
    "changed": changed,
    "creator": creator,
    "moved": moved,
    "board_row": board_row,
}
"""What templates call these."""
