"""What every page has many of, as HTML: cells of rows, headings, choices. A template escapes and calls for each value,
which took most of a page's time; here a row is one text, and what comes again is made once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from stir.app.meanings import basis_of
from stir.app.web.numbers import initials, percent, short, signed, title, whole

CHANGED = '<sup title="what is counted as a view changed within this period">*</sup>'
DASH = "\N{EN DASH}"
_SAME = '<span class="same"><span aria-hidden="true">=</span> same</span>'


def changed(row: Mapping[str, Any]) -> str:
    """A star where the meaning of a number changed within the row's period."""
    return CHANGED if row["crosses_definition_change"] else ""


def creator(row: Mapping[str, Any]) -> str:
    """Who it is: initials, name with a link, handle."""
    of_youtube = row.get("profile_platform") == "YA" or row["platform"] == "YOUTUBE"
    address = f"/creators/{'YOUTUBE' if of_youtube else 'INSTAGRAM'}/{quote(str(row['platform_id']))}"
    handle = f"<small>@{escape(row['handle'])}</small>" if row["handle"] and row["name"] else ""
    return (
        f'<div class="who"><span class="face" aria-hidden="true">{escape(initials(row))}</span>'
        f'<span><a href="{address}">{escape(title(row))}</a>{handle}</span></div>'
    )


def moved(row: Mapping[str, Any]) -> str:
    """Places won or lost since the month before."""
    movement = row["movement"]
    if movement is None:
        return '<span class="same">new here</span>'
    if movement == 0:
        return _SAME
    way, sign = ("up", "▲") if movement > 0 else ("down", "▼")
    words = f"{way} {whole(abs(movement))}"
    return f'<span class="{way}"><span aria-hidden="true">{sign}</span> {words}</span>'


def board_row(row: Mapping[str, Any]) -> str:
    """A row of a board; with `line`, that of the creator's last weeks."""
    line = f'<td class="wide">{row["line"]}</td>' if "line" in row else ""
    return (
        f'<tr><td class="n">{whole(row["rank"])}</td><td>{moved(row)}</td><td>{creator(row)}</td>'
        f'<td class="wide">{escape(row["category"] or DASH)}</td><td class="wide">{escape(row["country"] or DASH)}</td>'
        f'<td class="n">{whole(row["followers"])}</td>{line}<td class="n">{signed(row["followers_change"])}</td>'
        f'<td class="n wide">{short(row["views"])}{changed(row)}</td>'
        f'<td class="n wide">{percent(row["engagement_ratio"])}</td></tr>'
    )


@lru_cache(1_000)
def meaning(table: str, column: str, words: str, member: str = "") -> str:
    """The name of a metric, which links its definition, and what it rests on."""
    place = f"{table}#{column}.{member}" if member else f"{table}#{column}"
    basis = basis_of(table, column, member)
    return f'<a class="meaning" href="/definitions/{escape(place)}">{escape(words)}</a><small>{basis}</small>'


def th(table: str, column: str, words: str, kind: str = "n") -> str:
    """The heading of a metric's column."""
    style = f' class="{kind}"' if kind else ""
    return f'<th{style} scope="col">{meaning(table, column, words)}</th>'


def choose(
    name: str, words: str, values: Sequence[str], chosen: str | None, names: Mapping[str, str], any_one: str = "any"
) -> str:
    """The field of a form that chooses one of the values; `any_one` is what none of them is called."""
    return _choose(name, words, tuple((value, names.get(value, value)) for value in values), chosen, any_one)


@lru_cache(500)
def _choose(name: str, words: str, values: tuple[tuple[str, str], ...], chosen: str | None, any_one: str) -> str:
    none = f'<option value="">{any_one}</option>' if any_one else ""
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(called)}</option>'
        for value, called in values
    )
    return f'<label>{words}<select name="{name}">{none}{options}</select></label>'


def _html(make: Callable[..., str]) -> Callable[..., Markup]:
    def made(*given: Any, **named: Any) -> Markup:
        return Markup(make(*given, **named))  # noqa: S704 - every text in it is escaped by who makes it

    return made


FILTERS = {make.__name__: _html(make) for make in (changed, creator, moved, board_row)}
FUNCTIONS = {make.__name__: _html(make) for make in (meaning, th, choose)}
"""What templates call these."""
