"""What the warehouse says: who is due (candidates/), and who is in quarantine (the macros of the tracked marts)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stir import connections
from stir.errors import StirError
from stir.scrape_queue.flows import FLOWS
from stir.settings import PROJECT_DIR, Settings
from stir.transform.reading import models_in
from stir.triggers.plan import Quarantine
from stir.triggers.spec import TriggerSpec

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

FOLDER = Path(__file__).parent / "candidates"
MACROS = PROJECT_DIR / "macros" / "discovery"
QUARANTINE = ("select_scrape_attempts", "quarantined_until")
"""The macros that say who is in quarantine, to triggers and to the tracked marts."""
QUERY: dict[str, Any] = {
    # Staging tables keep older versions of a row until they are merged.
    "final": 1,
    "join_use_nulls": 1,
    "max_bytes_before_external_group_by": 1_000_000_000,
    "max_bytes_before_external_sort": 1_000_000_000,
}

Tracked = list[tuple[str, str, int]]
"""Kind, value, priority."""


def reader(settings: Settings) -> Client:
    """A client whose unqualified table names are the models."""
    limits = {**QUERY, "max_memory_usage": settings.clickhouse_query_memory}
    return connections.clickhouse(settings, database=settings.clickhouse_database, **limits)


def tracked_entities(settings: Settings, kinds: tuple[str, ...]) -> Tracked:
    """The enabled rows of `ops.tracked_entity` of these kinds."""
    from stir.database import prepare

    if not kinds:
        return []
    prepare(settings)
    with connections.postgres(settings) as connection:
        return connection.execute(
            "select kind, value, priority from ops.tracked_entity where enabled and kind = any(%s)"
            " order by kind, priority, value",
            [list(kinds)],
        ).fetchall()


@contextmanager
def candidates(
    client: Client, spec: TriggerSpec, tracked: Tracked, *, moment: datetime
) -> Iterator[Iterator[Mapping[str, Any]]]:
    """The candidates, most urgent first, read as they are asked for.

    Raises:
        StirError: the SQL does not give what the spec needs.
    """
    from clickhouse_connect.driver.external import ExternalData

    rows = "".join(json.dumps({"kind": k, "value": v, "priority": p}) + "\n" for k, v, p in tracked)
    lists = ExternalData(
        file_name="tracked",
        data=rows.encode(),
        fmt="JSONEachRow",
        structure=["kind String", "value String", "priority Int32"],
    )
    stream = client.query_row_block_stream(
        statement(spec.candidates),
        parameters={"as_of": moment, **spec.bind},
        external_data=lists if spec.tracked else None,
    )
    with stream:
        names = stream.source.column_names
        wanted = {"entity", "priority", *(path.rsplit(".", 1)[-1] for path in spec.params)}
        wanted |= {column for column in (spec.window.cool_down, spec.window.per) if column} - set(spec.constants)
        # An answer without rows comes without columns.
        if missing := (wanted - set(names) if names else set()):
            raise StirError(
                f"the candidates have no column {', '.join(sorted(missing))}",
                where=f"candidates/{spec.candidates}.sql",
                do="add it to the select list, or take it out of the spec",
            )
        yield (dict(zip(names, row, strict=True)) for block in stream for row in block)


@cache
def statement(name: str) -> str:
    """The SQL of one file of candidates."""
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def models_read(candidates: str, *, quarantine: bool = True) -> frozenset[str]:
    """Names of the models behind one file of candidates and, unless told otherwise, behind the quarantine."""
    macros = QUARANTINE if quarantine else ()
    return models_in(statement(candidates), *((MACROS / f"{name}.sql").read_text(encoding="utf-8") for name in macros))


def quarantines(client: Client, flow: str, *, moment: datetime) -> dict[str, Quarantine]:
    """The entities whose last crawl by this flow did not succeed, with the end of their quarantine."""
    attempts, until = QUARANTINE
    rows = client.query(
        f"select entity, {_macro(until, 'attempts')}\n"
        f"from ({_macro(attempts, flow, FLOWS[flow].entity)}) as attempts\n"
        "where last_outcome != 'success'",
        parameters={"as_of": moment},
    ).result_rows
    return {entity: Quarantine(until=end.replace(tzinfo=UTC) if end else None, isolated=True) for entity, end in rows}


def _macro(name: str, *arguments: str) -> str:
    """The SQL of a dbt macro, so that triggers and marts share one rule.

    Both are plain Jinja: of dbt they need `ref_latest` and `as_of` only, which mean here what they mean there.
    """
    module: Any = _template(name).make_module(
        {"ref_latest": lambda model: f"{model} final", "as_of": lambda: "{as_of:DateTime64(6, 'UTC')}"}
    )
    # Jinja passes the context to a macro of the same file, so what it calls must be known to quarantined_until too.
    return str(getattr(module, name)(*arguments))


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment

    text = (MACROS / f"{name}.sql").read_text(encoding="utf-8")
    return Environment(autoescape=False).from_string(text)  # noqa: S701  SQL, not HTML
