"""`stir chaos`: random faults for any number of minutes, in separate services."""

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
    """Publish under random faults while nine readers watch, the application among them, and print what they saw.

    The faults are those of `./stir test integration -k faults`. The exit code is 1 if a reader saw anything wrong.
    """
    return _run("publish", ("tests/integration/publish", "-m", "faults", "--long"), minutes, seed)


@chaos.command()
@click.option("--minutes", default=5.0, show_default=True, type=click.FloatRange(0.1), help="How long.")
@click.option("--seed", type=int, help="The same seed draws the same faults; by default it changes each time.")
@click.option(
    "--broker", default="nats", show_default=True, type=click.Choice(["nats", "rabbitmq"]), help="Of records."
)
def ingest(minutes: float, seed: int | None, broker: str) -> int:
    """Kill publishers, door, broker, sink, ClickHouse and PostgreSQL at random while records come in.

    Servers are away for a while, a sink stands still, and storms of equal bad records come. Prints what was confirmed,
    where it is, and what is missing. The exit code is 1 if anything is.
    """
    tests = ("tests/integration/ingest/test_faults_drawn.py", "--long")
    return _run("ingest", tests, minutes, seed, CHAOS_BROKER=broker)


@chaos.command()
@click.option("--minutes", default=5.0, show_default=True, type=click.FloatRange(0.1), help="How long.")
@click.option("--seed", type=int, help="The same seed draws the same faults; by default it changes each time.")
def collect(minutes: float, seed: int | None) -> int:
    """Kill the collector's workers at random while a fast clock passes two Pacific midnights and a change of clocks.

    Prints what was granted and closed. The exit code is 1 if a call went beyond any limit or a request was lost.
    """
    return _run("collect", ("tests/integration/collector/test_faults_drawn.py", "--long"), minutes, seed)


@chaos.command()
@click.option(
    "--minutes", default=5.0, show_default=True, type=click.FloatRange(0), help="How long; one round at least."
)
@click.option("--seed", type=int, help="The same seed draws the same rows; by default it changes each time.")
def sources(minutes: float, seed: int | None) -> int:
    """Send impossible values in every column of every source table, then build, count, check and publish everything.

    Each round adds rows and prints a line. The exit code is 1 if a build failed, a row is not counted, or an impossible
    value would be published.
    """
    return _run("sources", ("tests/chaos/test_sources.py", "-s"), minutes, seed)


def _run(name: str, tests: tuple[str, ...], minutes: float, seed: int | None, **more: str) -> int:
    drawn = random.randrange(1_000_000) if seed is None else seed  # noqa: S311 - repeatable, not secret
    variables = own_environment("chaos") | {"CHAOS_MINUTES": str(minutes), "CHAOS_SEED": str(drawn)} | more
    state_dir = Path(variables["STIR_STATE_DIR"])
    click.echo(f"stir chaos {name}: {minutes:g} minutes, --seed {drawn}", err=True)
    command = [sys.executable, "-m", "pytest", "-q", *tests]
    try:
        return min(1, run_child(command, variables, folder=PROJECT_DIR))
    finally:
        stop_services(variables)
        shutil.rmtree(state_dir, ignore_errors=True)
