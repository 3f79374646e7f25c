"""The data kind: a parse of the project, one `dbt build` of everything from nothing with all tests, then once more."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from tests.parsed_project import offer_parse, take_parse

from stir import connections
from stir.settings import PROJECT_DIR, load_settings
from stir.transform.content import content_hashes, moved
from stir.transform.costs import beyond, read_budgets, read_latest_builds
from stir.transform.environment import NO_SERVER
from stir.transform.manifest import read_dbt_manifest
from stir.transform.runner import DbtRun, NodeResult, dbt_executable, run_dbt
from stir.world.history import creator_days
from stir.world.warehouse import build_warehouse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shared_warehouse import SharedWarehouse

    from stir.settings import Settings
    from stir.world import WorldParameters

COOKIE = PROJECT_DIR / "profiles" / ".user.yml"
"""A dbt that reports to its makers writes it."""


def _print_failure(node: NodeResult) -> None:
    if node.failed or node.status == "warn":
        Console().print(f"{node.status}: {node.kind} {node.name}: {node.message}", highlight=False, markup=False)


def test_the_project_parses_with_warnings_as_errors_and_leaves_nothing_behind(tmp_path: Path) -> None:
    variables = {
        **NO_SERVER,
        "STIR_CLICKHOUSE_DATABASE": load_settings().clickhouse_database,
        **{name: value for name, value in os.environ.items() if not name.startswith("DBT_")},
        "DBT_PROFILES_DIR": str(COOKIE.parent),
    }
    options = ["--no-partial-parse", "--target-path", str(tmp_path), "--log-path", str(tmp_path)]
    ended = subprocess.run(
        [dbt_executable(), "--quiet", "--warn-error", "parse", *options],
        env=variables,
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-3000:]
    assert not COOKIE.exists()
    offer_parse(tmp_path)


@pytest.fixture(scope="session")
def world(shared_warehouse: SharedWarehouse) -> WorldParameters:
    """The tests' world, made here; no kept warehouse is taken."""
    shared_warehouse.make_world()
    return shared_warehouse.world


@pytest.fixture(scope="module")
def build(settings: Settings, shared_warehouse: SharedWarehouse, world: WorldParameters) -> DbtRun:
    """One `dbt build` of everything over the world, kept for the other lanes."""
    take_parse(settings)
    with shared_warehouse.locked():
        run = build_warehouse(settings, rebuild=True, unit_tests=True, on_node=_print_failure).run
        assert run is not None
        shared_warehouse.keep()
    return run


def test_everything_builds_from_nothing_and_every_dbt_test_passes(build: DbtRun) -> None:
    kinds = {kind: build.count(kind) for kind in ("seed", "model", "unit_test", "test")}
    Console().print(f"dbt build: {kinds}", markup=False)
    assert min(kinds.values()) > 0
    # dbt counts the exposures among the nodes of a build, and does nothing with them.
    statuses = {node.status for node in build.nodes if node.kind != "exposure"}
    assert statuses <= {"success", "pass", "ok"}


def test_clickhouse_carries_the_description_of_every_table_view_seed_and_column(
    settings: Settings, build: DbtRun
) -> None:
    described = [
        node
        for node in read_dbt_manifest(settings).raw["nodes"].values()
        if node["resource_type"] in ("model", "seed")
        and node["config"]["materialized"] != "ephemeral"
        and node["description"]
    ]
    wanted = {(node["name"], ""): node["description"] for node in described}
    wanted |= {
        (node["name"], name): column["description"]
        for node in described
        for name, column in node["columns"].items()
        if column["description"]
    }
    query = """
        select name, '', comment from system.tables where database = {db:String}
        union all
        select table, name, comment from system.columns where database = {db:String}
    """
    with connections.clickhouse(settings) as client:
        rows = client.query(query, parameters={"db": settings.clickhouse_database}).result_rows
    comments = {(table, column): comment for table, column, comment in rows}

    assert len(wanted) > len(described) > 0
    assert [key for key, text in wanted.items() if comments.get(key) != text] == []


def test_no_model_costs_more_than_its_budget(settings: Settings, build: DbtRun) -> None:
    models = {node.name for node in build.nodes if node.kind == "model"}
    with connections.clickhouse(settings) as client:
        costs = read_latest_builds(client, settings.clickhouse_database)

    assert models <= costs.keys(), "each model's build is in the query log under its name"
    # Seconds are of a machine and of what runs beside: `./stir models --check` looks at them.
    assert list(beyond(costs, read_budgets(), creator_days(settings), timed=False)) == []


def materializations(settings: Settings, build: DbtRun) -> dict[str, str]:
    """How each model that was built is kept."""
    nodes = read_dbt_manifest(settings).raw["nodes"].values()
    built = {node.name for node in build.nodes if node.kind == "model"}
    return {node["name"]: node["config"]["materialized"] for node in nodes if node["name"] in built}


def test_running_everything_again_changes_no_content(
    settings: Settings, build: DbtRun, request: pytest.FixtureRequest
) -> None:
    """On a push the models that are added to; the recomputation holds every table against one definition."""
    materialized = materializations(settings, build)
    is_long = request.config.getoption("--long")
    chosen = [] if is_long else ["--select", "config.materialized:incremental"]
    models = sorted(name for name, how in materialized.items() if is_long or how == "incremental")
    with connections.clickhouse(settings) as client:
        before = content_hashes(client, settings.clickhouse_database, models)
        again = run_dbt(settings, ["run", *chosen])
        again.raise_for_failure()
        after = content_hashes(client, settings.clickhouse_database, models)

    rows = sum(content.rows for content in before.values())
    assert moved(before, after) == []
    assert again.count("model") == len(models) > 25
    Console().print(f"{again.count('model')} models run again: {rows:,} rows, 0 changed", markup=False)


def test_a_model_reads_the_same_whatever_the_reader_lets_joins_do(settings: Settings, build: DbtRun) -> None:
    # A view does not keep the setting under which it was made: with 0, what a left join misses is 0 and not NULL.
    models = [name for name, how in materializations(settings, build).items() if how == "view"]
    assert models
    with connections.clickhouse(settings) as client:
        seen = [
            content_hashes(client, settings.clickhouse_database, models, settings={"join_use_nulls": nulls})
            for nulls in (0, 1)
        ]

    assert moved(*seen) == []


def test_a_build_over_the_same_inputs_is_known_to_be_unneeded(settings: Settings, world: WorldParameters) -> None:
    build_warehouse(settings)

    assert build_warehouse(settings).run is None
