"""Whatever the role or the database sets, a publish means the same and no time-out ends it."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from stir import connections
from stir.errors import StirError
from stir.provisioning import permissions
from stir.publish import SPECS, publish, roll_back, session, verify
from stir.publish.session import writer
from stir.settings import Settings

from .marts import Mart, marts

HOSTILE = {
    "search_path": "public, stir",
    "TimeZone": "Asia/Kathmandu",
    "DateStyle": "SQL, DMY",
    "IntervalStyle": "iso_8601",
    "client_encoding": "latin1",
    "extra_float_digits": "-15",
    "bytea_output": "escape",
    "xmlbinary": "hex",
    "xmloption": "document",
    "array_nulls": "off",
    "transform_null_equals": "on",
    "quote_all_identifiers": "on",
    "standard_conforming_strings": "off",
    "row_security": "off",
    "exit_on_error": "on",
    "gin_fuzzy_search_limit": "1",
    "default_transaction_isolation": "serializable",
    "default_transaction_read_only": "on",
    "default_transaction_deferrable": "on",
    "restrict_nonsystem_relation_kind": "view",
}
NO_MATTER = {
    # How messages and logs look, and what is not used: text search, large objects, functions of others, XML.
    *("client_min_messages", "lc_messages", "lc_monetary", "lc_numeric", "lc_time", "default_text_search_config"),
    *(
        "icu_validation_level",
        "timezone_abbreviations",
        "check_function_bodies",
        "createrole_self_grant",
        "gin_pending_list_limit",
    ),
    *("backslash_quote", "escape_string_warning", "synchronize_seqscans"),
    # Of a transaction that goes on, not of the session.
    *("transaction_deferrable", "transaction_isolation", "transaction_read_only"),
    # Where and how rows lie is the operator's choice; a live table that lies elsewhere is found before the swap.
    *("default_table_access_method", "default_tablespace", "default_toast_compression", "temp_tablespaces"),
}


@pytest.fixture(scope="module")
def admin(place: Settings) -> Iterator[psycopg.Connection]:
    with connections.postgres(place, role="admin", autocommit=True) as connection:
        yield connection
        connection.execute(_alter(connection, "reset all"))


def _alter(connection: psycopg.Connection, what: str) -> sql.Composed:
    name = sql.Identifier(connection.info.dbname)
    return sql.SQL("alter role stir_writer in database {} {}").format(name, sql.SQL(what))


def give(connection: psycopg.Connection, values: dict[str, str]) -> None:
    """Set them for the writer in the scratch database."""
    for name, value in values.items():
        items = sql.SQL(", ").join(sql.Literal(item) for item in value.split(", ")) if name == "search_path" else value
        literal = items if isinstance(items, sql.Composed) else sql.Literal(items)
        connection.execute(_alter(connection, f"set {name} = ") + literal)


def timeouts(connection: psycopg.Connection) -> dict[str, str]:
    """Every time-out that a session of PostgreSQL may have, as the server lists them."""
    found = connection.execute(
        "select name, setting from pg_settings where name like '%timeout%' and context in ('user', 'superuser') "
        "and min_val = '0'"
    ).fetchall()
    return dict(found)


@pytest.fixture
def hostile(admin: psycopg.Connection) -> Iterator[None]:
    short = {name: "50ms" for name in timeouts(admin) if name != "tcp_user_timeout"}
    give(admin, {**HOSTILE, **short, "tcp_user_timeout": "60000"})
    yield
    admin.execute(_alter(admin, "reset all"))


def test_every_setting_that_changes_a_meaning_has_one_value(place: Settings, hostile: None) -> None:
    with connections.postgres(place) as plain:
        before: dict[str, str] = dict(plain.execute("select name, setting from pg_settings").fetchall())
    with writer(place, "prod") as connection:
        after: dict[str, str] = dict(connection.execute("select name, setting from pg_settings").fetchall())
        assert set(timeouts(connection).values()) == {"0"}
        assert "transaction_timeout" in timeouts(connection)
    for name, value in session.SETTINGS.items():
        assert after[name].replace(" ", "") == value.replace(" ", ""), name
        assert name == "client_encoding" or before[name] != after[name], (
            f"{name} was not hostile: the test proves nothing"
        )


def test_every_setting_of_the_server_that_changes_a_meaning_is_known(place: Settings) -> None:
    with writer(place, "prod") as connection:
        rows = connection.execute(
            "select name from pg_settings where context = 'user' and (category ~ '^Version and Platform|^Error' "
            "or category ~ '^Client Connection Defaults / (Statement|Locale|Other)')"
        ).fetchall()
        known = {*session.SETTINGS, *NO_MATTER, *timeouts(connection)}
    assert {row[0] for row in rows} <= known


@pytest.mark.parametrize("way", ["stream", "ssh"])
def test_a_publish_goes_through_whatever_is_set(
    place: Settings, admin: psycopg.Connection, hostile: None, request: pytest.FixtureRequest, way: str
) -> None:
    # So short that nothing which a session sends could switch them off in time: they must be off when it starts.
    give(admin, dict.fromkeys(("transaction_timeout", "statement_timeout"), "1ms"))
    settings = place if way == "stream" else request.getfixturevalue("host").settings
    mart: Mart = marts(place)["leaderboard"]
    for version in (1, 2) if way == "stream" else (3,):
        mart.build(version)
        assert publish(settings, SPECS["leaderboard"]).outcome == "published"
    assert verify(place, SPECS["leaderboard"]).mart_is_published
    roll_back(place, SPECS["leaderboard"], target="prod", run_id=f"settings {way}")
    assert verify(place, SPECS["leaderboard"]).intact


def test_settings_that_only_a_superuser_may_change_are_refused_by_name(
    place: Settings, admin: psycopg.Connection
) -> None:
    give(admin, {"session_replication_role": "replica"})
    try:
        with pytest.raises(StirError, match="sets session_replication_role to replica"):
            writer(place, "prod")
    finally:
        admin.execute(_alter(admin, "reset all"))


def test_doctor_and_prepare_say_what_a_publish_keeps(place: Settings, admin: psycopg.Connection) -> None:
    (check,) = (check for check in permissions.CHECKS if check.title == "Publisher's settings")
    assert check.test(place) == "nothing is set for it"
    give(admin, {"work_mem": "9MB", "temp_file_limit": "1GB", "lock_timeout": "3s", "DateStyle": "German"})
    try:
        seen = check.test(place)
    finally:
        admin.execute(_alter(admin, "reset all"))
    assert "work_mem = 9216kB" in seen
    assert "temp_file_limit = 1048576kB" in seen
    assert "lock_timeout" not in seen
    assert "DateStyle" not in seen
