"""All ranks of one month of a million creators: the board's own model beside one SELECT with all windows.

Both rank the same rows in all 40 dimensions of Instagram's board and write the same table; every rank is compared.
Memory and seconds are those of ClickHouse's query log. The model has production's memory limit for a query; the windows
get what they need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click
import jinja2
import psutil
from clickhouse_connect.driver.client import Client
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.cli.stages import Stages
from stir.connections import quoted_table
from stir.local import ensure_services, stop_services
from stir.settings import PROJECT_DIR, Settings, load_settings
from stir.transform.manifest import read_dbt_manifest
from stir.transform.runner import run_dbt

MODEL, BASE = "mart_instagram_leaderboard", "mart_instagram_leaderboard_base"
BOARD = "INSTAGRAM"
MONTH = "2026-10-01"
WINDOWS = "ranks_by_windows"

FILL = """
insert into {base}
(month, profile_id, handle, name, category, language, country, profile_type, month_state, followers, followers_change,
 views_total_change, uploads_total_change, views, plays, likes, comments, engagement, uploads, engagement_ratio,
 engagement_by_views_ratio, is_eligible, last_event_at, computed_as_of)
select
    toDate('{month}'), toString(number), concat('creator', toString(number)), concat('Creator ', toString(number)),
    if(r(1) % 10 = 0, null, concat('category ', toString(r(2) % 24))),
    if(r(3) % 8 = 0, null, concat('language ', toString(r(4) % 18))),
    'IN', ['CREATOR', 'BRAND', 'MEDIA'][r(5) % 3 + 1], '{state}',
    toInt64(pow(10, 2 + (r(6) % 5000) / 1000)),
    if(r(7) % 20 = 0, null, toInt64(r(8) % 20000) - 5000),
    toInt64(r(9) % 1000000), 3, toInt64(r(10) % 1000000), toInt64(r(11) % 500000), 100, 10, 110, toInt64(r(12) % 12),
    if(r(13) % 6 = 0, null, (r(14) % 10000) / 10000), 0.01, true, toDateTime('2026-10-20', 'UTC'),
    toDateTime('2026-10-21', 'UTC')
