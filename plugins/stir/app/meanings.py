"""What the published numbers mean and rest on: definitions.json, which `./stir metrics --write` makes of the models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import msgspec

NAMED_OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "leaderboard": {
        "rank": "current_month_ranks",
        "previous_rank": "last_month_ranks",
        "ranks": "current_month_ranks",
        "previous_ranks": "last_month_ranks",
        "place": "followers_rank",
    },
    "trending_content": {"rank": "trending_rank"},
}
"""Names of answers that are not those of the table's columns."""


@cache
def read_definitions() -> Mapping[str, Any]:
    """definitions.json: every published table with its columns, and what is promised of its age."""
    found: Mapping[str, Any] = json.loads(
        resources.files("stir.app").joinpath("definitions.json").read_text(encoding="utf-8")
    )
    return found


@cache
def bases_of(table: str) -> Mapping[str, str]:
    """The metrics of a table as answers name them, to what they rest on: `measured`, `estimated`, or either."""
    columns = read_definitions()["tables"].get(table, {"columns": {}})["columns"]
    known = {name: str(column["basis"]) for name, column in columns.items() if "basis" in column}
    others = NAMED_OTHERWISE.get(table, {})
    return known | {name: known[column] for name, column in others.items()}


@cache
def basis_of(table: str, column: str, member: str = "") -> str:
    """What a metric, or the member of a map of metrics, rests on.

    Raises:
        KeyError: the column is no metric, or the map has no such member.
    """
    if not member:
        return bases_of(table)[column]
    return str(read_definitions()["tables"][table]["columns"][column]["members"][member]["basis"])


def bases_in(data: Any, tables: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """What the metrics in an answer rest on, by table; `data` is read down to the first row of each list."""
    return _bases_of_names(tuple(_names(data)), tuple(tables))


@lru_cache(1_000)
def _bases_of_names(names: tuple[str, ...], tables: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    known = set(names)
    found = {table: {name: basis for name, basis in bases_of(table).items() if name in known} for table in tables}
    return {table: bases for table, bases in found.items() if bases}


def _names(data: Any) -> Iterator[str]:
    if isinstance(data, msgspec.Struct):
        data = msgspec.structs.asdict(data)
    if isinstance(data, dict):
        for name, value in data.items():
            yield name
            if isinstance(value, (dict, list)):
                yield from _names(value)
    elif isinstance(data, list) and data:
        yield from _names(data[0])
