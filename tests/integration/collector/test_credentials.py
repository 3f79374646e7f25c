"""Credentials: encrypted where they lie, shown without their secrets, rotated all or none."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stir.cli import credentials as command
from stir.collector import credentials
from stir.collector.credentials import New
from stir.errors import StirError
from stir.ingest.vault import Vault
from stir.scrape_queue import queue
from stir.settings import Settings

from .conftest import add

KEY = "AIzaSyTheKeyOfATest"


def keyed(settings: Settings, *keys: str) -> Settings:
    return settings.model_copy(update={"credentials_key": SecretStr(",".join(keys))})


def secrets_held(tables: psycopg.Connection) -> list[str]:
    return [str(secret) for (secret,) in tables.execute("select secret from collector.credential order by name")]


def test_a_secret_is_encrypted_and_opened_again(settings: Settings, tables: psycopg.Connection, safe: Vault) -> None:
    credentials.add(tables, safe, New("youtube", "one", f" {KEY}\n", details={"plan": "free"}))
    assert KEY not in str(tables.execute("select * from collector.credential").fetchall())
    entry = credentials.find(tables, "youtube", "one")
    opened = credentials.open_credential(tables, safe, entry)
    assert (opened.secret, opened.details, opened.project) == (KEY, {"plan": "free"}, "one")
    assert KEY not in repr(opened)
    assert KEY not in repr(New("youtube", "one", KEY))


def test_the_same_name_replaces_the_secret_and_is_used_again(tables: psycopg.Connection, safe: Vault) -> None:
    first = add(tables, safe, "youtube", "one", project="42")
    entry = credentials.find(tables, "youtube", "one")
    credentials.note_check(tables, entry, "keyInvalid", failed=True)
    assert credentials.find(tables, "youtube", "one").disabled_reason == "keyInvalid"
    assert credentials.add(tables, safe, New("youtube", "one", KEY)) == first
    again = credentials.find(tables, "youtube", "one")
    assert (again.project, again.disabled_at, again.check_note) == ("42", None, None)


def test_requests_that_wait_for_a_limit_are_picked_again_when_a_credential_comes(
    tables: psycopg.Connection, safe: Vault
) -> None:
    now = datetime.now(UTC)

    def ready() -> set[str]:
        picked = queue.pick(tables, 9, moment=now)
        queue.give_back(tables, picked)
        return {each.params["channel_ids"] for each in picked}

    said = {"limited": "(429) youtube: units of a day", "alone": "youtube: there is no usable credential", "failed": ""}
    for name, reason in said.items():
        flow = "refresh_yt_profiles"
        request = queue.Request(
            key=name,
            platform="YOUTUBE",
            flow=flow,
            params={"channel_ids": name},
            priority=5,
            expires_at=now + timedelta(hours=9),
        )
        queue.enqueue(tables, [request], moment=now)
        picked = queue.pick(tables, moment=now)
        later = now + timedelta(hours=8)
        if reason:
            queue.give_back(tables, picked, until=later, reason=reason)
        else:
            queue.fail(tables, picked[0], "(500) unexpected ValueError", moment=now, until=later)
    assert ready() == set()
    add(tables, safe, "youtube", "one")
    assert ready() == {"limited", "alone"}, "a request that failed keeps its pause"
    tables.execute("update scrape_request_log set due_at = %s", [now + timedelta(hours=8)])
    credentials.enable(tables, credentials.find(tables, "youtube", "one"))
    assert ready() == {"limited", "alone"}


@pytest.mark.parametrize("secret", ["", "  \n", "two words", "a\x07b"])
def test_what_cannot_be_a_secret_is_refused(tables: psycopg.Connection, safe: Vault, secret: str) -> None:
    with pytest.raises(StirError, match="is empty or holds blanks"):
        credentials.add(tables, safe, New("youtube", "one", secret))


def test_one_secret_under_two_names_is_refused(tables: psycopg.Connection, safe: Vault) -> None:
    credentials.add(tables, safe, New("youtube", "one", KEY))
    with pytest.raises(StirError, match="has this secret already, as 'one'"):
        credentials.add(tables, safe, New("youtube", "two", KEY))


def test_keys_rotate_all_or_none(settings: Settings, tables: psycopg.Connection) -> None:
    old, new, other = (Fernet.generate_key().decode() for _ in range(3))
    before = credentials.vault(keyed(settings, old))
    add(tables, before, "youtube", "one")
    add(tables, before, "shopify", "two")
    held = secrets_held(tables)
    assert credentials.rotate(tables, credentials.vault(keyed(settings, new, old))) == 2
    after = secrets_held(tables)
    assert set(after).isdisjoint(held)
    only_new = credentials.vault(keyed(settings, new))
    assert {only_new.open(each.encode()).decode() for each in after} == {
        "secret-of-youtube-one",
        "secret-of-shopify-two",
    }
    add(tables, credentials.vault(keyed(settings, other)), "instagram", "three")
    mixed = secrets_held(tables)
    with pytest.raises(StirError, match="does not fit what is stored there"):
        credentials.rotate(tables, credentials.vault(keyed(settings, old, new)))
    assert secrets_held(tables) == mixed


@pytest.mark.parametrize("form", ["fernet://:{}@", '{{"conn_type": "generic", "password": "{}"}}'])
def test_the_keys_may_come_from_an_airflow_connection(
    settings: Settings, tables: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv(credentials.CONNECTION, form.format(key.replace("=", "%3D") if "://" in form else key))
    add(tables, credentials.vault(settings), "youtube", "one")
    (locked,) = secrets_held(tables)
    assert Fernet(key).decrypt(locked.encode()) == b"secret-of-youtube-one"


def test_the_commands_show_everything_but_the_secret(
    settings: Settings, tables: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "running_services", lambda names: settings)
    run = CliRunner()

    def stir(*arguments: str, given: str | None = None) -> str:
        done = run.invoke(command.credentials, arguments, input=given, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert KEY not in done.output
        return str(done.output)

    assert "is credential" in stir("add", "youtube", given=f"{KEY}\n")
    monkeypatch.setenv("SHOP_TOKEN", "shpat_of_a_test")
    stir("add", "shopify", "--name", "shop", "--account", "a.example", "--from-env", "SHOP_TOKEN")
    stir("rest", "youtube", "--minutes", "5", "--reason", "lunch")
    listed = {entry["source"]: entry for entry in json.loads(stir("list", "--json"))}
    assert listed["youtube"]["state"] == "rests"
    assert listed["youtube"]["rest_reason"] == "lunch"
    assert listed["shopify"]["account"] == "a.example"
    assert not {"secret", "details"} & set(listed["youtube"])
    stir("enable", "youtube")
    before = secrets_held(tables)
    assert "2 secrets" in stir("rotate-key")
    assert set(secrets_held(tables)).isdisjoint(before)
    assert "shpat_of_a_test" not in stir("list")
    assert "ready" in stir("list")
    with pytest.raises(StirError, match="there is no source 'youtub'"):
        stir("add", "youtub", given=KEY)
