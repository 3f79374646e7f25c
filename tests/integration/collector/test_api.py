"""The collector's API on the real queue: one request once, only one's own, errors without inner detail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from stir import connections
from stir.collector.api import create_api
from stir.ingest.clients import Client, Clients, digest_of
from stir.ingest.vault import Vault
from stir.settings import Settings

from .conftest import add

CHANNEL = {"flow": "refresh_yt_posts_by_playlist_id", "params": {"channel_id": "UCAda0000000000000000000"}}
KNOWN = (
    Client("crm", digest_of("of crm")),
    Client("other", digest_of("of other")),
    Client("sender", digest_of("of sender"), ("profile_log",)),
)
Send = Callable[..., httpx.Response]


@pytest.fixture
def send(settings: Settings, tables: psycopg.Connection) -> Send:
    """Sends one request as a client."""
    application = create_api(settings, Clients(KNOWN, 600))

    def one(method: str, path: str, *, by: str = "of crm", **options: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(application, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://collector") as client:
                headers = {"Authorization": f"Bearer {by}", **options.pop("headers", {})}
                return await client.request(method, f"/api/v1{path}", headers=headers, **options)

        return asyncio.run(run())

    return one


def test_a_request_is_accepted_once_followed_and_cancelled(send: Send, tables: psycopg.Connection) -> None:
    first = send("POST", "/requests", json=CHANNEL, headers={"Idempotency-Key": "a"})
    again = send("POST", "/requests", json=CHANNEL, headers={"Idempotency-Key": "a"})
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.headers["location"] == again.headers["location"] == f"/api/v1/requests/{first.json()['id']}"
    assert tables.execute("select count(*) from scrape_request_log").fetchone() == (1,)
    path = first.headers["location"].removeprefix("/api/v1")
    shown = send("GET", path).json()
    assert (shown["status"], shown["progress"], shown["params"]) == ("waiting", 0.0, CHANNEL["params"])
    assert send("GET", path, by="of other").status_code == 404
    assert send("POST", f"{path}/cancel").json()["result"].startswith("(499)")
    assert send("POST", f"{path}/cancel").status_code == 200
    other = {**CHANNEL, "params": {"channel_id": "UCBea0000000000000000000"}}
    assert send("POST", "/requests", json=other, headers={"Idempotency-Key": "a"}).status_code == 409
    tables.execute("update scrape_request_log set status = 'COMPLETE', data = 'x'")
    assert send("POST", f"{path}/cancel").status_code == 409
    about = send("GET", "/profiles/youtube/UCAda0000000000000000000").json()
    assert [each["status"] for each in about["requests"]] == ["complete"]
    assert about["numbers"] is None


def test_a_profile_has_its_newest_numbers(send: Send, settings: Settings, world: Any) -> None:
    channel, subscribers, views, uploads = (
        connections.clickhouse(settings)
        .query(
            "select channel_id, subscribers, views, uploads from beat_replica.youtube_account"
            " order by updated_at desc, channel_id limit 1 by channel_id limit 1"
        )
        .first_row
    )

    shown = send("GET", f"/profiles/youtube/{channel}").json()

    assert shown["requests"] == []
    assert shown["numbers"].pop("read_at")
    assert shown["numbers"] == {"followers": subscribers, "views": views, "uploads": uploads}
    assert send("GET", "/profiles/youtube/UCnobody").status_code == 404


def test_lists_are_paged_by_a_cursor(send: Send) -> None:
    made = [
        send("POST", "/requests", json=CHANNEL, headers={"Idempotency-Key": str(number)}).json()["id"]
        for number in range(5)
    ]
    seen, cursor = [], ""
    while True:
        page = send("GET", f"/requests?limit=2{cursor}").json()
        seen += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"flow": "drop table"}, "flows of docs/collect.md"),
        ({**CHANNEL, "params": {}}, "`channel_id`"),
        ({**CHANNEL, "params": {"channel_id": ["a", "b"]}}, "up to 1"),
        ({**CHANNEL, "priority": 0}, "from 1"),
        ([], "JSON object"),
    ],
)
def test_what_cannot_be_asked_for_is_a_problem(send: Send, document: Any, words: str) -> None:
    answer = send("POST", "/requests", json=document)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert words in answer.json()["detail"]


def test_strangers_and_clients_without_the_right_are_refused(send: Send) -> None:
    assert send("GET", "/quota", by="guessed").status_code == 401
    assert send("GET", "/quota", by="of sender").status_code == 403
    assert send("GET", "/nothing").status_code == 404
    assert send("GET", "/requests?limit=x").status_code == 422


def test_credentials_and_quotas_are_shown_without_secrets(send: Send, tables: psycopg.Connection, safe: Vault) -> None:
    add(tables, safe, "youtube", "one", project="42")
    tables.execute(
        "insert into collector.quota values"
        " ((clock_timestamp() at time zone 'America/Los_Angeles')::date, 'youtube', 'common', '42', 3, 4)"
    )
    listed = send("GET", "/credentials")
    assert [(each["name"], each["state"]) for each in listed.json()["items"]] == [("one", "ready")]
    assert "secret" not in listed.text
    (used,) = send("GET", "/quota").json()["items"]
    assert (used["units"], used["left"]) == (4, 9_996)
