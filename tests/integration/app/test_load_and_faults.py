"""The application when the database is slow, full, away or killed, and how its statements find their rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient
from psycopg.rows import dict_row
from pydantic import SecretStr

from stir import connections
from stir.app.api.parameters import COMPLETE_TO
from stir.app.api.shared import PARTS
from stir.app.reading import pool
from stir.app.reading.statement import Part, numbered
from stir.app.service import create_app
from stir.settings import Settings

BOARD = "/api/v1/leaderboards/INSTAGRAM"
MANY_ROWS = 1000
PLANNED: list[tuple[Part, Mapping[str, Any]]] = [
    (
        Part("rows", "board", "leaderboard", {"rank": f"{metric}_rank"}),
        {"platform": "INSTAGRAM", "dimension": f"{metric}_rank", "is_of_all": True, "after": 0, "limit": 51},
    )
    for metric in ("followers", "views", "engagement")
] + [
    (Part("months", "months", "leaderboard"), {"platform": "YOUTUBE"}),
    (
        Part("months", "creator", "leaderboard"),
        {"platform_id": "1", "profile_platform": "IA", "boards": ["INSTAGRAM", "ALL"]},
    ),
    (
        Part("weeks", "series", "social_profile_time_series"),
        {"platform": "INSTAGRAM", "platform_id": "1", "monthly": False, "first": None, "last": None},
    ),
    (
        Part("rows", "trending", "trending_content"),
        {"platform": "INSTAGRAM", "category": "Music", "after": 0, "limit": 50},
    ),
    *((part, {"share_id": "1"}) for part in PARTS),
    (Part("rows", "group", "group_metrics"), {"group_key": "1"}),
]
DEFAULTS = {"month": None, "category": None, "language": None, "profile_type": None, "country": None, "q": None}


def scans(plan: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Every scan of a plan: its kind and its table."""
    own = [(plan["Node Type"], plan["Relation Name"])] if "Relation Name" in plan else []
    return own + [scan for child in plan.get("Plans", []) for scan in scans(child)]


@pytest.mark.parametrize(
    ("part", "parameters"), PLANNED, ids=[f"{part.query}-{n}" for n, (part, _) in enumerate(PLANNED)]
)
def test_no_statement_reads_a_large_table_from_end_to_end(
    published: Settings, part: Part, parameters: Mapping[str, Any]
) -> None:
    with (
        connections.postgres(published, role="reader") as connection,
        connection.cursor(row_factory=dict_row) as cursor,
    ):
        sizes = cursor.execute("select relname, reltuples from pg_class where relkind = 'r'").fetchall()
        large = {row["relname"] for row in sizes if row["reltuples"] > MANY_ROWS}
        values = {**DEFAULTS, "complete_to": COMPLETE_TO, **parameters}
        text = part.statement(values).as_string(connection)
        if part in PARTS[1:]:
            first = PARTS[0].statement(values).as_string(connection)
            text = f"with {PARTS[0].cte.as_string(connection)} as ({first}) {text}"
        plan = cursor.execute(f"explain (generic_plan, format json) {numbered(text)[0]}".encode()).fetchone()
    assert plan is not None
    (found,) = plan.values()
    read = scans((found if isinstance(found, list) else json.loads(found))[0]["Plan"])
    assert read
    assert [scan for scan in read if scan[0] == "Seq Scan" and scan[1] in large] == []


def test_a_pool_of_two_serves_sixty_four_clients(published: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "ACQUIRE_SECONDS", 60)  # how fast the machine is, is not asked here
    application = create_app(published, connections=2, per_minute=1_000_000)
    with TestClient(application, raise_server_exceptions=False) as site, ThreadPoolExecutor(64) as clients:
        answers = list(clients.map(lambda number: site.get(BOARD, params={"limit": number % 32 + 1}), range(192)))
    assert Counter(answer.status_code for answer in answers) == {200: 192}
    assert {answer.json()["page"]["limit"] for answer in answers} == set(range(1, 33))


KILL = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'stir-app'"


