"""A table that is built whole: whole or not there, and the same in slices."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from stir import connections
from stir.local.machine.process import wait_until
from stir.settings import Settings
from stir.transform import dbt_process
from stir.transform.costs import COMMENT, NOTES

from .planted import own_database, plant, planted_environment, quoted, run_planted, tables

ROWS = 3_000_000
KEYS = ["", "a", "a'b", "a\\", "a\\'", "b%s", "b\\1", "ü", "'", "\\"]
"""Keys that end a text or begin an escape where they are not quoted."""
LITERALS = ", ".join("'" + key.replace("\\", "\\\\").replace("'", "\\'") + "'" for key in KEYS)
MODELS = {
    "endless": """
        {{ config(engine='MergeTree', order_by='id', tags=['core'], query_settings={'max_block_size': 1}) }}
        select toInt64(number) + sleepEachRow(1) as id from numbers(300)
    """,
    # The first block is inserted long before the last number is looked at. A later run would add nothing.
    "numbered": """
        {{ config(materialized='incremental', engine='MergeTree', order_by='id', tags=['core']) }}
        select toInt64(number) as id
        from numbers({{ 0 if is_incremental() else var('rows') }})
        where throwIf(number = {{ var('fails_at', -1) }}, 'planted') = 0
    """,
    "keyed": f"""
        {{{{ config(engine='MergeTree', order_by='key', tags=['core'], settings={{'index_granularity': 8}}) }}}}
        select arrayElement([{LITERALS}], number % {len(KEYS)} + 1) as key, number as value
        from numbers(1000)
    """,
    "counted": """
        {{ config(engine='MergeTree', order_by='key', tags=['core'], meta={
            'slices': {'of': 'keyed', 'by': 'key', 'where': "key != ''", 'weight': 2},
        }) }}
        select key, toUInt64(count()) as values
        from {{ ref('keyed') }}
        where {{ in_slice('key') }} and key in (select key from {{ ref('keyed') }} where {{ in_slice('key') }})
        group by key
    """,
}
PROMISES = """
models:
  - {name: numbered, config: {contract: {enforced: true}}, columns: [{name: id, data_type: Int64}]}
  - {name: endless, config: {contract: {enforced: true}}, columns: [{name: id, data_type: Int64}]}
  - name: keyed
    config: {contract: {enforced: true}}
    columns: [{name: key, data_type: String}, {name: value, data_type: UInt64}]
  - name: counted
    config: {contract: {enforced: true}}
    columns: [{name: key, data_type: String}, {name: values, data_type: UInt64}]
"""


@pytest.fixture(scope="module")
def own(settings: Settings) -> Iterator[Settings]:
    """A database whose name must be quoted wherever it is written, in a text, too."""
    with own_database(settings, "9 Builds-of", ' Zoë\'s "select"-日') as own:
        yield own


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plant(tmp_path_factory.mktemp("builds"), MODELS, PROMISES)


def variables(**given: object) -> list[str]:
    return ["--vars", json.dumps({"rows": ROWS, **given})]


def test_left_overs_of_a_failed_first_build_are_not_taken_for_a_table(own: Settings, project: Path) -> None:
    failed = run_planted(own, project, "--select", "numbered", *variables(fails_at=ROWS - 1))
    assert "planted" in failed.stdout
    assert "numbered" not in tables(own)
    again = run_planted(own, project, "--select", "numbered", *variables())
    assert again.returncode == 0, again.stdout
    count = f"select count() from {quoted(own)}.numbered"
    assert connections.clickhouse(own).query(count).first_row == (ROWS,)
    # What is left of the failure has a name that maintain_storage_retention sweeps, and no run's but its own.
    (left,) = {name for name in tables(own) if name.startswith("numbered")} - {"numbered"}
    assert re.fullmatch("numbered__dbt_building_[0-9a-f_]{36}", left)


@pytest.mark.parametrize(
    ("rows", "statements"),
    # Between the two extremes: several keys in a slice, and several slices.
    [pytest.param(100, len(KEYS) - 1, marks=pytest.mark.long), (500, 4), pytest.param(5000, 1, marks=pytest.mark.long)],
)
def test_a_table_built_in_slices_holds_every_group_once(
    own: Settings, project: Path, rows: int, statements: int
) -> None:
    """A slice holds half as many rows as the var says, for the weight of 2, and no key is divided. The marks that are
    counted do not show the least key, as they need not."""
    client = connections.clickhouse(own)
    ran = run_planted(own, project, "--select", "keyed", "counted", *variables(slice_rows=rows))
    assert ran.returncode == 0, ran.stdout
    found = client.query(f"select key, values from {quoted(own)}.counted").result_rows
    assert sorted(found) == sorted(Counter(KEYS[number % len(KEYS)] for number in range(1000)).items())
    client.command("system flush logs query_log")
    (run,) = client.query(
        rf"""
        select JSONExtractString({COMMENT}, 'run') as run, count() as statements
        from system.query_log
        where type = 'QueryFinish' and query_kind = 'Insert' and current_database = {{database:String}}
            and query like '%model.stir.counted%' and not {NOTES}
        group by run order by max(event_time_microseconds) desc limit 1
        """,
        parameters={"database": own.clickhouse_database},
    ).result_rows
    assert run[1] == statements


# The other signal has the same handler.
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)])
def test_an_interrupted_dbt_says_one_line_and_leaves_no_statement_running(
    own: Settings, project: Path, number: signal.Signals
) -> None:
    client = connections.clickhouse(own)
    running = "select count() from system.processes where query_kind = 'Insert' and query like '%model.stir.endless%'"
    process = subprocess.Popen(
        dbt_process.command("--no-use-colors", "run", "--select", "endless", *variables()),
        cwd=project,
        env=planted_environment(own, project),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: client.query(running).first_row[0] > 0, seconds=300, give_up=lambda: process.poll() is not None)
    os.killpg(process.pid, number)
    said, _ = process.communicate(timeout=180)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "stir: interrupted; run the same command again to go on"
    assert "Traceback" not in said
    assert client.query(running).first_row == (0,)
