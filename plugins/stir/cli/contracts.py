"""`stir contracts`: lists the contracts of the source tables, checks them, and writes what is generated from them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from stir.cli import contract_files
from stir.errors import StirError
from stir.settings import PROJECT_DIR
from stir.sources.cluster import create_on_cluster
from stir.sources.compatibility import faults
from stir.sources.contract import FOLDER, Contract, contract, contracts, versions
from stir.sources.ddl import create_table
from stir.sources.form import form_faults
from stir.sources.json_schema import json_schema


def problems() -> list[str]:
    """What is wrong with the contracts and with the files that are written from them."""
    found = [each for path in sorted(FOLDER.rglob("*.yaml")) for each in form_faults(path)]
    if found:
        return found
    for each in contracts():
        found += faults(each.name)
    found += contract_files.changed_releases()
    unlisted = [
        f"{name} {version}"
        for name, known in contract_files.present().items()
        for version in known
        if version not in contract_files.released().get(name, {})
    ]
    found += [f"{place} is not in {contract_files.RELEASED.name}" for place in unlisted]
    for path, text in contract_files.rendered().items():
        if path.read_text(encoding="utf-8") != text:
            found.append(f"{path.relative_to(PROJECT_DIR)} differs from the contracts")
    return found


def write() -> list[Path]:
    """Write every generated file, and list new versions as released.

    Raises:
        StirError: a contract breaks the standard's form, or a version breaks its promise.
    """
    refused = [each for path in sorted(FOLDER.rglob("*.yaml")) for each in form_faults(path)]
    refused = refused or [fault for each in contracts() for fault in faults(each.name)]
    refused = refused or contract_files.changed_releases()
    if refused:
        raise StirError("; ".join(refused), do="nothing was written")
    pages = contract_files.rendered()
    pages[contract_files.RELEASED] = json.dumps(contract_files.present(), indent=2, sort_keys=True) + "\n"
    written = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in written:
        path.write_text(pages[path], encoding="utf-8")
    return written


def _list() -> Table:
    table = Table(title=f"{len(contracts())} contracts", title_justify="left")
    table.add_column("contract", overflow="fold", min_width=36)
    table.add_column("version", no_wrap=True)
    table.add_column("kind", no_wrap=True)
    table.add_column("fields", justify="right", no_wrap=True)
    table.add_column("streams", overflow="fold")
    for each in contracts():
        table.add_row(each.name, each.version, each.kind, str(len(each.fields)), ", ".join(each.streams))
    return table


def _fields(each: Contract) -> Table:
    table = Table(title=f"{each.name} {each.version}: {each.description}", title_justify="left")
    table.add_column("field", overflow="fold")
    table.add_column("type", overflow="fold")
    table.add_column("rule", overflow="fold", ratio=1)
    table.add_column("otherwise", no_wrap=True)
    for field in each.fields:
        table.add_row(field.name, field.type, "; ".join(contract_files.rules(field)), field.on_violation)
    return table


def _record(each: Contract) -> dict[str, Any]:
    return {
        "name": each.name,
        "version": each.version,
        "versions": [known.version for known in versions(each.name)],
        "kind": each.kind,
        "owner": each.owner,
        "since": each.since.isoformat(),
        "streams": list(each.streams),
        "personal": sorted(each.personal_fields),
        "schema": json_schema(each),
    }


@click.command("contracts")
@click.argument("name", required=False)
@click.option("--version", "version", help="Show this version instead of the newest.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: of NAME its JSON Schema, else all contracts.")
@click.option("--ddl", "as_ddl", is_flag=True, help="Print the statement that creates the table of NAME in ClickHouse.")
@click.option("--cluster", help="With --ddl: the statements for a cluster of this name, of all contracts unless NAME.")
@click.option("--write", "is_write", is_flag=True, help="Rewrite dbt's sources and docs/sources.md; list new versions.")
@click.option("--check", is_flag=True, help="Fail if a generated file differs or a version breaks compatibility.")
def contracts_command(
    name: str | None,
    version: str | None,
    as_json: bool,
    as_ddl: bool,
    cluster: str | None,
    is_write: bool,
    check: bool,
) -> None:
    """List the contracts of the source tables, or show the fields of the contract NAME (DATABASE.TABLE)."""
    if sum((bool(name), is_write, check)) > 1 or (as_json and (is_write or check)) or (version and not name):
        raise click.UsageError("give a name, --write or --check; --version needs a name")
    if as_ddl and (as_json or not (name or cluster)):
        raise click.UsageError("--ddl needs a name or --cluster, and prints no JSON")
    if cluster is not None:
        if not as_ddl or not re.fullmatch(r"\w+", cluster):
            raise click.UsageError("--cluster needs --ddl, and a name of letters, digits and _")
        for statement in create_on_cluster([contract(name, version)] if name else contracts(), cluster):
            click.echo(f"{statement};")
        return
    if is_write:
        for path in write():
            click.echo(f"wrote {path.relative_to(PROJECT_DIR)}")
        return
    if check:
        if found := problems():
            for each in found:
                click.echo(each, err=True)
            raise StirError(f"{len(found)} faults in the contracts", do="fix them, then run `./stir contracts --write`")
        click.echo(f"{len(contracts())} contracts agree with the files that are written from them")
        return
    if name:
        chosen = contract(name, version)
        if as_ddl:
            click.echo(f"{create_table(chosen)};")
        elif as_json:
            click.echo(json.dumps(json_schema(chosen), indent=2, ensure_ascii=False))
        else:
            Console().print(_fields(chosen))
    elif as_json:
        click.echo(json.dumps([_record(each) for each in contracts()], indent=2, ensure_ascii=False))
    else:
        Console().print(_list())
