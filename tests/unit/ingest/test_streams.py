"""The streams come from the contracts, and so does their AsyncAPI document."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from stir.errors import StirError
from stir.ingest import clients
from stir.ingest.asyncapi import document
from stir.ingest.batch import token_of
from stir.ingest.broker import Incoming
from stir.ingest.sink import _parts
from stir.ingest.streams import chosen, stream, streams


def test_there_are_26_streams_and_each_is_of_one_contract() -> None:
    names = [each.name for each in streams()]
    assert (len(names), len(set(names))) == (26, 26)
    # A name is a subject of NATS and a queue of RabbitMQ.
    assert all(name.replace("_", "").isalnum() for name in names)


def test_an_unknown_stream_is_one_line_with_the_nearest_name() -> None:
    with pytest.raises(StirError, match="did you mean profile_log"):
        stream("profile_logs")
    assert [each.name for each in chosen(["post_log", "post_log"])] == ["post_log"]


def test_the_asyncapi_document_has_every_stream_and_every_reference_leads_somewhere() -> None:
    found = document()
    assert set(found["channels"]) == {each.name for each in streams()}
    for channel in found["channels"].values():
        for message in channel["messages"].values():
            name = message["$ref"].rpartition("/")[2]
            schema = found["components"]["messages"][name]["payload"]["$ref"].rpartition("/")[2]
            assert found["components"]["schemas"][schema]["properties"]
    json.dumps(found)


def incoming(body: bytes, message_id: str = "") -> Incoming:
    return Incoming("profile_log", body, message_id, {}, 1, None)


def test_a_token_names_exactly_its_messages() -> None:
    """ClickHouse drops other rows under a token that it knows, so another body under the same id needs another."""
    tokens = [
        token_of(messages)
        for messages in (
            [incoming(b"a", "1")],
            [incoming(b"b", "1")],
            [incoming(b"a", "2")],
            [incoming(b"a", "1"), incoming(b"b", "2")],
            [incoming(b"b", "2"), incoming(b"a", "1")],
            [incoming(b"ab"), incoming(b"c")],
            [incoming(b"a"), incoming(b"bc")],
        )
    ]
    assert len(set(tokens)) == len(tokens)
    assert token_of([incoming(b"a", "1")]) == tokens[0]


def test_a_token_of_a_client_is_kept_as_a_hash_and_replaced_by_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "clients.json"
    first, content = clients.with_new_client(path, "collector", ("post_*",))
    path.write_text(content)
    second, content = clients.with_new_client(path, "collector", ("*",))
    path.write_text(content)
    assert first not in content
    assert second not in content
    known = clients.Clients(clients.read(path), per_minute=100)
    assert known.find(first) is None
    found = known.find(second)
    assert found
    assert found.may_send_to("profile_log")
    assert not clients.Client("x", "", ("post_*",)).may_send_to("profile_log")


def test_a_door_that_runs_learns_of_new_clients_and_keeps_them_when_the_file_is_torn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clients.json"
    monkeypatch.setattr(clients, "LOOK_SECONDS", 0.0)
    known = clients.Clients((), per_minute=100, path=path)
    first, content = clients.with_new_client(path, "collector", ("*",))
    assert known.find(first) is None, "there is no file yet"
    path.write_text(content)
    assert known.find(first)
    path.write_text(content[:-4])
    os.utime(path, ns=(1, 1))
    assert known.find(first), "a torn file changes nothing"
    second, content = clients.with_new_client(tmp_path / "other.json", "collector", ("*",))
    path.write_text(content)
    assert (known.find(first), bool(known.find(second))) == (None, True)


@pytest.mark.parametrize("content", ["{", "[]", '{"a": {}}', '{"a": {"token_sha256": "short"}}', '{"a": 1}'])
def test_an_unusable_file_of_clients_is_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "clients.json"
    path.write_text(content)
    with pytest.raises(StirError, match=r"clients is unusable.*clients\.json"):
        clients.read(path)


def test_an_allowance_fills_up_again_and_a_request_larger_than_a_minute_passes_once() -> None:
    known = clients.Clients((), per_minute=60)
    client = clients.Client("a", "")
    assert known.wait(client, 50) == 0
    assert 39 < known.wait(client, 50) <= 40
    assert known.wait(clients.Client("b", ""), 1000) == 0


def test_messages_that_came_often_are_written_apart_and_the_oftener_the_fewer_together() -> None:
    deliveries = [1] * 400 + [6] * 250 + [12] * 25 + [18] * 2 + [5] * 100
    messages = [Incoming("profile_log", b"", "", {}, each, None) for each in deliveries]
    sizes = [(part[0].deliveries, len(part)) for part in _parts(messages)]
    assert sizes == [(1, 500), (6, 100), (6, 100), (6, 50), (12, 10), (12, 10), (12, 5), (18, 1), (18, 1)]
