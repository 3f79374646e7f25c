"""The quarantine keeps each refused record once, encrypted, until somebody closes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr

from stir import connections
from stir.errors import StirError
from stir.ingest import quarantine
from stir.ingest.quarantine import INLINE_BYTES, Item
from stir.operations.retention import SWEEPS
from stir.settings import Settings

SECRET = "meera@example.org"


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection to an empty quarantine."""
    with quarantine.connect(settings, autocommit=True) as connection:
        connection.execute("delete from ingest.quarantine")
        yield connection


def _item(**changes: object) -> Item:
    item = {
        "stream": "events.profile_log_events",
        "reason": "wrong_type",
        "body": json.dumps({"handle": SECRET, "followers": "many"}).encode(),
        "path": "followers",
        "message": f"{SECRET} has no number",
        "key": SECRET,
        "origin": "channels.csv line 7",
    }
    return Item(**{**item, **changes})  # type: ignore[arg-type]


def test_a_storm_of_equal_records_is_one_row_with_a_count(settings: Settings, connection: psycopg.Connection) -> None:
    assert quarantine.add(settings, connection, [_item()] * 100_000) == 1
    assert quarantine.add(settings, connection, [_item(), _item(reason="too_long")]) == 1
    assert {(each.reason, each.times) for each in quarantine.entries(settings, connection)} == {
        ("wrong_type", 100_001),
        ("too_long", 1),
    }


def test_nothing_of_a_record_can_be_read_in_the_database_or_by_the_reader(
    settings: Settings, connection: psycopg.Connection
) -> None:
    quarantine.add(settings, connection, [_item()])
    (stored,) = connection.execute("select quarantine::text from ingest.quarantine").fetchall()[0]
    assert SECRET not in stored
    assert SECRET.encode().hex() not in stored
    with (
        connections.postgres(settings, role="reader") as reader,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        reader.execute("select * from ingest.quarantine")


def test_a_large_body_lies_encrypted_in_the_bucket_and_goes_with_its_record(
    settings: Settings, connection: psycopg.Connection
) -> None:
    body = SECRET.encode() * INLINE_BYTES
    quarantine.add(settings, connection, [_item(body=body)])
    (found,) = quarantine.entries(settings, connection, bodies=True)
    assert found.body == body
    s3 = connections.s3(settings)
    listed = s3.list_objects_v2(Bucket=settings.s3.path, Prefix=quarantine.PREFIX)["Contents"]
    stored = s3.get_object(Bucket=settings.s3.path, Key=listed[0]["Key"])["Body"].read()
    assert SECRET.encode() not in stored
    quarantine.remove(settings, connection, [found.id])
    assert "Contents" not in s3.list_objects_v2(Bucket=settings.s3.path, Prefix=quarantine.PREFIX)


def test_a_closed_record_stays_closed_and_cannot_be_edited(settings: Settings, connection: psycopg.Connection) -> None:
    quarantine.add(settings, connection, [_item()])
    (found,) = quarantine.entries(settings, connection)
    quarantine.edit(settings, connection, found.id, b'{"followers": 7}', "a person")
    assert quarantine.entry(settings, connection, found.id).current_body == b'{"followers": 7}'
    assert quarantine.close(connection, [found.id], "discarded", "an old export") == 1
    assert quarantine.close(connection, [found.id], "replayed") == 0
    quarantine.add(settings, connection, [_item()])
    again = quarantine.entry(settings, connection, found.id)
    assert (again.state, again.times, again.note) == ("discarded", 2, "an old export")
    with pytest.raises(StirError, match="was discarded already"):
        quarantine.edit(settings, connection, found.id, b"{}", "a person")


def test_forgetting_a_key_removes_what_names_it_anywhere_open_or_closed(
    settings: Settings, connection: psycopg.Connection
) -> None:
    nested = json.dumps({"dimensions": json.dumps({"handle": SECRET.upper()})}).encode()
    items = [_item(), _item(key="", body=nested), _item(key="other", body=b'{"handle": "other"}')]
    deep = b"[" * 100_000 + json.dumps([SECRET]).encode()  # no reader of JSON goes so deep
    items.append(_item(key="", body=deep))
    quarantine.add(settings, connection, [*items, _item(key="", body=f'"x","{SECRET}",broken'.encode())])
    quarantine.close(connection, [quarantine.entries(settings, connection)[0].id], "discarded")
    assert quarantine.forget(settings, connection, f" {SECRET} ") == 4
    assert [each.key for each in quarantine.entries(settings, connection)] == ["other"]


def test_closed_records_are_removed_at_their_age_and_open_ones_never(
    settings: Settings, connection: psycopg.Connection
) -> None:
    items = [_item(body=name.encode(), key=name) for name in ("open", "old", "new")]
    quarantine.add(settings, connection, items)
    ids = {each.key: each.id for each in quarantine.entries(settings, connection)}
    quarantine.close(connection, [ids["old"], ids["new"]], "replayed")
    older = "update ingest.quarantine set first_seen_at = '2020-01-01', closed_at = %s where quarantine_id = %s"
    connection.execute(older, [datetime.now(UTC) - timedelta(days=31), ids["old"]])
    connection.execute(older, [None, ids["open"]])
    sweep = next(sweep for sweep in SWEEPS if sweep.name == "quarantine")
    assert [sweep.look(settings, go).count for go in (False, True, True)] == [1, 1, 0]
    assert {each.key for each in quarantine.entries(settings, connection)} == {"open", "new"}


def test_the_key_is_rotated_by_listing_the_old_one_after_the_new_one(
    settings: Settings, connection: psycopg.Connection
) -> None:
    from cryptography.fernet import Fernet

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()

    def using(keys: str) -> Settings:
        return settings.model_copy(update={"quarantine_key": SecretStr(keys)})

    quarantine.add(using(old), connection, [_item()])
    assert quarantine.entries(using(f"{new},{old}"), connection)[0].key == SECRET
    with pytest.raises(StirError, match="does not fit"):
        quarantine.entries(using(new), connection)
    with pytest.raises(StirError, match="not usable"):
        quarantine.entries(using("a password"), connection)


def test_the_key_of_a_checkout_is_readable_by_its_owner_only(
    settings: Settings, connection: psycopg.Connection
) -> None:
    quarantine.add(settings, connection, [_item()])
    assert (settings.state_dir / "quarantine.key").stat().st_mode & 0o777 == 0o600
