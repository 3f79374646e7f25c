"""The dbt operators against a real ClickHouse and S3, on a small project of planted models."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stir import connections
from stir.settings import Settings

from .planted import plant

DATABASE = "operator_test"
RUN = f"manual__{secrets.token_hex(4)}"
"""Labels and artifacts outlast a test session; this keeps sessions apart."""
FREE = "{{ config(contract={'enforced': false}, order_by='id', tags=['%s']) }}\n"
SLOW = "select number as id, sleepEachRow(1) as nap from numbers(300)\n-- settings end\nsettings max_block_size = 1"

MODELS = {
    "one": FREE % "core" + "select number as id from numbers(10)",
    "first": FREE % "daily" + "select number as id from numbers(100000)",
    "broken": FREE % "daily" + "select throwIf(not {{ env_var('MENDED') }}, 'planted') + number as id from numbers(5)",
    "behind": FREE % "daily" + "select id from {{ ref('broken') }}",
    "board": FREE % "daily" + "select source.id as score, source.id % 3 as id from {{ ref('first') }} as source",
    "twice": FREE % "weekly" + "select 1 as id from numbers(2)",
    "naps": FREE % "hourly" + SLOW,
    "after_nap": FREE % "hourly" + "select id from {{ ref('naps') }}",
    "arrivals": FREE.replace("tags", "materialized='incremental', engine='ReplacingMergeTree', tags") % "orders"
    + "select 1 as id, {{ as_of() }} as moment, toUInt32({{ look_back_hours() }}) as hours, now64(6) as built_at"
    + "\nwhere {{ ingested_since('moment', 'moment') }}",
    "near": FREE % "recent_scl" + "select number as id from numbers(3)",
    "far": FREE % "staging_collections" + "select near.id from {{ ref('near') }} as near",
    "reads_far": FREE % "recent_scl" + "select far.id, word from {{ ref('far') }} as far cross join {{ ref('words') }}",
    **{f"waiting_{number}": FREE % "hourly" + SLOW for number in range(3)},
}
TESTS = """
models:
  - name: board
    columns:
      - {name: score, data_tests: [not_null, unique]}
      - {name: id, data_tests: [{unique: {config: {severity: warn}}}]}
  - name: twice
    columns: [{name: id, data_tests: [unique]}]
"""


class Tasks:
    """A process that runs dbt tasks one after another; see dbt_task.py."""

    def __init__(self, project: Path, state: Path, variables: dict[str, str]) -> None:
        self.project, self.state = project, state
        self._log = (state / "tasks.log").open("a+")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("dbt_task.py"))],
            env={**os.environ, **variables, "PYTHONPATH": str(project / "plugins")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )

    def run(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self.log()[-3000:]
        return dict(json.loads(answer))

    def log(self) -> str:
        return (self.state / "tasks.log").read_text()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(120)
        self._log.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with this project's code, planted models and a seed."""
    found = plant(tmp_path_factory.mktemp("checkout"), MODELS, TESTS)
    (found / "seeds").mkdir()
    (found / "seeds" / "words.csv").write_text("word\nplanted\n")
    return found


