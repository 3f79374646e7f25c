"""The door: a verdict for each record, and 202 only for what the broker has confirmed."""

from __future__ import annotations

import gzip
import json
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from stir.ingest import clients
from stir.ingest.broker import connect
from stir.ingest.door import MOST_BYTES, create_door
from stir.local import ensure_services, stop_services
from stir.settings import Settings

from .flow import STREAM, Program, event, landed, line, nothing_waits, run_sink, waiting

ALL, SOME = "token of all", "token of some"
CLIENTS = (
    clients.Client("all", clients.digest_of(ALL)),
    clients.Client("some", clients.digest_of(SOME), ("beat_*",)),
)
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


class Sender:
    """Sends to a door in this process; each request has a connection to the broker of its own."""

    def __init__(self, settings: Settings, per_minute: int = 100_000) -> None:
        self._settings, self._clients = settings, clients.Clients(CLIENTS, per_minute)

    def __call__(self, body: bytes, headers: dict[str, str], *, to: str = STREAM, token: str = ALL) -> httpx.Response:
        import asyncio

        async def send() -> httpx.Response:
            application = create_door(lambda: connect(self._settings), self._clients)
            transport = httpx.ASGITransport(application)
            async with (
                application.router.lifespan_context(application),
                httpx.AsyncClient(transport=transport, base_url="http://door") as client,
            ):
                given = {"Authorization": f"Bearer {token}"} if token else {}
                return await client.post(f"/v1/streams/{to}", content=body, headers={**given, **headers})

        return asyncio.run(send())


@pytest.fixture
def send(own: Settings) -> Iterator[Sender]:
    yield Sender(own)
    run_sink(own, nothing_waits(own))


def problem(response: httpx.Response) -> dict[str, Any]:
    """The body of an error, which has the form of RFC 9457."""
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["status"] == response.status_code
    return body


def test_what_was_accepted_is_in_the_table_after_the_sink_and_what_was_refused_says_why(
    own: Settings, send: Sender
) -> None:
    bad = event("d-2", platform="MYSPACE", event_id="")
    response = send(b"\n\n".join([line(event("d-1")), line(bad), b"{", line(event("d-3"))]), NDJSON)
    assert response.status_code == 202
    said = response.json()
    assert (said["accepted"], said["refused"]) == (2, 2)
    assert [(each["line"], each["status"]) for each in said["records"]] == [
        (1, "accepted"),
        (3, "refused"),
        (5, "refused"),
        (7, "accepted"),
    ]
    assert {each["path"] for each in said["records"][1]["violations"]} == {"event_id", "platform"}
    assert "MYSPACE" not in response.text
    run_sink(own, nothing_waits(own))
    assert {"e-d-1", "e-d-3"} <= landed(own).keys()


def test_json_may_be_one_object_or_an_array(send: Sender) -> None:
    assert send(line(event("d-4")), JSON).json()["accepted"] == 1
    assert send(json.dumps([event("d-5"), event("d-6")]).encode(), JSON).json()["accepted"] == 2


def test_a_repeated_request_adds_nothing(own: Settings, send: Sender) -> None:
    before = waiting(own)
    for _ in range(3):
        assert send(line(event("d-7")), {**JSON, "Idempotency-Key": "one"}).status_code == 202
    assert waiting(own) == before + 1


def test_another_body_under_an_old_key_is_not_lost(own: Settings, send: Sender) -> None:
    before = waiting(own)
    for name in ("d-8", "d-9"):
        assert send(line(event(name)), {**JSON, "Idempotency-Key": "two"}).status_code == 202
    assert waiting(own) == before + 2


