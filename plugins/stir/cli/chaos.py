"""`stir chaos publish`: publishes under random faults while readers watch, for any number of minutes."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import click

from stir.cli.checks import own_environment, stop_services
from stir.cli.children import run_child
from stir.settings import PROJECT_DIR


@click.group()
def chaos() -> None:
    """Break things on purpose, in separate services, and observe what readers notice."""


@chaos.command()
@click.option("--minutes", default=5.0, show_default=True, type=click.FloatRange(0.1), help="How long.")
@click.option("--seed", type=int, help="The same seed draws the same faults; by default it changes each time.")
def publish(minutes: float, seed: int | None) -> int:
    """Publish under random faults while eight readers watch, and print what they saw.

    The faults are those of `./stir test integration -k faults`. The exit code is 1 if a reader saw anything wrong.
    """
    drawn = random.randrange(1_000_000) if seed is None else seed  # noqa: S311 - repeatable, not secret
    variables = own_environment("chaos") | {"CHAOS_MINUTES": str(minutes), "CHAOS_SEED": str(drawn)}
    state_dir = Path(variables["STIR_STATE_DIR"])
    click.echo(f"stir chaos publish: {minutes:g} minutes, --seed {drawn}", err=True)
    suite = str(PROJECT_DIR / "tests" / "integration" / "publish")
    command = [sys.executable, "-m", "pytest", suite, "-q", "-m", "faults"]
    try:
        return min(1, run_child(command, variables, folder=PROJECT_DIR))
    finally:
        stop_services(variables)
        shutil.rmtree(state_dir, ignore_errors=True)
