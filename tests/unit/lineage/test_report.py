"""Reports reach a file or an address, and never hold up or fail what is reported."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stir.errors import StirError
from stir.lineage import events
from stir.lineage.report import Reporter
from stir.settings import Settings, load_settings
from stir.transform.lineage import NodeListener, tables_read

Make = Callable[..., Settings]


def begun(job: str = "publish.leaderboard.prod") -> Any:
    return events.event("START", job, events.run_uuid(job), integration="STIR", job_type="PUBLISH")


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(folder.glob("*.ndjson")) for line in path.read_text().splitlines()]


@pytest.fixture
def address() -> Iterator[tuple[str, list[tuple[str, str | None, dict[str, Any]]]]]:
    """A server that takes events: its address, and what it was sent as (path, authorisation, event)."""
    seen: list[tuple[str, str | None, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, self.headers["Authorization"], json.loads(body)))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", seen
    server.shutdown()
    thread.join()
    server.server_close()


def test_by_default_events_are_lines_of_a_file_of_the_day(make_settings: Make) -> None:
    settings = make_settings()
    reporter = Reporter(settings)
    for job in ("first", "second"):
        reporter.report(partial(begun, job))
    reporter.close()
    assert [line["job"]["name"] for line in lines(settings.state_dir / "lineage")] == ["first", "second"]


def test_events_go_to_an_address_with_its_key(
    make_settings: Make, address: tuple[str, list[tuple[str, str | None, dict[str, Any]]]]
) -> None:
    url, seen = address
    reporter = Reporter(make_settings(lineage=url, lineage_key="s3cret"))
    reporter.report(begun)
    reporter.close()
    [(path, authorisation, event)] = seen
    assert path == "/api/v1/lineage"
    assert authorisation == "Bearer s3cret"
    assert event["eventType"] == "START"
    assert event["job"] == {**event["job"], "namespace": "stir", "name": "publish.leaderboard.prod"}


def test_an_address_that_is_away_is_named_once_and_asked_once(
    make_settings: Make, caplog: pytest.LogCaptureFixture
) -> None:
    reporter = Reporter(make_settings(lineage="http://127.0.0.1:9"))
    for _ in range(3):
        reporter.report(begun)
    reporter.close()
    assert [record.levelname for record in caplog.records if record.name == "stir.lineage.report"] == ["WARNING"]
    assert "stops reporting lineage" in caplog.text


def test_nothing_is_reported_where_it_is_switched_off(make_settings: Make) -> None:
    settings = make_settings(lineage="off")
    reporter = Reporter(settings)
    reporter.report(begun)
    reporter.close()
    assert not (settings.state_dir / "lineage").exists()


@pytest.mark.parametrize("value", ["somewhere", "http://user:secret@host", "ftp://host"])
def test_an_address_that_is_none_or_holds_a_password_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_LINEAGE", value)
    with pytest.raises(StirError, match="STIR_LINEAGE is not usable"):
        load_settings()


def test_a_run_has_one_id_whoever_reports_it() -> None:
    assert events.run_uuid("publish", "prod", "a", "1") == events.run_uuid("publish", "prod", "a", "1")
    assert events.run_uuid("publish", "prod", "a", "1") != events.run_uuid("publish", "staging", "a", "1")


def node(kind: str, name: str, *reads: str, materialized: str = "table", **more: Any) -> SimpleNamespace:
    """A node as dbt has it in memory."""
    depends_on = SimpleNamespace(nodes=list(reads)) if kind != "seed" else SimpleNamespace(macros=[])
    config = SimpleNamespace(materialized=materialized)
    own: dict[str, Any] = {"columns": {}, **more}
    return SimpleNamespace(
        resource_type=kind, name=name, alias=name, schema="stir", depends_on=depends_on, config=config, **own
    )


FOLLOWERS = SimpleNamespace(name="followers", data_type="UInt64", description="how many")
MANIFEST = SimpleNamespace(
    nodes={
        "model.stir.board": node(
            "model", "board", "model.stir.between", "source.stir.events.log", columns={"followers": FOLLOWERS}
        ),
        "model.stir.between": node("model", "between", "seed.stir.names", materialized="ephemeral"),
        "seed.stir.names": node("seed", "names"),
        "test.stir.not_null": node("test", "not_null", "model.stir.board", column_name="followers"),
    },
    sources={"source.stir.events.log": SimpleNamespace(identifier="log", schema="events", columns={})},
)


def message(event: str, node: str, kind: str, status: str = "", said: str = "") -> Any:
    return SimpleNamespace(
        info=SimpleNamespace(name=event, invocation_id="run"),
        data=SimpleNamespace(
            node_info=SimpleNamespace(unique_id=node, resource_type=kind),
            run_result=SimpleNamespace(status=status, message=said),
        ),
    )


@pytest.fixture
def listener(make_settings: Make, tmp_path: Path) -> NodeListener:
    where = make_settings(lineage=str(tmp_path / "events"), clickhouse_url="http://w:s3cret@ch:8123")
    return NodeListener(where, lambda: MANIFEST)


def test_an_ephemeral_model_stands_for_what_it_reads() -> None:
    assert sorted(tables_read(MANIFEST, "model.stir.board")) == ["seed.stir.names", "source.stir.events.log"]


@pytest.mark.parametrize(
    ("status", "kind"), [("success", "COMPLETE"), ("error", "FAIL"), ("skipped", "ABORT"), ("no-op", "COMPLETE")]
)
def test_a_model_is_reported_from_its_beginning_to_its_end(
    listener: NodeListener, tmp_path: Path, status: str, kind: str
) -> None:
    listener(message("LogStartLine", "model.stir.board", "model"))
    listener(message("NodeStart", "model.stir.board", "model"))
    listener(message("NodeFinished", "model.stir.board", "model", status, "Code: 60.\nNo such table"))
    listener.close()
    start, end = lines(tmp_path / "events")
    assert (start["eventType"], end["eventType"]) == ("START", kind)
    assert start["run"]["runId"] == end["run"]["runId"]
    assert [each["name"] for each in end["inputs"]] == ["stir.names", "events.log"]
    [table] = end["outputs"]
    assert (table["namespace"], table["name"]) == ("clickhouse://ch:8123", "stir.board")
    [field] = table["facets"]["schema"]["fields"]
    assert (field["name"], field["type"], field["description"]) == ("followers", "UInt64", "how many")
    assert ("errorMessage" in end["run"]["facets"]) == (kind == "FAIL")
    assert "s3cret" not in json.dumps([start, end])


@pytest.mark.parametrize(("status", "holds"), [("pass", True), ("warn", True), ("fail", False)])
def test_a_test_is_an_assertion_about_what_it_reads(
    listener: NodeListener, tmp_path: Path, status: str, holds: bool
) -> None:
    listener(message("NodeFinished", "test.stir.not_null", "test", status))
    listener.close()
    [end] = lines(tmp_path / "events")
    assert end["outputs"] == []
    [table] = end["inputs"]
    [assertion] = table["inputFacets"]["dataQualityAssertions"]["assertions"]
    assert (assertion["assertion"], assertion["success"], assertion["column"]) == ("not_null", holds, "followers")


def test_a_run_without_a_manifest_is_left_alone(make_settings: Make, tmp_path: Path) -> None:
    listener = NodeListener(make_settings(lineage=str(tmp_path / "events")), lambda: None)
    listener(message("NodeStart", "model.stir.board", "model"))
    listener.close()
    assert not (tmp_path / "events").exists()
