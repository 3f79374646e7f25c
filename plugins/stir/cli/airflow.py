"""`stir airflow`: runs Airflow with this project's DAGs on the running services."""

from __future__ import annotations

import json
import os
import sys
import threading
import time

import click
from rich.console import Console
from rich.table import Table

from stir.cli.children import ignore_interrupts
from stir.cli.working import READING, running_services, working
from stir.errors import StirError
from stir.local.airflow import processes as processes
from stir.local.airflow.config import USER, base_url, home, identity
from stir.settings import Settings, load_settings
from stir.transform.project import parse

CHECK_SECONDS = 2.0

err = Console(stderr=True)


@click.group(invoke_without_command=True)
@click.option("--detach", is_flag=True, help="Return when Airflow is up and leave it running in the background.")
@click.pass_context
def airflow(context: click.Context, detach: bool) -> None:
    """Serve the Airflow web UI with all DAGs until Ctrl-C; start the services first if they are not up.

    Prints the address and the login. DAGs begin paused: unpause one to let it run by its schedule, or press its
    Trigger button to run it once. Metadata is in PostgreSQL; task logs are in .stir/airflow/logs.

    With --detach, or as `stir airflow up`, it goes on in the background until `stir airflow down`.
    """
    if context.invoked_subcommand is None:
        (_start if detach else _serve)()


@airflow.command()
def up() -> None:
    """Start Airflow in the background. Does nothing if it is running."""
    _start()


@airflow.command()
def down() -> None:
    """Stop Airflow's processes. Services and data stay."""
    with working("stopping Airflow"):
        stopped = processes.stop(load_settings())
    click.echo(f"stopped {', '.join(stopped)}" if stopped else "Airflow was not running")


@airflow.command()
@click.argument("name", type=click.Choice(list(processes.RUNNABLE)))
def run(name: str) -> None:
    """Run one of Airflow's processes on your own servers, as each container of docker-compose.yml does.

    Run `./stir prepare` first. No other process is started or watched. `celery-worker` is for a scheduler with Celery's
    executor (docs/airflow-at-scale.md).
    """
    settings = load_settings()
    home(settings).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "airflow", *processes.RUNNABLE[name]]
    os.execve(sys.executable, command, processes.process_environment(settings))  # noqa: S606  (no shell is meant)


@airflow.command()
@click.argument("name", type=click.Choice(list(processes.RUNNABLE)))
@click.option("--at", "url", help="Address of the api-server; this checkout's own by default.")
def check(name: str, url: str | None) -> int:
    """Ask whether one of Airflow's processes is healthy. The exit code is 1 if it is not.

    The api-server is asked, and of a Celery worker its broker.
    """
    with working(f"asking for {name}"):
        healthy = (
            processes.worker_answers(load_settings())
            if name == processes.CELERY_WORKER
            else processes.is_healthy(name, url or base_url(load_settings()))
        )
    click.echo(f"{name} is {'healthy' if healthy else 'not healthy'}")
    return int(not healthy)


@airflow.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> int:
    """Show which processes run and whether they are healthy. The exit code is 1 unless all are."""
    settings = load_settings()
    with working("asking Airflow"):
        running = processes.leaders(settings)
        unhealthy = processes.unhealthy(settings) if running else list(processes.COMMANDS)
    states = {
        name: "not running" if name not in running else "unhealthy" if name in unhealthy else "healthy"
        for name in processes.COMMANDS
    }
    healthy = set(states.values()) == {"healthy"}
    if as_json:
        report = {
            "url": base_url(settings),
            "memory_bytes": processes.memory(settings),
            "processes": {
                name: {"pid": running[name].pid if name in running else None, "state": state}
                for name, state in states.items()
            },
        }
        click.echo(json.dumps(report))
        return int(not healthy)
    table = Table("process", "pid", "state", title=f"Airflow {base_url(settings)}", title_justify="left")
    for name, state in states.items():
        color = "green" if state == "healthy" else "red"
        table.add_row(name, str(running[name].pid if name in running else ""), f"[{color}]{state}")
    Console().print(table)
    return int(not healthy)


def _start() -> tuple[Settings, bool]:
    """Start missing processes and print the address; returns the settings and whether something was started."""
    began = time.monotonic()
    settings = running_services()
    fresh = len(processes.leaders(settings)) < len(processes.COMMANDS)
    # Parse the dbt project now, so that the first dbt task does not have to and every task takes two seconds.
    troubles: list[StirError] = []
    parser = threading.Thread(target=_parse, args=(settings, troubles), daemon=True)
    parser.start()
    with working("Airflow") as say:
        processes.start(settings, say=lambda stage: say(f"Airflow: {stage}"))
        say(READING)
        parser.join()
    for trouble in troubles:
        err.print(f"warning: {trouble.line}; until then every dbt task fails", highlight=False, markup=False)
    err.print(f"Airflow is up ({time.monotonic() - began:.1f} s)" if fresh else "Airflow runs already", highlight=False)
    click.echo(f"  {base_url(settings)}\n  user {USER}   password {identity(settings).password}")
    return settings, fresh


def _parse(settings: Settings, troubles: list[StirError]) -> None:
    """Parse the project. An error is reported and stops nothing: the other DAGs do without dbt."""
    try:
        parse(settings)
    except StirError as error:
        troubles.append(error)


def _serve() -> None:
    """Start Airflow and watch it: restart a process that ends, and stop all on Ctrl-C."""
    try:
        settings, fresh = _start()
    except KeyboardInterrupt:
        _stop()
        raise
    if not fresh:
        err.print("`./stir airflow down` stops it")
        return
    err.print("Ctrl-C stops Airflow; the services stay up until `./stir down`")
    try:
        while True:
            time.sleep(CHECK_SECONDS)
            running = processes.leaders(settings)
            ended = [name for name in processes.COMMANDS if name not in running]
            if ended:
                err.print(f"[yellow]{', '.join(ended)} ended; starting again (logs in {settings.state_dir / 'logs'})")
                with working("starting Airflow again"):
                    processes.start(settings)
    finally:
        _stop()


def _stop() -> None:
    ignore_interrupts()
    with working("stopping Airflow"):
        processes.stop(load_settings())
