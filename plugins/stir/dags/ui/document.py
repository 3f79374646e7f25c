"""Parts that all pages share: style for light and dark, tables, addresses. Every shown text is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import quote

from stir.alerts.runs import web_address

ROOT = "/stir"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""The pages load nothing and run no script; their style is inline."""

STYLE = """
:root { color-scheme: light dark; --text: #1a2733; --soft: #5b6b78; --line: #dde4ea; --back: #fff; --panel: #f4f6f8;
  --link: #0a66c2; --chosen: #e5f4e8; --good: #1b7f3b; --bad: #c62828; --busy: #0a66c2; --idle: #6b7785 }
@media (prefers-color-scheme: dark) { :root { --text: #e3e9ee; --soft: #9aa9b5; --line: #2c3843; --back: #12181e;
  --panel: #1b242c; --link: #6db3f2; --chosen: #1d3a26; --good: #5fc27e; --bad: #ff8a80; --busy: #6db3f2;
  --idle: #93a1ad } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: var(--text);
  background: var(--back) }
a { color: var(--link); text-decoration: none } a:hover { text-decoration: underline }
h1 { font-size: 1.4rem; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin-top: 2rem }
.soft { color: var(--soft) } table { border-collapse: collapse; width: 100% }
th { color: var(--soft); font-weight: 600; font-size: .85rem } th, td { text-align: left; padding: .35rem .6rem;
  vertical-align: top } tr { border-bottom: 1px solid var(--line) } tr.chosen { background: var(--chosen) }
td.figure, th.figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
pre { overflow: auto; background: var(--panel); padding: .8rem 1rem; border-radius: 6px; font-size: 13px;
  max-height: 40rem } pre.failure { border-left: 4px solid var(--bad); white-space: pre-wrap }
.status { border: 1px solid currentColor; border-radius: 1rem; padding: 0 .55rem; font-size: .82rem;
  white-space: nowrap }
.good { color: var(--good) } .bad { color: var(--bad) } .busy { color: var(--busy) } .idle { color: var(--idle) }
"""

REFRESH_SECONDS = 5


def address(*parts: str, **query: str) -> str:
    """The address of a page. The parts of its path and the values of its query are quoted."""
    path = "/".join(quote(part, safe="") for part in parts)
    rest = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{web_address()}{ROOT}/{path}{f'?{rest}' if rest else ''}"


def link(target: str, text: str) -> str:
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def model_links(names: Iterable[str]) -> str:
    return ", ".join(link(address("models", name), name) for name in names)


def table(head: Sequence[str], rows: Iterable[tuple[bool, Sequence[str]]]) -> str:
    """A table of texts. A row whose first item is True is marked."""
    return markup_table(head, ((chosen, [f"<td>{escape(cell)}</td>" for cell in row]) for chosen, row in rows))


def markup_table(head: Sequence[str], rows: Iterable[tuple[bool, Sequence[str]]]) -> str:
    """A table whose cells are markup. A heading that ends with # belongs to a column of numbers."""
    cells = "".join(
        f"<th class=figure>{escape(cell[:-1])}</th>" if cell.endswith("#") else f"<th>{escape(cell)}</th>"
        for cell in head
    )
    body = "".join(f"<tr{' class=chosen' if chosen else ''}>{''.join(row)}</tr>" for chosen, row in rows)
    return f"<table><tr>{cells}</tr>{body}</table>"


def document(title: str, body: str, *, refresh: bool = False) -> str:
    """A whole page. `refresh` reloads it after some seconds."""
    again = f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}">' if refresh else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"{again}<title>{escape(title)}</title><style>{STYLE}</style><h1>{escape(title)}</h1>{body}</html>"
    )
