"""What staging sets aside is counted by source, reason and day, and no row goes missing uncounted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment

from stir import connections
from stir.settings import PROJECT_DIR, Settings
from stir.transform.manifest import read_dbt_manifest
from stir.transform.rejects import TABLE, read_rejects
from stir.transform.runner import run_dbt

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from stir.world.warehouse import Build

Counts = Counter[tuple[str, str]]
"""Rows by (outcome, reason)."""

OTHER_ROWS_OF = {
    # A window of the job log, and answers of a language model among the profile's events.
    "beat_replica.recent_scrape_request_log": None,
    "events.profile_log_events": "not startsWith(source, 'openapi_profile_info_')",
}
"""Sources of which staging counts less than the whole table."""


@pytest.fixture(scope="module")
def client(settings: Settings, warehouse: Build) -> Client:
    return connections.clickhouse(settings)


def counted(client: Client, settings: Settings, source: str) -> Counts:
    rows = client.query(
        f"select outcome, reason, sum(row_count) from {settings.clickhouse_database}.{TABLE} final"
        f" where source_table = '{source}' group by outcome, reason"
    ).result_rows
    return Counter({(outcome, reason): int(rows) for outcome, reason, rows in rows})


def staged_sources(settings: Settings) -> dict[str, str]:
    """Staging model by source table."""
    manifest = read_dbt_manifest(settings)
    return {
        f"{source['schema']}.{source['identifier']}": name
        for name, model in manifest.models.items()
        if model.family == "staging"
        for source in (manifest.raw["sources"].get(node) for node in manifest.nodes_read(model))
        if source
    }


def test_every_row_of_every_source_is_staged_or_counted_with_its_reason(client: Client, settings: Settings) -> None:
    database = settings.clickhouse_database
    missing = {}
    sources = staged_sources(settings)
    assert len(sources) >= 26
    for source, model in sources.items():
        scope = OTHER_ROWS_OF.get(source, "true")
        if scope is None:
            continue
        schema, table = source.split(".")
        received = client.query(f"select count() from {schema}.`{table}` where {scope}").result_rows[0][0]
        engine = client.query(
            f"select engine from system.tables where database = '{database}' and name = '{model}'"
        ).result_rows[0][0]
        final = "final" if engine.startswith("Replacing") else ""
        staged = client.query(f"select count() from {database}.{model} {final}").result_rows[0][0]
        found = counted(client, settings, source)
        refused = sum(rows for (outcome, _), rows in found.items() if outcome == "refused")
        reported = (found["read", ""], found["read", ""] - refused - found["replaced", "duplicated_key"])
        if reported != (received, staged):
            missing[source] = {"counted": reported, "received and staged": (received, staged), "reasons": dict(found)}
    assert missing == {}


def _fault(event: dict[str, Any]) -> str:
    """Why an event of a post cannot be staged, by docs/rejects.md; empty if it can."""
    if event["event_timestamp"] > event["insert_timestamp"] + timedelta(minutes=10):
        return "future_timestamp"
    try:
        json.loads(event["metrics"])
    except ValueError:
        return "malformed_json"
    return ""


def test_the_faults_of_post_events_are_those_that_plain_python_finds(client: Client, settings: Settings) -> None:
    events = list(
        client.query(
            "select event_id, insert_timestamp, event_timestamp, metrics from events.post_log_events", query_tz="UTC"
        ).named_results()
    )
    faults: Counter[tuple[str, datetime]] = Counter()
    delivered: Counter[str] = Counter()
    for event in events:
        if fault := _fault(event):
            faults[fault, event["insert_timestamp"].date()] += 1
        else:
            delivered[event["event_id"]] += 1
    rows = client.query(
        f"select reason, day, row_count from {settings.clickhouse_database}.{TABLE} final"
        " where source_table = 'events.post_log_events' and outcome = 'refused' and row_count > 0"
        " and reason in ('future_timestamp', 'malformed_json')"
    ).result_rows
    found = counted(client, settings, "events.post_log_events")

    assert {(reason, day): count for reason, day, count in rows} == faults
    assert found["read", ""] == len(events)
    assert found["replaced", "duplicated_key"] == sum(delivered.values()) - len(delivered) > 0


def test_each_kind_of_planted_fault_is_found(client: Client, settings: Settings) -> None:
    rows = client.query(
        f"select distinct outcome, reason from {settings.clickhouse_database}.{TABLE} final where row_count > 0"
    ).result_rows

    assert set(rows) >= {
        ("refused", "malformed_json"),
        ("refused", "future_timestamp"),
        ("refused", "unknown_value"),
        ("refused", "no_number"),
        ("refused", "missing_key"),
        ("emptied", "impossible_number"),
        ("emptied", "unknown_value"),
        ("emptied", "malformed_json"),
        ("replaced", "duplicated_key"),
    }


HOSTILE = (
    # id, activity_type, platform, platform_post_id, dimensions, days before as_of
    (-1, "LIKE", "INSTAGRAM", "hostile", "{}", 0.1),
    (-1, "LIKE", "INSTAGRAM", "hostile", "{}", 0.05),
    (-2, "POKE", "INSTAGRAM", "hostile", "{}", 0.1),
    (-3, "LIKE", "MYSPACE", "hostile", "{}", 0.1),
    (-4, "LIKE", "INSTAGRAM", "no shortcode", "{}", 0.1),
    (-5, "COMMENT", "INSTAGRAM", "hostile", '{"text":', 0.1),
    (-6, "LIKE", "INSTAGRAM", "hostile", "{}", -2.0),
)


STAGE = ["run", "--no-write-json", "--select", "stg_beat_post_activity_log"]


@pytest.fixture
def hostile(client: Client, settings: Settings) -> Iterator[tuple[Counts, datetime]]:
    """Bad rows among the activities; what was counted before them, and the run's moment. Taken out again at the end."""
    assert settings.as_of
    moment = datetime.fromisoformat(settings.as_of)
    before = counted(client, settings, "beat_replica.post_activity_log")
    client.insert(
        "beat_replica.post_activity_log",
        [[*row[:4], row[4], moment - timedelta(days=row[5])] for row in HOSTILE],
        column_names=["id", "activity_type", "platform", "platform_post_id", "dimensions", "timestamp"],
    )
    yield before, moment
    client.command("delete from beat_replica.post_activity_log where id < 0")
    run_dbt(
        settings, ["run", "--no-write-json", "--full-refresh", "--select", "stg_beat_post_activity_log"]
    ).raise_for_failure()
    assert counted(client, settings, "beat_replica.post_activity_log") == before


