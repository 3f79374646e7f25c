"""A checkout with this project's code and models of a test's own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clickhouse_connect.driver.binding import quote_identifier
from tests.dbt_forks import Forks

from stir import connections
from stir.local.environment import environment
from stir.publish import data_age
from stir.settings import PROJECT_DIR, Settings
from stir.transform import rejects
from stir.world.creation import ORDER_HISTORY

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client


NOTES = (data_age.TABLE, rejects.TABLE, ORDER_HISTORY)
"""Tables that outlive builds."""


def plant(root: Path, models: Mapping[str, str], properties: str) -> Path:
    """Fill the folder: models by name, and what a yml file says of them."""
    for folder in ("plugins", "profiles", "macros"):
        shutil.copytree(PROJECT_DIR / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_DIR / "dbt_project.yml", root)
    shutil.copytree(
        PROJECT_DIR / "models",
        root / "models",
        ignore=lambda _, names: [n for n in names if "." in n and n != "_groups.yml"],
    )
    planted = root / "models" / "planted"
    planted.mkdir(parents=True)
    for name, sql in models.items():
        (planted / f"{name}.sql").write_text(sql)
    (planted / "planted.yml").write_text(properties)
    return root


@contextmanager
def own_database(settings: Settings, name: str, suffix: str = "") -> Iterator[Settings]:
    """The services with a database for planted models."""
    own = settings.model_copy(update={"clickhouse_database": f"{name}_{secrets.token_hex(3)}{suffix}"})
    try:
        yield own
    finally:
        connections.clickhouse(settings).command(f"drop database if exists {quoted(own)} sync")


@contextmanager
def put_back(client: Client, database: str, tables: Iterable[str]) -> Iterator[None]:
    """Let these tables of the warehouse hold afterwards what they held before, and what was noted of their builds."""
    mine = "database = {db:String} and name in {names:Array(String)} and engine like '%MergeTree'"
    query = f"select name from system.tables where {mine}"
    found = client.query(query, parameters={"db": database, "names": [*tables, *NOTES]}).result_rows
    kept = f"kept_{secrets.token_hex(3)}"
    client.command(f"create database {kept}")
    try:
        for (name,) in found:
            client.command(f"create table {kept}.{name} clone as {database}.{name}")
        try:
            yield
        finally:
            for (name,) in found:
                client.command(f"exchange tables {kept}.{name} and {database}.{name}")
    finally:
        client.command(f"drop database {kept} sync")


def quoted(own: Settings) -> str:
    """The database's name for SQL."""
    return str(quote_identifier(own.clickhouse_database))


def run_planted(
    own: Settings, project: Path, *arguments: str, as_of: str = "", command: str = "run"
) -> subprocess.CompletedProcess[str]:
    """`dbt run`, or another command, of all planted models with these arguments, as of a moment.

    With another moment as a var, dbt would parse the whole project again.
    """
    words = Forks.current.command("--no-use-colors", command, *arguments)
    variables = planted_environment(own, project) | ({"STIR_AS_OF": as_of} if as_of else {})
    return subprocess.run(words, cwd=project, env=variables, capture_output=True, text=True, check=False)


def planted_environment(own: Settings, project: Path) -> dict[str, str]:
    """The environment in which dbt builds the planted models."""
    paths = {"DBT_PROJECT_DIR": str(project), "DBT_PROFILES_DIR": str(project / "profiles")}
    paths |= {"DBT_TARGET_PATH": str(project / "target"), "DBT_LOG_PATH": str(project / "logs")}
    # Its own stir keeps its manifests there, and not where all tests share the parse of the whole project.
    paths |= {"STIR_STATE_DIR": str(project / "state")}
    return {**os.environ, **environment(own), **paths}


def tables(own: Settings) -> set[str]:
    """The tables and views of the planted models' database."""
    found = connections.clickhouse(own).query(f"show tables from {quoted(own)}")
    return {name for (name,) in found.result_rows}
