"""The ClickHouse tables of the contracts. The synthetic world and `stir warehouse new` create them from here."""

from __future__ import annotations

from collections.abc import Iterable

from stir.connections import quoted_table
from stir.sources.contract import Contract, contracts
from stir.sources.layout import LAYOUTS, indexes, projections

TOKENS = 10_000
"""Insert tokens that a table remembers, so that a repeated insert adds nothing. One is written for each insert."""

SETTINGS = {"non_replicated_deduplication_window": TOKENS}


def databases(of: Iterable[Contract] | None = None) -> tuple[str, ...]:
    """The statements that create the databases of the source tables."""
    names = dict.fromkeys(each.database for each in (contracts() if of is None else of))
    return tuple(f"create database if not exists {name}" for name in names)


def create_table(contract: Contract, *, if_not_exists: bool = False) -> str:
    """The statement that creates a source table."""
    lines = [f"{_quoted(field.name)} {field.type}" for field in contract.fields]
    order = [_quoted(part) if part in contract.by_name else part for part in contract.order]
    layout = LAYOUTS.get(contract.name)
    if layout:
        lines += [*indexes(layout), *projections(contract, layout)]
        order = list(dict.fromkeys([*([_quoted(layout.stored_by)] if layout.stored_by else []), *order]))
    columns = ",\n".join(f"    {line}" for line in lines)
    partition = f"\npartition by {contract.partition}" if contract.partition else ""
    settings: dict[str, object] = dict(SETTINGS)
    if layout:
        settings["lightweight_mutation_projection_mode"] = "'rebuild'"
    names = [part.strip("`") for part in order]
    if any(name in contract.by_name and contract.field(name).is_nullable for name in names):
        settings["allow_nullable_key"] = 1
    said = ", ".join(f"{name} = {value}" for name, value in settings.items())
    guard = "if not exists " if if_not_exists else ""
    return (
        f"create table {guard}{quoted_table(contract.database, contract.table)}\n(\n{columns}\n)\n"
        f"engine = {contract.engine}{partition}\norder by ({', '.join(order)})\nsettings {said}"
    )


def _quoted(name: str) -> str:
    return f"`{name}`"
