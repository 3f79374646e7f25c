"""A live subscriber of PostgreSQL's logical replication: mode merge is the one that it can follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from stir import connections
from stir.addresses import SERVERS
from stir.errors import StirError
from stir.local import ensure_services, stop_services
from stir.local.machine.process import wait_until
from stir.local.postgres import service
from stir.publish import publish, roll_back
from stir.publish.checks.contract import LIVE_COLUMNS
from stir.settings import Settings, load_settings

from .left_overs import BOARD, once
from .marts import Mart
from .registered import registered

FOLLOWED = replace(BOARD, name="followed", table="followed", mode="merge")
CONTENT = "select count(*), sum(hashtextextended(followed::text, 0)) from followed"


@pytest.fixture(scope="module")
def source(place: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The services, with a PostgreSQL of this module's own that writes what logical replication needs."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SERVERS["postgres"]:
            patch.delenv(f"STIR_{name.upper()}", raising=False)
        patch.setenv("STIR_STATE_DIR", str(tmp_path_factory.mktemp("replicated")))
        patch.setitem(service._SERVER_SETTINGS, "wal_level", "logical")
        own = ensure_services(load_settings(), ("postgres",))
        try:
            yield place.model_copy(update={name: getattr(own, name) for name in SERVERS["postgres"]})
        finally:
            stop_services(own, ("postgres",))


def subscriber_of(source: Settings, admin: psycopg.Connection) -> psycopg.Connection:
    """A database on the same server that follows the publication of the table."""
    columns = admin.execute(LIVE_COLUMNS, ["followed"]).fetchall()
    address = source.postgres_dsn("admin")
    admin.execute("create database subscriber")
    admin.execute("create publication followers for table followed")
    # A subscription that makes the slot itself would wait for its own transaction, since both are on one server.
    admin.execute("select pg_create_logical_replication_slot('follower', 'pgoutput')")
    there = psycopg.connect(urlunsplit(urlsplit(address)._replace(path="/subscriber")), autocommit=True)
    described = ", ".join(f"{name} {kind}" for name, kind, _ in columns)
    there.execute(f"create table followed ({described}, primary key ({', '.join(FOLLOWED.key)}))".encode())
    there.execute(
        f"create subscription follower connection '{address}' publication followers"
        " with (create_slot = false, slot_name = follower)".encode()
    )
    return there


def test_a_subscriber_gets_each_generation_of_a_merge_and_its_rollback(source: Settings, mart: Mart) -> None:
    with registered(FOLLOWED), connections.postgres(source, role="admin", autocommit=True) as admin:
        mart.build(1)
        publish(source, FOLLOWED, allow=("freshness",))
        there = subscriber_of(source, admin)

        def arrived() -> bool:
            return there.execute(CONTENT).fetchone() == admin.execute(CONTENT).fetchone()

        assert wait_until(arrived, seconds=180, give_up=lambda: False)
        first = there.execute(CONTENT).fetchone()
        for version in (2, 3):
            mart.build(version)
            assert publish(source, FOLLOWED).outcome == "published"
            assert wait_until(arrived, seconds=180, give_up=lambda: False)
        assert there.execute(CONTENT).fetchone() != first
        roll_back(source, FOLLOWED, target="prod", run_id=once("followed back"))
        assert wait_until(arrived, seconds=180, give_up=lambda: False)

        # A table that is renamed away takes its publication along; the subscriber would keep the old generation.
        with registered(replace(BOARD, name="renamed", table="renamed")) as renamed:
            publish(source, renamed, allow=("freshness",))
            admin.execute("create publication of_renamed for table renamed")
            mart.build(4)
            with pytest.raises(StirError, match="of_renamed"):
                publish(source, renamed)
        there.execute("alter subscription follower disable")
        there.execute("alter subscription follower set (slot_name = none)")
        there.execute("drop subscription follower")
        there.close()
