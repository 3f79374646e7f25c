"""`stir dbt`: dbt itself, with this project's profile and services."""

from __future__ import annotations

import os

import click

from stir.local import ensure_services, environment
from stir.settings import load_settings
from stir.transform.runner import dbt_executable

ABOUT_DBT = {"--help", "-h", "--version", "-v"}


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
        variables |= environment(ensure_services(load_settings()))
    executable = dbt_executable()
    os.execve(executable, [executable, *arguments], variables)  # noqa: S606  (a list, and no shell)
