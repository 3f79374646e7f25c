"""`stir dbt`: dbt itself, with this project's profile and services."""

from __future__ import annotations

import os

import click

from stir import connections
from stir.errors import StirError
from stir.local import ensure_services, environment
from stir.settings import PROJECT_DIR, Settings, load_settings
from stir.transform.dbt_process import become_dbt
from stir.world.history import require_sources

READS_SOURCES = {"build", "run", "test", "show", "source", "retry", "snapshot"}
"""dbt's commands that read the sources; `seed`, `ls`, `parse`, `compile` and the like do without."""
READS_SEEDS = {"run", "test", "show"}
"""Those of them that do not load the seeds themselves."""
ABOUT_DBT = {"--help", "-h", "--version", "-v"}


def require_seeds(settings: Settings) -> None:
    """Raises:
    StirError: seeds, which many models read, are not in the warehouse's database.
    """
    seeds = {path.stem for path in (PROJECT_DIR / "seeds").rglob("*.csv")}
    with connections.clickhouse(settings) as client:
        found = client.query(
            "select name from system.tables where database = {database:String}",
            parameters={"database": settings.clickhouse_database},
        )
    missing = sorted(seeds - {name for (name,) in found.result_rows})
    if missing:
        raise StirError(
            f"{len(missing)} of {len(seeds)} seeds are not loaded, among them {missing[0]}",
            where=f"ClickHouse, database {settings.clickhouse_database}",
            do="run `./stir dbt seed` first, or `./stir dbt build`, which loads and builds all",
        )


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    short_help="dbt with this project's profile, any dbt command",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dbt(arguments: tuple[str, ...]) -> None:
    """Become dbt: any dbt command with its own options, as in `./stir dbt run --select tag:core`."""
    variables = dict(os.environ)
    if arguments and not ABOUT_DBT & set(arguments):
        settings = ensure_services(load_settings())
        variables |= environment(settings)
        if arguments[0] in READS_SOURCES:
            with connections.clickhouse(settings) as client:
                require_sources(client)
        if arguments[0] in READS_SEEDS and "--defer" not in arguments:
            require_seeds(settings)
    become_dbt(arguments, variables)