@pytest.fixture(scope="module")
def variables(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment that reaches the test services, with state and a database of its own."""
    state = tmp_path_factory.mktemp("state")
    addresses = {
        f"STIR_{name.upper()}": value.get_secret_value()
        for name in ("clickhouse_url", "s3_url")
        if (value := getattr(settings, name))
    }
    return {
        **addresses,
        "STIR_STATE_DIR": str(state),
        "STIR_LINEAGE": str(state / "lineage"),
        "STIR_CLICKHOUSE_DATABASE": DATABASE,
        "STIR_CLICKHOUSE_THREADS": "2",
        "AIRFLOW_HOME": str(state / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "MENDED": "false",
        "RUN": RUN,
    }


@pytest.fixture(scope="module")
def tasks(project: Path, variables: dict[str, str], settings: Settings) -> Iterator[Tasks]:
    client = connections.clickhouse(settings)
    client.command(f"drop database if exists {DATABASE}")
    process = Tasks(project, Path(variables["STIR_STATE_DIR"]), variables)
    yield process
    process.close()
    client.command(f"drop database if exists {DATABASE}")


def artifacts(settings: Settings, prefix: str) -> set[str]:
    listed = connections.s3(settings).list_objects_v2(Bucket=settings.s3.path, Prefix=f"artifacts/{prefix}")
    return {str(item["Key"]).removeprefix(f"artifacts/{prefix}") for item in listed.get("Contents", [])}


def statements(settings: Settings, label: str) -> list[str]:
    """The model of each statement sent under the label; ClickHouse refuses a constant error before it starts."""
    client = connections.clickhouse(settings)
    client.command("system flush logs query_log")
    query = """
        select JSONExtractString(extract(query, '^/\\\\* (\\\\{.*?\\\\}) \\\\*/'), 'node') from system.query_log
        where type in ('QueryStart', 'ExceptionBeforeStart') and log_comment = {label:String}
    """
    return [row[0] for row in client.query(query, parameters={"label": label}).result_rows]


def test_a_build_leaves_the_table_artifacts_labels_and_a_small_result(tasks: Tasks, settings: Settings) -> None:
    answer = tasks.run(dag="plain", cadence="core")
    assert answer["xcom"]["built"] == {"one": 10}
    client = connections.clickhouse(settings)
    assert client.query(f"select count() from {DATABASE}.one").first_row == (10,)
    assert artifacts(settings, f"plain/{RUN}/build/1/") >= {"run_results.json", "manifest.json"}
    assert "model.stir.one" in statements(settings, f"plain/{RUN}/build/1")
    assert re.search(r"^one +success +10 ", tasks.log(), re.MULTILINE)


def test_nothing_is_written_into_the_project(tasks: Tasks) -> None:
    tasks.run(dag="clean", cadence="core")
    assert not (tasks.project / "target").exists()
    assert not (tasks.project / "logs").exists()
    assert list((tasks.state / "dbt" / "tasks").iterdir()) == []


def test_a_parse_by_the_command_line_serves_the_operator(tasks: Tasks, tmp_path: Path) -> None:
    # Both must see the same flags and the same profile, or every task would parse the project again.
    said, elsewhere = len(tasks.log()), {"STIR_STATE_DIR": str(tmp_path)}
    parsed = Path(tasks.run(parse=True, variables=elsewhere)["parsed"])
    assert parsed.is_relative_to(tmp_path)
    before = parsed.stat().st_mtime_ns
    tasks.run(dag="preparsed", cadence="core", variables=elsewhere)
    assert "Unable to do partial parsing" not in tasks.log()[said:]
    assert parsed.stat().st_mtime_ns == before


def test_the_parse_is_kept_for_the_next_task(tasks: Tasks) -> None:
    tasks.run(dag="parsed", cadence="core")
    parsed = tasks.state / "dbt" / "partial_parse.msgpack"
    before = parsed.stat().st_mtime_ns
    seconds = tasks.run(dag="parsed", cadence="core", attempt=11)["seconds"]
    assert parsed.stat().st_mtime_ns == before, "an unchanged project is not parsed again"
    print(f"one-model dbt task, dbt imported and project parsed: {seconds:.2f} s")


def test_what_a_cadence_reads_and_nobody_has_built_is_built_first_with_its_seeds(
    tasks: Tasks, settings: Settings
) -> None:
    answer = tasks.run(dag="never", cadence="recent_scl")
    assert answer.get("xcom", {}).get("built") == {"near": 3, "reads_far": 3}, answer
    assert "Never built, and built first: far, near, words" in tasks.log()
    rows = connections.clickhouse(settings).query(f"select id, word from {DATABASE}.reads_far order by id").result_rows
    assert rows == [(0, "planted"), (1, "planted"), (2, "planted")]
    built = statements(settings, f"never/{RUN}/build/1")
    assert built.count("model.stir.near") <= built.count("model.stir.far"), "what was built first is not built again"
    tasks.run(dag="then", cadence="recent_scl")
    assert "model.stir.far" not in statements(settings, f"then/{RUN}/build/1")


def test_a_failing_model_fails_the_task_and_the_rest_is_built(tasks: Tasks, settings: Settings) -> None:
    answer = tasks.run(dag="failing", cadence="daily")
    assert answer["failed"] == "1 of 4 failed: broken; 1 downstream of them were skipped"
    assert "planted" in tasks.log()
    client = connections.clickhouse(settings)
    assert client.query(f"select count() from {DATABASE}.board").first_row == (100000,)


def test_the_nodes_of_a_task_are_reported_to_openlineage_while_its_process_lives(tasks: Tasks) -> None:
    def reported() -> list[dict[str, Any]]:
        files = sorted((tasks.state / "lineage").glob("*.ndjson"))
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]

    before = len(reported())
    tasks.run(dag="reported", cadence="daily")
    events = reported()[before:]
    ends = {each["job"]["name"]: each for each in events if each["eventType"] != "START"}
    assert {name.rsplit(".", 1)[-1]: each["eventType"] for name, each in ends.items()} == {
        "first": "COMPLETE",
        "board": "COMPLETE",
        "broken": "FAIL",
        "behind": "ABORT",
    }
    assert [table["name"] for table in ends["model.stir.board"]["inputs"]] == [f"{DATABASE}.first"]
    assert [table["name"] for table in ends["model.stir.board"]["outputs"]] == [f"{DATABASE}.board"]
    assert "errorMessage" in ends["model.stir.broken"]["run"]["facets"]


def test_a_retry_builds_only_what_is_missing(
    project: Path, tasks: Tasks, variables: dict[str, str], settings: Settings
) -> None:
    tasks.run(dag="retried", cadence="daily")
    built = set(statements(settings, f"retried/{RUN}/build/1"))
    assert {"model.stir.first", "model.stir.board", "model.stir.broken"} <= built
    mended = Tasks(project, tasks.state, {**variables, "MENDED": "true"})
    answer = mended.run(dag="retried", cadence="daily", attempt=2)
    again = mended.run(dag="retried", cadence="daily", attempt=3)
    mended.close()
    assert set(answer["xcom"]["built"]) == {"first", "board", "broken", "behind"}
    touched = set(statements(settings, f"retried/{RUN}/build/2"))
    assert {"model.stir.broken", "model.stir.behind"} <= touched
    assert touched.isdisjoint({"model.stir.first", "model.stir.board"})
    # Clearing a task that ended well means: do it all again.
    assert set(again["xcom"]["built"]) == {"first", "board", "broken", "behind"}
    assert "model.stir.first" in statements(settings, f"retried/{RUN}/build/3")


def test_a_try_whose_predecessor_died_without_a_word_builds_everything(tasks: Tasks, settings: Settings) -> None:
    tasks.run(dag="silent", cadence="daily", attempt=2)
    assert "model.stir.first" in statements(settings, f"silent/{RUN}/build/2")


def test_a_cadence_without_models_is_not_green(tasks: Tasks) -> None:
    assert (
        "no model is tagged 'account_tracker_stats'"
        in tasks.run(dag="empty", cadence="account_tracker_stats")["failed"]
    )


def test_a_mart_is_announced_when_its_tests_pass_and_a_warning_does_not_hold_it(tasks: Tasks) -> None:
    tasks.run(dag="checked", cadence="daily")
    answer = tasks.run(dag="checked", mart="board", built={"board": 100000})
    assert answer.get("xcom") == {"tests": 3, "rows": 100000}, answer
    assert "unique_board_id" in tasks.log()


def test_a_failing_data_test_holds_the_mart_back_and_is_named(tasks: Tasks) -> None:
    tasks.run(dag="doubled", cadence="weekly")
    assert tasks.run(dag="doubled", mart="twice", built={"twice": 2})["failed"] == "1 of 1 failed: unique_twice_id"


def test_a_mart_without_tests_is_not_published(tasks: Tasks) -> None:
    tasks.run(dag="bare", cadence="core")
    assert "has no data test" in tasks.run(dag="bare", mart="one", built={"one": 10})["failed"]


def test_a_mart_that_was_not_built_is_not_announced(tasks: Tasks) -> None:
    assert "was not built" in tasks.run(dag="unbuilt", mart="board", built={})["skipped"]


def test_a_stopped_task_ends_its_queries_and_starts_no_other_model(tasks: Tasks, settings: Settings) -> None:
    answer = tasks.run(dag="stopped", cadence="hourly", kill_when="sleepEachRow(1) as nap")
    assert "failed" in answer
    client = connections.clickhouse(settings)
    running = "select count() from system.processes where Settings['log_comment'] like {run:String}"
    assert client.query(running, parameters={"run": f"stopped/{RUN}%"}).first_row == (0,)
    begun = {node for node in statements(settings, f"stopped/{RUN}/build/1") if "wait" in node or "nap" in node}
    assert len(begun) <= 2, "two threads: no third model may begin after the stop"
    assert "Stopped: dbt starts no further statement; 0 statements" in tasks.log()


def test_s3_away_does_not_fail_a_good_build(tasks: Tasks) -> None:
    nowhere = {"STIR_S3_URL": "http://key:secret@127.0.0.1:9/stir"}
    answer = tasks.run(dag="alone", cadence="core", variables=nowhere)
    assert answer["xcom"]["built"] == {"one": 10}
    assert "Artifacts were not kept" in tasks.log()


def test_clickhouse_away_fails_the_task_and_says_so(tasks: Tasks) -> None:
    answer = tasks.run(dag="away", cadence="core", variables={"STIR_CLICKHOUSE_URL": "http://w:w@127.0.0.1:9"})
    assert "could not connect to ClickHouse" in answer["failed"]


def test_the_run_that_repairs_reads_further_back_and_nothing_is_parsed_for_it(tasks: Tasks, settings: Settings) -> None:
    client = connections.clickhouse(settings)

    def hours() -> int:
        return int(client.query(f"select argMax(hours, built_at) from {DATABASE}.arrivals").first_row[0])

    tasks.run(dag="arrivals", cadence="orders")
    parsed = tasks.state / "dbt" / "partial_parse.msgpack"
    before, said = parsed.stat().st_mtime_ns, len(tasks.log())
    assert hours() == 4
    saturday = {"run_type": "scheduled", "tick": "2026-11-21T02:00:00+00:00", "last_good": "2026-11-21T01:00:00+00:00"}
    tasks.run(dag="arrivals", cadence="orders", attempt=11, **saturday)
    assert hours() == 72
    tasks.run(dag="arrivals", cadence="orders", attempt=12, **{**saturday, "tick": "2026-11-22T02:00:00+00:00"})
    assert hours() == 35 * 24
    tasks.run(dag="arrivals", cadence="orders", attempt=13, **{**saturday, "last_good": saturday["tick"]})
    assert hours() == 4
    assert parsed.stat().st_mtime_ns == before, "the environment is read when a model runs, not when it is parsed"
    assert "partial parsing" not in tasks.log()[said:].replace("Partial parsing enabled", "")


def test_a_backfilled_run_builds_as_of_its_day_and_announces_nothing(tasks: Tasks, settings: Settings) -> None:
    past = {"run_type": "backfill", "tick": "2026-03-01T19:00:00+00:00"}
    tasks.run(dag="past", cadence="orders", params={"full_refresh": True}, **past)
    moments = connections.clickhouse(settings).query(f"select toString(moment) from {DATABASE}.arrivals").result_rows
    assert moments == [("2026-03-01 19:00:00.000000",)]
    tasks.run(dag="checked", cadence="daily")
    assert "past day" in tasks.run(dag="past", mart="board", built={"board": 100000}, **past)["skipped"]


def test_a_selection_narrows_the_cadence_and_never_reaches_beyond_it(tasks: Tasks, settings: Settings) -> None:
    answer = tasks.run(dag="narrow", cadence="daily", params={"select": "first board"})
    assert set(answer["xcom"]["built"]) == {"first", "board"}
    assert (
        "no model is tagged 'daily' and selected"
        in tasks.run(dag="beyond", cadence="daily", params={"select": "one"})["failed"]
    )


def test_a_dry_run_names_the_models_and_builds_nothing(tasks: Tasks, settings: Settings) -> None:
    answer = tasks.run(dag="dry", cadence="daily", params={"dry_run": True, "select": "first board"})
    assert answer["xcom"] == {"built": {}, "seconds": 0.0}
    assert "Selected: board, first" in tasks.log()
    assert statements(settings, f"dry/{RUN}/build/1") == []
