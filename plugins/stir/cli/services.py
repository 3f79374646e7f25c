"""`stir up`, `down`, `status`, `logs`, `env`, `doctor`: the embedded services and the machine they run on."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import asdict

import click
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from stir.cli.programs import CHROMIUM
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local import SERVICES, Supervisor, environment
from stir.local.doctor.findings import Finding, examine
from stir.local.doctor.inspection import inspect
from stir.settings import load_settings

# A pipe has no width, and rich's 80 columns would cut the tables.
_out = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
_err = Console(stderr=True, highlight=False)
_NOT_ALL_UP = 3
_ON_DEMAND = [name for name, kind in SERVICES.items() if kind.on_demand]


@click.command()
@click.option(
    "--with",
    "others",
    multiple=True,
    type=click.Choice(_ON_DEMAND),
    help="Also start a service that this checkout does not use yet.",
)
def up(others: tuple[str, ...]) -> None:
    """Start the embedded ClickHouse, PostgreSQL and S3, unless they are already running.

    The message broker is started once a command has used a stream, or with `--with broker`.
    """
    supervisor = Supervisor(load_settings(), say=lambda line: click.echo(line, err=True))
    wanted = [name for name in SERVICES if name in {*supervisor.used(), *supervisor.external, *others}]
    with working("starting the services that do not run"):
        outcomes = {outcome.name: outcome for outcome in supervisor.ensure(wanted)}
        versions = {row.name: row.version for row in inspect(supervisor.settings())}
    table = _table("service", "port", "version", "healthy after")
    for name in wanted:
        kind = SERVICES[name]
        if name in outcomes:
            outcome = outcomes[name]
            time = f"{outcome.milliseconds:.0f} ms" if outcome.started else "was running"
            table.add_row(kind.title, str(outcome.port), versions[name], time)
        else:
            table.add_row(kind.title, "", versions[name], "your own server")
    _out.print(table)


@click.command()
def down() -> None:
    """Stop Airflow, which needs the services, and then the services that `up` started."""
    from stir.local.airflow import processes

    with working("stopping Airflow") as say:
        titles = ["Airflow"] if processes.stop(load_settings()) else []
        say("stopping the services")
        stopped = Supervisor(load_settings()).stop()
    titles += [SERVICES[name].title for name in stopped]
    _out.print(f"stopped {', '.join(titles)}" if titles else "nothing was running")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show which services run, where, and whether they are healthy. The exit code is 3 if one is down."""
    with working("asking the services"):
        rows = inspect(load_settings())
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        table = _table("service", "state", "address", "version", "pid", "memory", "data", "up for", right=(4, 5, 6, 7))
        for row in rows:
            colour = "green" if row.healthy else "dim" if row.state == "unused" else "red"
            table.add_row(
                SERVICES[row.name].title,
                f"[{colour}]{row.state}[/]",
                row.address,
                row.version,
                str(row.pid or ""),
                _size(row.memory_bytes),
                _size(row.data_bytes),
                _duration(row.uptime_seconds),
            )
        _out.print(table)
        for row in rows:
            if row.problem:
                _err.print(row.problem, soft_wrap=True, markup=False)
    context.exit(0 if all(row.healthy or row.state == "unused" for row in rows) else _NOT_ALL_UP)


@click.command()
@click.argument("name")
@click.option("-n", "lines", type=click.IntRange(0), default=50, show_default=True, help="Lines from the end.")
@click.option("-f", "follow", is_flag=True, help="Keep showing new lines.")
def logs(name: str, lines: int, follow: bool) -> None:
    """Show the log of one service: clickhouse, postgres, s3 or broker."""
    if name not in SERVICES:
        raise StirError(f"there is no service {name!r}", do=f"choose one of {', '.join(SERVICES)}")
    path = Supervisor(load_settings()).layout.log(name)
    if not path.exists():
        raise StirError(f"{SERVICES[name].title} has not written a log yet", where=str(path), do="run `./stir up`")
    subprocess.run(["tail", "-n", str(lines), *(["-F"] if follow else []), str(path)], check=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def env(as_json: bool) -> None:
    """Print the environment of this checkout as `export` lines: eval "$(./stir env)". Contains passwords."""
    values = environment(running_services())
    if as_json:
        click.echo(json.dumps(values, indent=2))
    else:
        click.echo(export_lines(values), nl=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check the machine and the services, with advice for each problem. The exit code is 1 if a check failed."""
    findings: list[Finding] = []
    examination = examine(load_settings(), CHROMIUM.names)
    while True:
        with working("checking"):
            finding = next(examination, None)
        if finding is None:
            break
        findings.append(finding)
        if not as_json:
            mark = {"ok": "[green]✓[/]", "note": "[yellow]![/]", "failure": "[red]✗[/]"}[finding.level]
            advice = f"\n{'':28}[yellow]→ {escape(finding.do)}[/]" if finding.do else ""
            _out.print(f"{mark} {finding.check:<25} {escape(finding.detail)}{advice}", soft_wrap=True)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    context.exit(1 if any(finding.level == "failure" for finding in findings) else 0)


def export_lines(values: dict[str, str]) -> str:
    """Shell text that sets the variables. It quotes every character."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def _table(*columns: str, right: tuple[int, ...] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left", no_wrap=True)
    return table


def _size(value: int | None) -> str:
    if value is None:
        return ""
    return f"{value / 1e9:.1f} GB" if value >= 1e9 else f"{value / 1e6:.0f} MB"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    days, rest = divmod(int(seconds), 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, rest = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