def test_bad_rows_of_a_day_are_counted_once_however_often_staging_runs(
    client: Client, settings: Settings, hostile: tuple[Counts, datetime]
) -> None:
    before, moment = hostile
    after = Counter(before)
    after["read", ""] += 7
    after["replaced", "duplicated_key"] += 1
    after["refused", "unknown_value"] += 2
    after["refused", "missing_key"] += 1
    after["refused", "future_timestamp"] += 1
    after["emptied", "malformed_json"] += 1

    run_dbt(settings, STAGE).raise_for_failure()
    assert counted(client, settings, "beat_replica.post_activity_log") == after
    staged = client.query(
        f"select id, comment_text from {settings.clickhouse_database}.stg_beat_post_activity_log final where id < 0"
    ).result_rows
    assert sorted(staged) == [(-5, None), (-1, None)]

    # Two days later the activity of then-tomorrow is one of the past: its refusal is taken back.
    later = {"STIR_AS_OF": (moment + timedelta(days=3)).isoformat()}
    run_dbt(settings, STAGE, extra_environment=later).raise_for_failure()
    after["refused", "future_timestamp"] -= 1
    assert counted(client, settings, "beat_replica.post_activity_log") == after


PLAIN = ('{"likes":10}', '{"likes": 0, "comments":"205"}')
"""Documents of counters that need not be parsed to know that nothing of them is set aside."""


def _edits(document: str) -> Iterator[str]:
    """The document with any one character left out, doubled, or replaced."""
    for place, character in enumerate(document):
        for other in ("", 2 * character, *'{}[]",: 0123456789-+.exlikscomn\\\n'):
            yield document[:place] + other + document[place + 1 :]


def _holds_only_counts(document: str) -> bool:
    try:
        members = json.loads(document, object_pairs_hook=list)
    except ValueError:
        return False
    return bool(members) and all(
        name in ("likes", "comments") and str(value).isdecimal() and int(value) <= 9 * 10**15 for name, value in members
    )


def test_a_broken_document_or_one_with_other_values_than_counts_is_not_plain(client: Client) -> None:
    macro = (PROJECT_DIR / "macros/rejects/holds_only_counts.sql").read_text()
    module: Any = Environment(autoescape=False).from_string(macro).module  # noqa: S701  SQL, not HTML
    plain = module.holds_only_counts("document", ["likes", "comments"])
    documents = {*PLAIN, *(edit for document in PLAIN for edit in _edits(document)), "", "{}", "[]", '{"likes":null}'}
    documents |= {f'{{"likes":{10**digits}}}' for digits in range(20)}
    query = f"select document from (select arrayJoin({{documents:Array(String)}}) as document) where {plain}"
    passed = {row[0] for row in client.query(query, parameters={"documents": list(documents)}).result_rows}

    assert passed >= {*PLAIN, '{"likes":100000000000000}'}
    assert {document for document in passed if not _holds_only_counts(document)} == set()


def test_the_totals_are_those_of_the_table(settings: Settings, client: Client) -> None:
    found = read_rejects(settings)

    assert found
    for source in found:
        rows = counted(client, settings, source.source_table)
        for outcome in ("read", "refused", "emptied", "replaced"):
            expected = sum(count for (kind, _), count in rows.items() if kind == outcome)
            assert getattr(source, outcome) == expected