def test_backends_killed_between_requests_cost_no_answer(published: Settings) -> None:
    with (
        connections.postgres(published, role="admin", autocommit=True) as admin,
        TestClient(create_app(published), raise_server_exceptions=False) as site,
    ):
        for number in range(5):
            admin.execute(KILL)
            assert site.get(BOARD, params={"limit": number + 1}).status_code == 200


def test_a_backend_killed_in_the_middle_of_an_answer_is_asked_again(published: Settings) -> None:
    waits = f"{KILL} and wait_event_type = 'Lock'"
    with (
        connections.postgres(published, role="admin") as blocker,
        connections.postgres(published, role="admin", autocommit=True) as admin,
        TestClient(create_app(published), raise_server_exceptions=False) as site,
        ThreadPoolExecutor(1) as client,
    ):
        site.get(BOARD)  # so that the statement's columns are known
        blocker.execute("lock table leaderboard in access exclusive mode")
        asked = client.submit(site.get, BOARD, params={"limit": 9})
        while admin.execute(waits).fetchone() == (0,):
            assert not asked.done()
        blocker.rollback()
        assert asked.result().status_code == 200


def test_a_database_that_is_away_is_a_503_that_names_no_secret(published: Settings) -> None:
    away = published.model_copy(update={"postgres_reader_url": SecretStr("postgresql://u:secret@127.0.0.1:1/x")})
    with TestClient(create_app(away), raise_server_exceptions=False) as site:
        answer = site.get(BOARD)
        ready = site.get("/readyz")
    assert (answer.status_code, ready.status_code) == (503, 503)
    assert "secret" not in answer.text + ready.text
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("path", "status", "form"),
    [
        (BOARD, 200, "application/problem+json"),
        ("/boards/INSTAGRAM", 200, "text/html"),
        ("/lists/guessed", 404, "text/html"),
        ("/operate", 303, "text/html"),
        ("/embed/boards/INSTAGRAM.svg", 200, "image/svg+xml"),
    ],
)
def test_a_client_with_too_many_requests_gets_the_time_to_retry(
    published: Settings, path: str, status: int, form: str
) -> None:
    with TestClient(create_app(published, per_minute=3), raise_server_exceptions=False) as site:
        answers = [site.get(path, follow_redirects=False) for _ in range(4)]
        health = site.get("/healthz")
    assert [answer.status_code for answer in answers] == [status, status, status, 429]
    assert answers[-1].headers["content-type"].startswith(form)
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[0].headers["x-ratelimit-remaining"] == "2"
    assert health.status_code == 200


def test_the_metrics_count_requests_by_route_and_what_the_cache_saved(published: Settings) -> None:
    with TestClient(create_app(published), raise_server_exceptions=False) as site:
        for _ in range(2):
            site.get(f"{BOARD}?limit=3")
        site.get("/api/v1/creators/INSTAGRAM/nobody")
        page = site.get("/metrics").text
    assert 'stir_app_requests_total{route="/api/v1/leaderboards/{board}",status="200"} 2.0' in page
    assert 'status="404"' in page
    assert "nobody" not in page
    assert 'stir_app_answers_total{from="cache"} 1.0' in page


def test_what_is_live_is_asked_only_where_there_is_an_answer_already(published: Settings) -> None:
    application = create_app(published)
    reader, asked = application.state.services.reader, []
    look = reader.newest

    async def counted(tables: Any) -> Any:
        asked.append(tables)
        return await look(tables)

    reader.newest = counted
    with TestClient(application, raise_server_exceptions=False) as site:
        first = site.get(BOARD)
        assert asked == []
        assert site.get(BOARD).headers["etag"] == first.headers["etag"]
        assert asked == [("leaderboard",)]
        again = site.get(f"{BOARD}?limit=7", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, len(asked)) == (200, 2)


@pytest.mark.parametrize("path", [BOARD, "/boards/INSTAGRAM"])
def test_an_error_that_nobody_expects_says_nothing_of_itself(
    published: Settings, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    application = create_app(published)

    async def poisoned(*_: Any) -> None:
        raise RuntimeError("a secret of the code")

    application.state.services.reader.answer = poisoned
    with TestClient(application, raise_server_exceptions=False) as site:
        answer = site.get(path)
        counted = site.get("/metrics").text
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"] in answer.text
    assert "a secret of the code" in caplog.text
    assert 'status="500"' in counted
