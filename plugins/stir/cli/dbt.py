"""`stir dbt`: dbt itself, with this project's profile and services."""

from __future__ import annotations

import os

import click

from stir import connections
from stir.cli.working import running_services
from stir.local import environment
from stir.transform.dbt_process import become_dbt
from stir.world.history import refuse_half_made

READS_SOURCES = {"build", "run", "test", "show", "source", "retry", "snapshot"}
"""dbt's commands that read the sources. They must not run while a world is being created."""
ABOUT_DBT = {"--help", "-h", "--version", "-v"}


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    short_help="dbt with this project's profile, any dbt command",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def dbt(arguments: tuple[str, ...]) -> None:
    """Run any dbt command with its own options, as in `./stir dbt run --select tag:core`."""
    variables = dict(os.environ)
    if arguments and not ABOUT_DBT & set(arguments):
        settings = running_services()
        variables |= environment(settings)
        if settings.log_format == "json":
            variables.setdefault("DBT_LOG_FORMAT", "json")
        if arguments[0] in READS_SOURCES:
            with connections.clickhouse(settings) as client:
                refuse_half_made(client)
    become_dbt(arguments, variables)
