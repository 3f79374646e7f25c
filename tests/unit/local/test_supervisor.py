from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from stir.local import SERVICES, Supervisor
from stir.local.machine.credentials import Credentials
from stir.local.machine.layout import Layout, write_private
from stir.local.machine.ports import Ports
from stir.settings import Settings, load_settings

FOREIGN = "http://me:mine@warehouse.example:8123"
FOREIGN_OF = {
    "clickhouse": FOREIGN,
    "postgres": "postgresql://me:mine@serving.example/stir",
    "s3": "http://me:mine@store.example/bucket",
    "broker": "amqp://me:mine@rabbit.example/",
}


@pytest.fixture
def prepared(make_settings: Callable[..., Settings]) -> Callable[..., Settings]:
    """A state folder as a first `stir up` leaves it, without servers."""
    supervisor = Supervisor(make_settings())
    supervisor.layout.create()
    supervisor.credentials = Credentials.load_or_create(supervisor.layout)
    for name in SERVICES:
        Ports(supervisor.layout).claim(name, None)
    write_private(supervisor.layout.services_env, supervisor._rendered())
    return make_settings


def test_addresses_from_services_env_are_embedded(prepared: Callable[..., Settings]) -> None:
    assert Supervisor(prepared()).external == frozenset()


def test_without_any_address_all_are_embedded(make_settings: Callable[..., Settings]) -> None:
    assert Supervisor(make_settings()).external == frozenset()


def test_an_address_of_ones_own_is_external(prepared: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_CLICKHOUSE_URL", FOREIGN)
    supervisor = Supervisor(prepared())
    assert supervisor.external == {"clickhouse"}
    assert supervisor.settings().clickhouse.host == "warehouse.example"


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_server_of_one_commands_own_changes_no_file_of_the_others_and_is_not_mixed_with_the_embedded_one(
    name: str, prepared: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has the embedded reader's address beside a writer of their own would read another server than they write."""
    first, *others = SERVICES[name].settings_fields
    state_dir = prepared().state_dir
    before = (state_dir / "services.env").read_text()
    monkeypatch.setenv("STIR_STATE_DIR", str(state_dir))
    monkeypatch.setenv(f"STIR_{first.upper()}", FOREIGN_OF[name])
    given = load_settings()
    supervisor = Supervisor(given)
    assert supervisor.external == {name}
    assert supervisor._rendered() == before
    for settings in (given, supervisor.settings()):
        assert getattr(settings, first).get_secret_value() == FOREIGN_OF[name]
        assert [field for field in others if getattr(settings, field) is not None] == []
        for service in set(SERVICES) - {name}:
            assert getattr(settings, SERVICES[service].settings_fields[0]) is not None


def test_addresses_of_ones_own_may_be_given_all(
    prepared: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STIR_STATE_DIR", str(prepared().state_dir))
    monkeypatch.setenv("STIR_CLICKHOUSE_URL", FOREIGN)
    monkeypatch.setenv("STIR_CLICKHOUSE_READER_URL", FOREIGN.replace("me", "reader"))
    assert load_settings().clickhouse_reader.user == "reader"


def test_a_shell_that_has_evaluated_stir_env_still_means_the_embedded_ones(
    prepared: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when a port has changed since: it is recognised by the password."""
    fresh = prepared().clickhouse
    stale = f"http://{fresh.user}:{fresh.password}@127.0.0.1:1"
    monkeypatch.setenv("STIR_CLICKHOUSE_URL", stale)
    supervisor = Supervisor(prepared())
    assert supervisor.external == frozenset()
    supervisor._refresh_environment()
    assert os.environ["STIR_CLICKHOUSE_URL"].endswith(f":{fresh.port}")


def test_settings_that_were_given_stay(prepared: Callable[..., Settings]) -> None:
    read_again = Supervisor(prepared(clickhouse_threads=7)).settings()
    assert read_again.clickhouse_threads == 7
    assert read_again.postgres_url is not None


def test_an_edited_services_env_is_recognised_as_edited(prepared: Callable[..., Settings], tmp_path: Path) -> None:
    path = tmp_path / "state" / "services.env"
    path.write_text(path.read_text().replace("stir_writer:", "stir_writer:oops"))
    supervisor = Supervisor(prepared())
    assert supervisor.external == frozenset()
    assert supervisor._rendered() != supervisor._read_env()


def test_clickhouse_no_longer_fits_when_s3_has_moved(prepared: Callable[..., Settings]) -> None:
    supervisor = Supervisor(prepared())
    before = supervisor.service("clickhouse").fingerprint
    Ports(Layout(supervisor.layout.root)).remember("s3", 1)
    assert supervisor.service("clickhouse").fingerprint != before


def test_no_settings_and_no_addresses_show_a_password(prepared: Callable[..., Settings]) -> None:
    settings = prepared()
    credentials = Credentials.load(Layout(settings.state_dir))
    shown = f"{settings!r} {settings} {settings.clickhouse!r} {settings.s3!r}"
    assert not any(credentials[role] in shown for role in ("clickhouse_writer", "postgres_admin", "s3_secret"))