@pytest.mark.parametrize(
    ("body", "headers", "to", "token", "status"),
    [
        pytest.param(b"{}", JSON, STREAM, "", 401, id="no token"),
        pytest.param(b"{}", JSON, STREAM, "guessed", 401, id="a wrong token"),
        pytest.param(b"{}", JSON, STREAM, SOME, 403, id="a stream beyond the rights"),
        pytest.param(b"{}", JSON, "nothing", ALL, 404, id="no such stream"),
        pytest.param(b"{}", {"Content-Type": "text/csv"}, STREAM, ALL, 415, id="another type"),
        pytest.param(b"{}", {}, STREAM, ALL, 415, id="no type"),
        pytest.param(b"{}", {**JSON, "Content-Encoding": "br"}, STREAM, ALL, 415, id="another encoding"),
        pytest.param(b" " * (MOST_BYTES + 1), JSON, STREAM, ALL, 413, id="too large"),
        pytest.param(b"{}\n" * 10_001, NDJSON, STREAM, ALL, 413, id="too many records"),
        pytest.param(
            gzip.compress(b" " * 500_000_000, 9), {**JSON, "Content-Encoding": "gzip"}, STREAM, ALL, 413, id="a bomb"
        ),
        pytest.param(b"no gzip", {**JSON, "Content-Encoding": "gzip"}, STREAM, ALL, 422, id="no gzip"),
        pytest.param(
            gzip.compress(b"{}")[:-9], {**JSON, "Content-Encoding": "gzip"}, STREAM, ALL, 422, id="half a gzip"
        ),
        pytest.param(b"", NDJSON, STREAM, ALL, 422, id="nothing"),
        pytest.param(b"[]", JSON, STREAM, ALL, 422, id="an empty array"),
        pytest.param(b"\xff\x00", JSON, STREAM, ALL, 422, id="no text"),
        pytest.param(b"[" * 100_000, JSON, STREAM, ALL, 422, id="deep nesting"),
        pytest.param(b'{"event_id": NaN, "event_id": 1e400}', JSON, STREAM, ALL, 422, id="NaN and doubled"),
        pytest.param(b'{"event_id": "\\ud800"}', JSON, STREAM, ALL, 422, id="half a character"),
    ],
)
def test_what_the_door_does_not_take_is_a_problem_that_says_why(
    send: Sender, body: bytes, headers: dict[str, str], to: str, token: str, status: int
) -> None:
    response = send(body, headers, to=to, token=token)
    assert response.status_code == status
    problem(response)


def test_gzip_is_unpacked(send: Sender) -> None:
    assert send(gzip.compress(line(event("d-8"))), {**JSON, "Content-Encoding": "gzip"}).status_code == 202


def test_more_than_a_client_may_send_is_429_with_the_seconds_to_wait(own: Settings, send: Sender) -> None:
    limited = Sender(own, per_minute=10)
    bodies = b"\n".join(line(event(f"d-{n}")) for n in range(20, 28))
    assert limited(bodies, NDJSON).status_code == 202
    response = limited(bodies, NDJSON)
    assert response.status_code == 429
    assert 0 < int(response.headers["retry-after"]) <= 60
    problem(response)


def test_without_a_broker_the_door_says_503_and_keeps_nothing(own: Settings, send: Sender) -> None:
    stop_services(own, ["broker"])
    try:
        response = send(line(event("d-30")), JSON)
    finally:
        ensure_services(own, ["broker"])
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    problem(response)


def test_the_command_serves_a_client_that_got_a_token(own: Settings, send: Sender) -> None:
    without = Program(own, "door")
    assert without.end() == 1
    assert b"the door has no clients" in without.said
    made = Program(own, "door", "token", "collector", "--streams", STREAM)
    assert made.end() == 0
    token = made.said.decode().splitlines()[0]
    kept = (own.state_dir / "door-clients.json").read_text()
    assert token not in kept
    assert (own.state_dir / "door-clients.json").stat().st_mode & 0o077 == 0
    from stir.local.machine.ports import find_free

    program = Program(own, "door", "--port", str(find_free(set())))
    try:
        found = re.search(r"http://[\d.:]+", program.ready())
        assert found
        with httpx.Client(base_url=found[0], headers={"Authorization": f"Bearer {token}"}) as client:
            for _ in range(1800):  # it says its address before it listens
                with suppress(httpx.ConnectError):
                    client.get("/healthz")
                    break
                time.sleep(0.1)
            answer = client.post(f"/v1/streams/{STREAM}", content=line(event("d-40")), headers=JSON)
            assert (answer.status_code, client.get("/readyz").status_code) == (202, 200)
            assert 'stir_door_accepted_records_total{stream="profile_log"} 1.0' in client.get("/metrics").text
            assert client.get("/v1/streams/profile_log").status_code == 405
    finally:
        program.close()
