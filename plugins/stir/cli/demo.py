"""`stir demo`: the whole pipeline for somebody who has just cloned the repository."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.console import Console

from stir.cli.stages import Stages
from stir.settings import Settings, load_settings

if TYPE_CHECKING:
    from stir.publish import PublishState

NEXT = """
[bold]Try next[/]
  ./stir status                          what runs where
  ./stir app                             the leaderboard as web pages and a JSON API
  ./stir airflow                         the web UI with the DAGs that do this on a schedule
  ./stir world advance --hours 24        one more day arrives from upstream
  ./stir dbt build --select tag:core     build one cadence, as the data engineers do
  ./stir publish --all                   publish again; readers never notice
  ./stir generations leaderboard         what has been published, and when
  ./stir down                            stop everything; the data stays in .stir/

The table above, read by hand:
  eval "$(./stir env)"
  psql "$STIR_POSTGRES_READER_URL" -f plugins/stir/cli/leaderboard.sql
"""


def make_world(settings: Settings, stages: Stages, creators: int, days: int, seed: int, replace: bool) -> None:
    """Create the source world of these parameters. An existing one is kept, also if it was advanced."""
    from stir import connections
    from stir.world import WorldParameters, make, midnight
    from stir.world.campaigns import fill_application
    from stir.world.history import read_state

    with stages.stage("world") as stage:
        with connections.clickhouse(settings) as client:
            standing = read_state(client)
        kept = standing and standing.state == "ready" and (standing.creators, standing.seed) == (creators, seed)
        if standing and kept and standing.end - standing.start >= timedelta(days=days) and not replace:
            fill_application(settings)
            stage.note = f"{creators:,} creators until {standing.end:%Y-%m-%d %H:%M}, already there"
            return
        wanted = WorldParameters(creators=creators, days=days, seed=seed, end=midnight())
        made = make(
            settings, wanted, replace=replace, progress=lambda table, done, total: stage.step(done, total, table)
        )
        fill_application(settings, replace=made)
        stage.note = f"{creators:,} creators, {days} days, seed {seed}"


def run_demo(creators: int, days: int, seed: int, *, replace: bool, rebuild: bool, stages: Stages) -> Settings:
    """Start services, create the world, build and publish; returns the settings for reading the result.

    Raises:
        StirError: a stage failed. The next call continues from there.
    """
    from stir.local import ensure_services
    from stir.publish import SPECS, publish
    from stir.world.warehouse import build_warehouse

    with stages.stage("services") as stage:
        settings = ensure_services(load_settings())
        stage.note = f"ClickHouse :{settings.clickhouse.port}, S3 :{settings.s3.port}, PostgreSQL"
    make_world(settings, stages, creators, days, seed, replace)
    with stages.stage("warehouse") as stage:
        build = build_warehouse(
            settings, on_node=lambda node: stage.step(node.index, node.total, node.name), rebuild=rebuild
        )
        if build.run is None:
            stage.note = f"unchanged since {build.built_at}; --rebuild builds it again"
        else:
            stage.note = f"{build.run.count('model')} models built, {build.run.count('test')} tests passed"
    with stages.stage("publish") as stage:
        done: list[PublishState] = []
        for number, spec in enumerate(SPECS.values(), start=1):
            # Another world has other sizes and may end earlier. In all other cases the guards apply.
            done.append(publish(settings, spec, allow=("shrink", "growth", "freshness") if replace else ()))
            stage.step(number, len(SPECS), spec.table)
        changed = [publication for publication in done if publication.outcome == "published"]
        rows = sum(publication.rows for publication in done)
        stage.note = f"{len(done)} tables, {rows:,} rows, {len(changed) or 'none'} of them new"
    return settings


@click.command()
@click.option("--creators", default=2000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 400), help="Days of daily detail.")
@click.option("--seed", default=7, show_default=True, type=click.IntRange(0))
@click.option("--replace", is_flag=True, help="Replace a world of other parameters.")
@click.option("--rebuild", is_flag=True, help="Build the warehouse again although nothing has changed.")
@click.option(
    "--serve/--no-serve", "serves", default=None, help="Serve the web page at the end; by default in a terminal only."
)
def demo(creators: int, days: int, seed: int, replace: bool, rebuild: bool, serves: bool | None) -> None:
    """Run the whole warehouse on a synthetic world, print the leaderboard, and serve it as a web page.

    In a terminal it ends with the application, as `./stir app` does, until Ctrl-C; in a script it ends at once. It is
    safe to run again: unchanged parts are kept.
    """
    import sys

    from stir.cli.leaderboard import draw, read_top

    stages = Stages()
    settings = run_demo(creators, days, seed, replace=replace, rebuild=rebuild, stages=stages)
    console = Console()
    console.print()
    console.print(draw(read_top(settings)))
    stages.console.print(f"[bold green]done[/] in {stages.seconds:.1f} s", highlight=False)
    stages.console.print(NEXT, highlight=False, soft_wrap=True)
    if serves is None:
        serves = sys.stdin.isatty() and sys.stdout.isatty()
    if serves:
        from stir.cli.app import serve

        serve(settings)
