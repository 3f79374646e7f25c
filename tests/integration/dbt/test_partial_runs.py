"""dbt's own ways to build less than all, in a developer's database: --empty, --sample, --defer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.parsed_project import take_parse

from stir import connections
from stir.settings import PROJECT_DIR, Settings
from stir.transform.rejects import TABLE
from stir.transform.runner import run_dbt

from .planted import own_database, quoted

if TYPE_CHECKING:
    from stir.world.warehouse import Build

MODELS = {path.stem for layer in ("staging", "marts") for path in (PROJECT_DIR / "models" / layer).rglob("*.sql")}
"""Those that are built; intermediate models are a part of others."""
BUILD_ONLY = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
ODD = 'o\'dev-Zoë "1" 日 select $1 %s {x} ;--'
SOME = ("stg_beat_post_activity_log", "+mart_youtube_growth", "+mart_collection_post", "+mart_collection_social_ts")
NOTED = (TABLE, "link_order_history")
"""Tables that outlive builds."""


@pytest.fixture(scope="module")
def own(settings: Settings, warehouse: Build) -> Iterator[Settings]:
    """A developer's database beside the warehouse's, with a name that needs care wherever it is written."""
    with own_database(settings, ODD) as own:
        yield own


@pytest.fixture(scope="module")
def target(own: Settings, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Where dbt keeps what it has parsed for that database, so that neither database's has to be parsed again."""
    folder = tmp_path_factory.mktemp("target")
    take_parse(own, folder=folder)
    return ["--target-path", str(folder)]


def test_an_empty_build_makes_every_model_without_a_row_and_notes_nothing(
    own: Settings, target: list[str], request: pytest.FixtureRequest
) -> None:
    """On a push those of every kind that the tests below begin with."""
    chosen = [] if request.config.getoption("--long") else ["--select", *SOME]
    run = run_dbt(own, ["build", "--empty", *target, *BUILD_ONLY, *chosen])
    run.raise_for_failure()
    built = {node.name for node in run.nodes if node.kind == "model"}
    assert built == MODELS or (chosen and built < MODELS)
    filled = connections.clickhouse(own).query(
        "select name from system.tables where database = {database:String} and total_rows > 0",
        parameters={"database": own.clickhouse_database},
    )
    seeds = {path.stem for path in (PROJECT_DIR / "seeds").rglob("*.csv")}
    assert {name for (name,) in filled.result_rows} - seeds == set()


def test_a_view_that_exists_is_built_again(own: Settings, target: list[str]) -> None:
    """After the empty build. dbt then looks for materialised views that belong to it."""
    chosen = ["--select", "mart_collection_social_ts"]
    run = run_dbt(own, ["run", "--empty", *target, *chosen])
    run.raise_for_failure()
    assert [node.name for node in run.nodes] == chosen[1:]


def test_a_sample_holds_its_days_and_no_others_and_notes_nothing(own: Settings, target: list[str]) -> None:
    """After the empty build, so a sample begins where there is nothing."""
    chosen = [
        "stg_beat_post_log",
        "stg_beat_profile_log",
        "stg_beat_post_activity_log",
        "mart_youtube_growth",
    ]
    days = "{'start': '2026-06-10', 'end': '2026-06-13'}"
    run_dbt(own, ["run", *target, "--full-refresh", "--sample", days, "--select", *chosen]).raise_for_failure()
    client = connections.clickhouse(own)
    for model, moment in (("stg_beat_post_log", "ingested_at"), ("stg_beat_post_activity_log", "acted_at")):
        first, last = client.query(f"select min({moment}), max({moment}) from {quoted(own)}.{model}").first_row
        assert str(first) >= "2026-06-10", model
        assert str(last) < "2026-06-13", model
    for table in NOTED:
        assert client.query(f"select count() from {quoted(own)}.{table}").first_row == (0,)


@pytest.mark.long  # test_slim_build.py builds what was modified in a project of four models
def test_a_developer_builds_what_was_modified_on_what_the_warehouse_has(
    settings: Settings,
    own: Settings,
    target: list[str],
    written_to: Callable[[Path], list[str]],
    tmp_path: Path,
) -> None:
    run_dbt(settings, ["parse", *written_to(tmp_path)]).raise_for_failure()
    modified = [
        "build",
        *target,
        "--select",
        "state:modified",
        "--defer",
        "--favor-state",
        "--state",
        str(tmp_path),
        *BUILD_ONLY,
    ]
    unchanged = run_dbt(own, modified)
    assert (unchanged.return_code, unchanged.nodes) == (0, [])

    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["nodes"]["model.stir.mart_leaderboard"]["raw_code"] += "-- another text"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    changed = run_dbt(own, modified)
    changed.raise_for_failure()
    assert [node.name for node in changed.nodes] == ["mart_leaderboard"]
    count = "select count() from {}.mart_leaderboard"
    client = connections.clickhouse(own)
    assert client.query(count.format(quoted(own))).first_row == client.query(count.format(quoted(settings))).first_row
