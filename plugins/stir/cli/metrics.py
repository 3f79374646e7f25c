"""`stir metrics`: explains how numbers are computed, and writes the dictionary docs/metrics.md."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from stir.cli import definitions, letters
from stir.cli.working import READING, working
from stir.errors import StirError
from stir.settings import PROJECT_DIR, load_settings
from stir.transform.manifest import read_dbt_manifest
from stir.transform.metrics import DICTIONARY, Metric, own_metrics, render


def _print(metric: Metric) -> None:
    table = Table(title=f"{metric.model}: {', '.join(metric.columns)}", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    for name, value in vars(metric.definition).items():
        table.add_row(name.replace("_", " "), str(value))
    Console().print(table)


@click.command()
@click.argument("word", required=False)
@click.option("--write", is_flag=True, help="Rewrite docs/metrics.md and the application's definitions.")
def metrics(word: str | None, write: bool) -> None:
    """Print how the metrics with WORD in their name are computed. With --write, write docs/metrics.md."""
    if not word and not write:
        raise click.UsageError("name a metric, or use --write")
    with working(READING):
        manifest = read_dbt_manifest(load_settings())
    if write:
        DICTIONARY.write_text(render(manifest))
        definitions.FILE.write_text(definitions.render(manifest), encoding="utf-8")
        letters.MACRO.write_text(letters.render_macro(), encoding="utf-8")
        letters.FILE.write_text(letters.render_json(), encoding="utf-8")
        for path in (DICTIONARY, definitions.FILE, letters.MACRO, letters.FILE):
            click.echo(f"wrote {path.relative_to(PROJECT_DIR)}")
    if word:
        found = [
            metric
            for model in manifest.models.values()
            for metric in own_metrics(model)
            if any(word in column for column in metric.columns)
        ]
        if not found:
            raise StirError(f"no metric has {word!r} in its name", do="docs/metrics.md lists them all")
        for metric in found:
            _print(metric)
