"""A file's plain rows go into ClickHouse as columns of Arrow's format, and are there what rows one by one would be."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from stir import connections
from stir.cli.load import load
from stir.ingest import audit, quarantine, writer
from stir.ingest.audit import Holding
from stir.ingest.files.loading import load_file, open_file
from stir.ingest.files.plans import Options, TablePlan
from stir.settings import Settings
from stir.sources.contract import contracts
from stir.sources.ddl import create_table
from stir.sources.tables import quoted

from .flow import TABLE, event

ARRIVED = datetime(2026, 6, 30, 12, tzinfo=UTC)
CELLS = {
    "integer": "7",
    "number": "0.25",
    "boolean": "true",
    "moment": "2026-06-15 10:00:00",
    "json": '{"likes": 3, "view_count": 12, "followers": 5}',
    "text": "Ünïcode\ntext",
}
NAMES = ("event_id", "source", "platform", "profile_id", "event_timestamp", "metrics", "dimensions", "handle")


def test_columns_and_rows_are_the_same_in_every_table(own: Settings) -> None:
    compared = 0
    with connections.clickhouse(own) as client:
        for known in contracts():
            if known.name == TABLE:  # other tests use it
                continue
            plan = TablePlan(known.name, Options(), [field.name for field in known.fields], [])
            full = {field.name: CELLS.get(field.logical, "") for field in known.fields}
            for field in known.fields:
                full[field.name] = field.words[0] if field.words else full[field.name]
                full[field.name] = (
                    "UC_x5XG1OV2P6uZZ5FSM9Ttw" if field.pattern and "UC" in field.pattern else full[field.name]
                )
                full[field.name] = "20260615" if field.pattern and "UC" not in field.pattern else full[field.name]
            bare = {field.name: full[field.name] if field.required or field.counters else "" for field in known.fields}
            found = plan.cells.judge([full, bare], ARRIVED) if plan.cells else None
            if found is None or not found.plain:
                continue
            client.command(f"create database if not exists {known.database}")
            client.command(create_table(known, if_not_exists=True))
            made = [row for place in found.plain for _, row in plan.make([full, bare][place], ARRIVED).rows]
            writer.insert_stream(client, known.name, found.rows.columns, found.stream(), "columns")
            columns = client.query(f"select * from {quoted(known.name)} order by all").result_rows
            client.command(f"truncate table {quoted(known.name)}")
            writer.insert(client, known.name, made, "rows")
            assert client.query(f"select * from {quoted(known.name)} order by all").result_rows == columns
            client.command(f"truncate table {quoted(known.name)}")
            compared += len(columns)
    assert compared > 60


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of 12,000 readings, every thousandth of them spoiled, every hundredth written unusually."""
    found = tmp_path / "readings.csv"
    with found.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, NAMES)
        table.writeheader()
        for number in range(12_000):
            moment = "yesterday" if number % 1000 == 0 else "2026-05-20T10:00:00+02:00"
            usual = {} if number % 100 == 0 else {"event_timestamp": "2026-05-20 08:00:00"}
            # ClickHouse ignores a block that it knows, so the file of each test has other bytes.
            record = event(f"load-{number}", event_timestamp=moment, handle=tmp_path.name) | usual
            table.writerow({name: record[name] for name in NAMES})
    return found


@pytest.fixture
def emptied(own: Settings) -> Iterator[Settings]:
    """The servers, without loads and records of loads before and after."""

    def empty() -> None:
        with quarantine.connect(own, autocommit=True) as connection:
            connection.execute("delete from ingest.file_load")
            # What streams of other tests brought may have been taken out of the table again.
            connection.execute("delete from ingest.stream_batch where source_table = %s", [TABLE])
            connection.execute("delete from ingest.quarantine where stream = %s", [TABLE])
        with connections.clickhouse(own) as client:
            client.command(f"delete from {TABLE} where startsWith(event_id, 'e-load-')")

    empty()
    yield own
    empty()


def held(settings: Settings) -> Holding:
    """What the audit says of the files for the table."""
    [found] = [each for each in audit.holdings(settings, {}) if each.stream == TABLE]
    return found


def test_a_file_is_loaded_with_the_same_verdicts_as_row_by_row(emptied: Settings, path: Path) -> None:
    count = f"select uniqExact(event_id), count(), uniqExact(event_timestamp) from {TABLE}"
    where = " where startsWith(event_id, 'e-load-')"
    with connections.clickhouse(emptied) as client:
        # A format of dates leaves every row to the checker; it reads what the file has all the same.
        for options in (Options(), Options(dates=("%d.%m.%Y",))):
            client.command(f"delete from {TABLE}{where}")
            done, was_done = load_file(emptied, open_file(path, TABLE, options))
            assert not was_done
            assert (done.loaded, done.refused) == (11_988, {"impossible_timestamp": 12})
            assert done.written == {TABLE: 11_988}
            assert client.query(count + where).result_rows == [(11_988, 11_988, 1)]
    with quarantine.connect(emptied) as connection:
        origins = {each.origin for each in quarantine.entries(emptied, connection, stream=TABLE)}
    assert {f"readings.csv line {number + 2}" for number in range(0, 12_000, 1000)} <= origins


def test_the_audit_holds_what_files_brought_against_tables_and_quarantine(emptied: Settings, path: Path) -> None:
    load_file(emptied, open_file(path, TABLE, Options()))
    [day] = [each for each in audit.days(emptied) if each.stream == TABLE]
    assert (day.received, day.written, day.refused) == (12_000, 11_988, 12)
    found = held(emptied)
    assert (found.table, found.refused, found.in_quarantine, found.missing) == (TABLE, 12, 12, 0)
    with quarantine.connect(emptied) as connection:
        assert quarantine.forget(emptied, connection, "e-load-0") == 1
        connection.execute("delete from ingest.quarantine where stream = %s and origin like '%% line 1002'", [TABLE])
    found = held(emptied)
    assert (found.refused, found.in_quarantine, found.missing) == (11, 10, 1), "one was removed on purpose, one is lost"
    written = found.written
    with connections.clickhouse(emptied) as client:
        client.command(f"truncate table {TABLE}")
    assert held(emptied).missing == written + 1


def test_a_dry_run_for_programs_says_what_it_would_do(
    own: Settings, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STIR_STATE_DIR", str(own.state_dir))
    result = CliRunner().invoke(load, [TABLE, str(path), "--dry-run", "--json"])
    assert result.exit_code == 0, result.output
    [found] = json.loads(result.stdout)
    assert (found["file"], found["read"], found["reasons"]) == ("readings.csv", 1000, {"impossible_timestamp": 1})
    assert found["columns"]["event_id"] == "event_id"
    assert found["refused"][0]["line"] == 2
    assert found["rows"][0]["table"] == TABLE
