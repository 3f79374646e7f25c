"""What cannot be answered, and what nobody should send: one shape of errors, and no way to the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import pytest
from fastapi.testclient import TestClient

from stir import connections
from stir.app.api.meta import TOO_OLD
from stir.app.api.problems import MEDIA_TYPE, ProblemBody
from stir.app.meanings import read_definitions
from stir.app.service import create_app
from stir.settings import Settings

from .operators import OPERATOR, by, open_site

BOARDS = "/api/v1/leaderboards"
SQL = "' or 1=1 -- \"; select pg_sleep(9); %(x)s {table} \\ ../../etc/passwd"
SCRIPT = "<script>alert(1)</script>\N{COLLISION SYMBOL}"
NASTY = (SQL, SCRIPT, "\0")
PLACES = {
    "board": "INSTAGRAM",
    "platform": "INSTAGRAM",
    "platform_id": "1",
    "form": "csv",
    "category": "Music",
    "share_id": "1",
    "group_key": "1",
    "group_key:path": "1",
    "table": "leaderboard",
    "job_id": "1",
    "number": "1",
    "collection_type": "POST",
    "collection_id": "1",
}
NEEDED = {"/creators": {"q": "a"}, "/compare": {"ids": "IA:1,IA:2"}, "/trending": {"category": "Music"}}
"""Parameters without which a route says only that they are missing."""


@pytest.mark.parametrize(
    ("path", "status", "parameter"),
    [
        (f"{BOARDS}/INSTAGRAM?limit=0", 400, "limit"),
        (f"{BOARDS}/INSTAGRAM?limit=101", 400, "limit"),
        (f"{BOARDS}/INSTAGRAM?limit=ten", 400, "limit"),
        (f"{BOARDS}/INSTAGRAM?lim=10", 400, "lim"),
        (f"{BOARDS}/INSTAGRAM?month=May", 400, "month"),
        (f"{BOARDS}/INSTAGRAM?month=1999-01", 404, None),
        (f"{BOARDS}/INSTAGRAM?category=Beuaty", 400, "category"),
        (f"{BOARDS}/YOUTUBE?metric=plays", 400, "metric"),
        (f"{BOARDS}/INSTAGRAM?cursor=torn", 400, "cursor"),
        (f"{BOARDS}/TIKTOK", 404, "board"),
        ("/api/v1/creators/TIKTOK/1", 404, "platform"),
        ("/api/v1/creators", 400, "q"),
        ("/api/v1/creators?q=a&platform=TIKTOK", 400, "platform"),
        ("/api/v1/creators?q=a&cursor=torn", 400, "cursor"),
        ("/api/v1/creators/INSTAGRAM/nobody", 404, None),
        ("/api/v1/creators/INSTAGRAM/nobody?include=pots", 400, "include"),
        ("/api/v1/creators/INSTAGRAM/nobody/why", 404, None),
        ("/api/v1/creators/YOUTUBE/nobody/why?metric=plays", 400, "metric"),
        ("/api/v1/creators/INSTAGRAM/nobody/series", 404, None),
        ("/api/v1/creators/INSTAGRAM/nobody/ranks", 404, None),
        ("/api/v1/creators/INSTAGRAM/nobody/ranks?board=YOUTUBE", 400, "board"),
        ("/api/v1/creators/YOUTUBE/nobody/ranks?metric=plays", 400, "metric"),
        ("/api/v1/compare?ids=IA:1", 400, "ids"),
        ("/api/v1/compare", 400, "ids"),
        ("/api/v1/collections/nobody", 404, None),
        ("/api/v1/genres/Nothing", 404, None),
        ("/api/v1/groups/nothing", 404, None),
        ("/api/v1/definitions/leaderbord", 404, "table"),
        ("/api/v1/nothing", 404, None),
    ],
)
def test_what_cannot_be_answered_is_a_problem_of_one_shape(
    site: TestClient, path: str, status: int, parameter: str | None
) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    problem = ProblemBody.model_validate_json(answer.content)
    assert problem.status == status
    assert [fault.parameter for fault in problem.errors] == ([parameter] if parameter else [])


def test_a_misspelt_category_is_answered_with_the_nearest(site: TestClient) -> None:
    fault = site.get(f"{BOARDS}/INSTAGRAM?category=Beuaty").json()["errors"][0]
    assert fault["allowed"][0] == "Beauty"
    assert "did you mean Beauty?" in fault["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_writes_is_refused(site: TestClient, method: str) -> None:
    assert site.request(method, f"{BOARDS}/INSTAGRAM").status_code == 405


def routes(site: TestClient) -> Iterator[tuple[str, str, str]]:
    """Every route and page that can be read, with each of its parameters: path, where it stands, its name."""
    document = site.get("/api/v1/openapi.json").json()
    for path, operations in document["paths"].items():
        for one in operations.get("get", {}).get("parameters", []):
            yield path, one["in"], one["name"]
            if one["in"] == "query":  # the page of the same path takes what the API takes
                yield path.removeprefix("/api/v1").replace("/leaderboards/", "/boards/"), "query", one["name"]
    for path in ("/lists/{share_id}", "/definitions/{table}", "/creators/{platform}/{platform_id}/why"):
        for name in path.split("{")[1:]:
            yield path, "path", name.partition("}")[0]
    for name in ("theme", "limit", "category"):
        yield "/embed/boards/{board}.svg", "query", name
    for name in ("ids", "with"):
        yield "/compare", "query", name


@pytest.mark.parametrize("text", NASTY, ids=["sql", "script", "nul"])
def test_no_text_in_any_parameter_reaches_the_database_as_sql_or_a_page_as_html(published: Settings, text: str) -> None:
    tried = 0
    with open_site(published) as site:
        for path, where, name in dict.fromkeys(routes(site)):
            values = {**PLACES, **({name: text.replace("/", "%2F")} if where == "path" else {})}
            address = path
            for place, value in values.items():
                address = address.replace(f"{{{place}}}", str(value).replace("\0", "%00").replace("?", "%3F"))
            needed = next((more for end, more in NEEDED.items() if path.endswith(end)), {})
            asked = {**needed, name: text} if where == "query" else needed
            answer = site.get(address.replace("<", "%3C"), params=asked, headers=by(OPERATOR))
            assert answer.status_code in (200, 303, 400, 404), (path, name, answer.status_code, answer.text[:300])
            assert not [word for word in ("Traceback", "psycopg", "syntax error", "root:") if word in answer.text]
            assert SCRIPT[:8] not in answer.text or "html" not in answer.headers["content-type"], (path, name)
            tried += 1
    assert tried > 80


def test_a_table_older_than_promised_is_said_and_only_far_too_old_ends_readiness(published: Settings) -> None:
    promised = read_definitions()["tables"]["leaderboard"]["data_within_hours"]
    with connections.postgres(published, role="reader") as reader:
        query = "select watermark from stir.current_generation where table_name = 'leaderboard'"
        (until,) = reader.execute(query).fetchone() or (None,)
        now = until

        def clock() -> datetime:
            return cast("datetime", now)

        with TestClient(create_app(published, now=clock), raise_server_exceptions=False) as aged:
            fresh = aged.get(f"{BOARDS}/INSTAGRAM")
            now = until + timedelta(hours=promised + 1)
            old = aged.get(f"{BOARDS}/INSTAGRAM", headers={"If-None-Match": fresh.headers["etag"]})
            page, ready = aged.get("/boards/INSTAGRAM").text, aged.get("/readyz").json()
            now = until + timedelta(hours=TOO_OLD * promised + 1)
            far = aged.get("/readyz")
    assert [note for note in fresh.json()["notes"] if "leaderboard" in note] == []
    assert (old.status_code, old.json()["data"]) == (200, fresh.json()["data"])
    assert old.json()["notes"] == ["stale: leaderboard is older than promised; /api/v1/freshness says by how much"]
    assert "Older than promised: leaderboard" in page
    assert not [reason for reason in ready["reasons"] if "of leaderboard" in reason]
    assert far.status_code == 503
    assert [reason for reason in far.json()["reasons"] if "data of leaderboard" in reason]