from numbers({creators})
"""
"""Values repeat, so that ties are decided as in a real board; `r(n)` is the n-th pseudo-random number of a row."""


@dataclass(frozen=True)
class Cost:
    """What a statement cost."""

    seconds: float
    memory: int


def macro(name: str, *arguments: str) -> Any:
    """What a macro of the project returns: the one list of dimensions, without dbt."""
    returned: list[Any] = []
    text = (PROJECT_DIR / "macros" / "leaderboard" / f"{name}.sql").read_text()
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)  # noqa: S701  (SQL, no HTML)
    module = environment.from_string(text, globals={"return": returned.append}).module
    getattr(module, name)(*arguments)
    return returned[0]


def windows_sql(base: str) -> str:
    """One SELECT with a window for each dimension, in the order of its chain."""
    chains, ranks = macro("leaderboard_chains"), []
    for dimension in macro("leaderboard_dimensions", BOARD):
        chain = chains[dimension["chain"]]
        order = [f"{metric} desc nulls last" for metric in (chain["metric"], *chain["then"])]
        order += ["profile_platform", "platform_id"]
        ranked = " and ".join([f"{chain['metric']} is not null", *filter(None, [chain.get("eligible")])])
        known = " and ".join([f"coalesce({ranked}, false)", *(f"{each} is not null" for each in dimension["within"])])
        within = ", ".join(["month", f"coalesce({ranked}, false)", *dimension["within"]])
        window = f"row_number() over (partition by {within} order by {', '.join(order)})"
        ranks.append(f"if({known}, {window}, null) as {dimension['key']}")
    candidates = (
        "select month, 'IA' as profile_platform, profile_id as platform_id, handle, name, category, language, country,"
        " coalesce(profile_type, 'CREATOR') as profile_type, month_state, followers, followers_change,"
        " views_total_change, uploads_total_change, views, plays, likes, comments, engagement, uploads,"
        f" engagement_ratio, engagement_by_views_ratio from {base} where is_eligible"
    )
    return f"select *, {', '.join(ranks)} from ({candidates})"


def fill(settings: Settings, client: Client, database: str, creators: int, months: Sequence[str] = (MONTH,)) -> str:
    """The input of the board with `creators` rows a month; returns its quoted name.

    The first of `months` is the running one. In the others the same creators have other numbers.
    """
    columns = read_dbt_manifest(settings).models[BASE].columns
    base = quoted_table(database, BASE)
    listed = ", ".join(f"`{name}` {kind}" for name, kind in columns.items())
    client.command(f"create table {base} ({listed}) engine = MergeTree order by (month, profile_id)")
    for back, month in enumerate(months):
        # The first five draws are attributes, which a creator keeps.
        client.command(f"create or replace function r as (n) -> cityHash64(number, if(n < 6, n, n + {100 * back}))")
        state = "FINAL" if back else "MTD"
        client.command(FILL.format(base=base, month=month, state=state, creators=creators))
    return base


def cost_of(client: Client, database: str, pattern: str) -> Cost:
    """The most expensive statement of this database whose text contains the pattern."""
    client.command("system flush logs")
    found = client.query(
        "select query_duration_ms / 1000, memory_usage from system.query_log where type = 'QueryFinish'"
        " and position(query, {pattern:String}) > 0 and position(query, {database:String}) > 0"
        " and query_kind = 'Insert' order by query_duration_ms desc limit 1",
        parameters={"pattern": pattern, "database": database},
    ).result_rows
    return Cost(float(found[0][0]), int(found[0][1]))


def differences(client: Client, database: str) -> int:
    """Creators for whom any rank of the two tables differs."""
    keys = [dimension["key"] for dimension in macro("leaderboard_dimensions", BOARD)]
    row = ", ".join(["platform_id", *(f"ifNull({key}, 0)" for key in keys)])
    sums = [
        client.query(f"select count(), sum(cityHash64({row})) from {quoted_table(database, name)}").result_rows[0]
        for name in (MODEL, WINDOWS)
    ]
    if sums[0] == sums[1]:
        return 0
    found = client.query(
        f"select count() from (select cityHash64({row}) as h from {quoted_table(database, MODEL)}) as a"
        f" left anti join (select cityHash64({row}) as h from {quoted_table(database, WINDOWS)}) as b using h"
    )
    return int(found.result_rows[0][0])


@click.command()
@click.option("--creators", default=1_000_000, show_default=True)
def main(creators: int) -> None:
    """Rank one month of that many creators both ways, compare every rank, and print the ratio."""
    settings: Settings = ensure_services(load_settings(), ("clickhouse",))
    stages, console, database = Stages(), Console(width=None if Console().is_terminal else 120), "bench_ranks"
    settings = settings.model_copy(update={"clickhouse_database": database})
    with connections.clickhouse(settings) as client:
        client.command(f"drop database if exists {database} sync")
        client.command(f"create database {database}")
        with stages.stage(f"{creators:,} creators"):
            base = fill(settings, client, database, creators)
        with stages.stage("the board's model"):
            run_dbt(settings, ("run", "--full-refresh", "--select", MODEL)).raise_for_failure()
        model = cost_of(client, database, "arrayEnumerateUniq")
        with stages.stage("one SELECT with all windows"):
            client.command(
                f"create table {quoted_table(database, WINDOWS)} engine = MergeTree"
                f" order by (month, platform_id) empty as {windows_sql(base)}"
            )
            client.command(
                f"insert into {quoted_table(database, WINDOWS)} {windows_sql(base)}", settings={"max_memory_usage": 0}
            )
        windows = cost_of(client, database, "row_number() over")
        differing = differences(client, database)
    shown = Table(title=f"All ranks of one month of {creators:,} creators", title_justify="left")
    for heading in ("", "seconds", "peak MiB"):
        shown.add_column(heading, justify="left" if not heading else "right")
    for name, cost in ((f"{MODEL}", model), ("one SELECT with all windows", windows)):
        shown.add_row(name, f"{cost.seconds:.1f}", f"{cost.memory / 2**20:,.0f}")
    console.print(shown)
    console.print(f"windows / model             {windows.seconds / model.seconds:.2f}x seconds", highlight=False)
    console.print(f"ranks that differ           {differing:,} creators", highlight=False)
    console.print(f"cores                       {psutil.cpu_count()}", highlight=False)
    stop_services(settings)
    if differing:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
