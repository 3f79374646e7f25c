"""`stir settings`: lists every setting with its scope and its value, and writes docs/settings.md."""

from __future__ import annotations

import sys

import click
from pydantic import SecretStr
from pydantic_core import PydanticUndefined
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stir.collector.settings import CollectorSettings, load_collector_settings
from stir.settings import PROJECT_DIR, SCOPES, Settings, load_settings, scope_of

DOCUMENT = PROJECT_DIR / "docs" / "settings.md"
_HEAD = """# Settings

Written by `./stir settings --write` from [plugins/stir/settings.py](../plugins/stir/settings.py); do not edit.

A value comes, strongest first, from the environment, from `.env` in the checkout, and from what `./stir up` wrote for
the embedded services. `./stir settings` shows what holds now. Airflow runs under the settings of the command that
started it. A variable that begins with `STIR_` and is none of these is ignored; each command says so once.
"""

_COLLECTOR = """## Of the collector

From [plugins/stir/collector/settings.py](../plugins/stir/collector/settings.py): where its sources are, so that the
same code asks the real ones and local stand-ins. They apply to the command that has them.
"""


@click.command()
@click.option("--write", is_flag=True, help="Write docs/settings.md instead.")
def settings(write: bool) -> None:
    """List every setting with its scope and its value. Passwords are not shown."""
    if write:
        DOCUMENT.write_text(render())
        click.echo(f"wrote {DOCUMENT.relative_to(PROJECT_DIR)}")
        return
    current = load_settings()
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("setting", "of the", "value", "meaning"):
        table.add_column(heading, no_wrap=heading != "meaning")
    for name, field in Settings.model_fields.items():
        value = getattr(current, name)
        shown = "(set)" if isinstance(value, SecretStr) else "" if value is None else str(value)
        table.add_row(variable(name), scope_of(name), escape(shown), escape(field.description or ""))
    collector = load_collector_settings()
    for name, field in CollectorSettings.model_fields.items():
        value = getattr(collector, name)
        shown = "" if value is None else str(value)
        table.add_row(variable(name), "command", escape(shown), escape(field.description or ""))
    # A pipe has no width, and rich's 80 columns would cut the names.
    Console(width=None if sys.stdout.isatty() else 200, highlight=False).print(table)


def variable(name: str) -> str:
    """The environment variable of a field of Settings."""
    return f"STIR_{name.upper()}"


def render() -> str:
    """docs/settings.md: one table for each scope."""
    parts = [_HEAD]
    for scope, meaning in SCOPES.items():
        rows = [
            f"| `{variable(name)}` | {field.description} | {_default(field.default)} |"
            for name, field in Settings.model_fields.items()
            if scope_of(name) == scope
        ]
        title = f"## Of the {scope}\n\n{meaning[0].upper()}{meaning[1:]}.\n"
        parts.append("\n".join([title, "| variable | meaning | default |", "|---|---|---|", *rows, ""]))
    rows = [
        f"| `{variable(name)}` | {field.description} | {_default(field.default)} |"
        for name, field in CollectorSettings.model_fields.items()
    ]
    parts.append("\n".join([_COLLECTOR, "| variable | meaning | default |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def _default(value: object) -> str:
    if value is None or value is PydanticUndefined:
        return ""
    return f"`{str(value).removeprefix(f'{PROJECT_DIR}/')}`"
