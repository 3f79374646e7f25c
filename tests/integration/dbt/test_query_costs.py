"""What a node cost, out of ClickHouse's query log: one reader for task logs, run pages and budgets."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime, timedelta

from stir import connections
from stir.settings import Settings
from stir.transform.costs import read_attempt, read_latest_builds
from stir.transform.run_record import NodeRecord, read_statements

from .planted import own_database, quoted

ROWS, NOTED = 1000, 3


def test_every_reader_counts_the_rows_of_the_model_and_not_what_it_notes_beside_them(settings: Settings) -> None:
    label, began = f"costs/{secrets.token_hex(4)}", datetime.now(UTC) - timedelta(minutes=1)
    with own_database(settings, "stir_costs") as own:
        client = connections.clickhouse(own)
        client.command(f"create database {quoted(own)}")
        for table in ("counted", "data_freshness"):
            client.command(f"create table {quoted(own)}.{table} (number UInt64) engine = Memory")

        def send(run: str, node: str, statement: str) -> None:
            comment = json.dumps({"app": "stir", "node": node, "run": run})
            client.command(f"/* {comment} */ {statement}", settings={"log_comment": label})

        client.database = own.clickhouse_database
        for run, rows in (("first", 10), ("second", ROWS)):
            send(run, "model.stir.counted", f"insert into counted select number from numbers({rows})")
            send(run, "model.stir.counted", f"insert into data_freshness select number from numbers({NOTED})")
        send("second", "model.stir.made", "create table made (number UInt64) engine = Memory")
        send("second", "model.stir.made", f"insert into made select number from numbers({ROWS})")
        send("third", "model.stir.counted", "select count() from counted")
        send("second", "test.stir.fits.0", "select count() from counted")

        attempt, builds = read_attempt(client, label), read_latest_builds(client, own.clickhouse_database)
        statements = read_statements(own, label, began)

    assert builds["counted"].written_rows == ROWS
    assert builds["counted"].read_rows >= ROWS + NOTED
    assert builds.keys() == {"counted", "made"}, "a test builds nothing"
    assert (builds["counted"].is_increment, builds["made"].is_increment) == (True, False)
    assert attempt.keys() == {"model.stir.counted", "model.stir.made", "test.stir.fits.0"}
    assert attempt["model.stir.counted"].written_rows == 0, "its newest run only looked"
    assert not builds["counted"].failed
    assert builds["counted"].ended >= began.timestamp()
    second = [each for each in statements if each.node == "model.stir.counted"]
    assert NodeRecord("model.stir.counted", "build", 1, "success", statements=second).rows == ROWS + 10
