"""`stir diff`: shows how a change of the models changes the data of the marts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.cli.working import READING, running_services, working
from stir.errors import StirError
from stir.settings import Settings
from stir.transform.comparison import Difference, compare
from stir.transform.manifest import DbtManifest, read_dbt_manifest
from stir.transform.runner import list_models


@click.command()
@click.argument("marts", nargs=-1, metavar="[MODEL]...")
@click.option("--against", required=True, metavar="DATABASE", help="Database with the build to compare with.")
@click.option(
    "--state",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with that build's manifest.json. Without MODEL, compares changed models and their readers.",
)
@click.option("--ignore", multiple=True, metavar="COLUMN", help="A column to ignore. May be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(marts: Sequence[str], against: str, state: Path | None, ignore: Sequence[str], as_json: bool) -> None:
    """Compare models in STIR_CLICKHOUSE_DATABASE with another database: rows added, removed, changed, by key.

    The sequence for a change: keep the manifest and the database of the last good build, build what changed into
    another database with `./stir dbt build --select state:modified+ --defer --state FOLDER`, then run this.
    """
    if bool(marts) == bool(state):
        raise click.UsageError("name the models to compare, or give --state with the manifest of the other build")
    settings = running_services(("clickhouse",))
    if against == settings.clickhouse_database:
        raise StirError(
            f"{against} would be compared with itself", do="set STIR_CLICKHOUSE_DATABASE to the database of the change"
        )
    with working(READING):
        manifest = read_dbt_manifest(settings)
        chosen = _named(manifest, marts) if marts else _changed(settings, manifest, state)
    with working("comparing the rows"), connections.clickhouse(settings) as client:
        found = [
            compare(
                client,
                name,
                manifest.grain(manifest.models[name]),
                against,
                settings.clickhouse_database,
                ignore=ignore,
            )
            for name in chosen
        ]
    if as_json:
        click.echo(json.dumps([{**asdict(each), "same": each.same} for each in found], indent=2))
    else:
        _print(found)


def _named(manifest: DbtManifest, names: Sequence[str]) -> list[str]:
    for name in names:
        if name not in manifest.models:
            raise StirError(f"there is no model {name!r}", do="`./stir models` lists them")
    return list(dict.fromkeys(names))


def _changed(settings: Settings, manifest: DbtManifest, state: Path | None) -> list[str]:
    """Stored marts that changed since the manifest in the folder, and those that read them. A view holds no rows."""
    models = list_models(settings, ["state:modified+"], state=state)
    return [
        name
        for name in manifest.models
        if name in models and manifest.models[name].materialized not in ("view", "ephemeral")
        and manifest.grain(manifest.models[name])
    ]  # fmt: skip


def _print(found: Sequence[Difference]) -> None:
    console = Console(width=None if Console().is_terminal else 160)
    if not found:
        console.print("no stored model changed")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("model", "key", "rows before", "rows after", "added", "removed", "changed", "changed columns"):
        table.add_column(column, justify="left" if column in ("model", "key", "changed columns") else "right")
    for each in found:
        columns = [f"{name} {count:,}" for name, count in (each.columns or {}).items()]
        columns += [f"+{name}" for name in each.added_columns] + [f"-{name}" for name in each.removed_columns]
        rows = ("absent" if count is None else f"{count:,}" for count in (each.rows_before, each.rows_after))
        table.add_row(
            each.model, ", ".join(each.key), *rows, f"{each.added:,}", f"{each.removed:,}", f"{each.changed:,}",
            ", ".join([*columns, *each.changed_types]) or ("same" if each.same else ""),
        )  # fmt: skip
    console.print(table)
    for each in found:
        for what, keys in (each.samples or {}).items():
            if keys:
                console.print(f"{each.model}, {what}: {', '.join(keys)}", highlight=False, soft_wrap=True)
