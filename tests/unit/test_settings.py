"""Settings: what each belongs to, where it is written down, and which values are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import SecretStr

from stir.addresses import ADDRESSES
from stir.cli.settings import DOCUMENT, render, variable
from stir.clickhouse_databases import SOURCE_DATABASES, database_fault
from stir.errors import StirError
from stir.local import Supervisor, environment
from stir.moments import MOMENT
from stir.settings import PROJECT_DIR, SCOPES, Settings, load_settings, scope_of

URL = "http://writer:password@127.0.0.1:8123"


def test_every_setting_has_a_meaning_and_belongs_to_the_command_the_server_or_the_checkout() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert scope_of(name) in SCOPES, name


def test_the_document_of_the_settings_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == render(), "run `./stir settings --write`"
    assert all(f"`{variable(name)}`" in DOCUMENT.read_text() for name in Settings.model_fields)


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if scope_of(name) == "command"])
def test_no_setting_of_a_command_changes_what_clickhouse_is_started_with(
    name: str, make_settings: Callable[..., Settings]
) -> None:
    plain = make_settings()
    kind = str(Settings.model_fields[name].annotation)
    other = SecretStr("http://me:mine@example.org:1/x") if "SecretStr" in kind else 123_456_789
    changed = plain.model_copy(update={name: other if "Secret" in kind or "int" in kind else "other"})

    before, after = (Supervisor(settings).service("clickhouse").fingerprint for settings in (plain, changed))
    assert before == after


def test_every_setting_that_has_a_value_reaches_dbt_and_airflow(make_settings: Callable[..., Settings]) -> None:
    given = {"clickhouse_query_memory": 123_456_789, "as_of": "2026-01-01", "keep_logs_days": 3, "ssh_psql": "psql18"}
    settings = make_settings(clickhouse_url=URL, **given)
    values = environment(settings)

    expected = {name for name in Settings.model_fields if getattr(settings, name) is not None}
    assert {variable(name) for name in expected} <= values.keys()
    assert {name: values[variable(name)] for name in given} == {name: str(value) for name, value in given.items()}


@pytest.mark.parametrize(
    "name",
    [
        "stir",
        "dev-anna",
        "dev anna",
        "Dev",
        "größe_日本",
        "it's",
        'a"b',
        "select",
        "default",
        "9lives",
        "007",
        "a.b",
        "%",
        "x_backfills",
        "x" * 200,
    ],
)
def test_a_warehouse_may_have_a_database_of_any_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_CLICKHOUSE_DATABASE", name)
    assert load_settings().clickhouse_database == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            " a",
            "a ",
            "a\nb",
            "a\\b",
            "a`b",
            "a/*b",
            "a*/b",
            '"a"',
            "System",
            "INFORMATION_SCHEMA",
            "events",
            "world",
        ),
        *("x_publish", "x_backfill", "x_backfill_12", "x" * 250, "x" * 225, "日" * 40),
    ],
)
def test_a_name_that_cannot_be_used_is_one_line_before_anything_starts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STIR_CLICKHOUSE_DATABASE", name)
    with pytest.raises(StirError, match="STIR_CLICKHOUSE_DATABASE is not usable") as error:
        load_settings()
    assert database_fault(name) in error.value.line


def test_only_a_backfill_builds_in_the_database_of_backfills(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_BACKFILL", "{}")
    for name, is_usable in {"x_backfill": True, "x_backfill_1": False, "x_publish": False}.items():
        monkeypatch.setenv("STIR_CLICKHOUSE_DATABASE", name)
        with nullcontext() if is_usable else pytest.raises(StirError, match="names that end with"):
            assert load_settings().clickhouse_database == name


def test_the_databases_of_the_sources_are_those_that_dbt_reads() -> None:
    files = [yaml.safe_load(path.read_text()) for path in (PROJECT_DIR / "models").rglob("*sources.yml")]
    schemas = {source.get("schema", source["name"]) for file in files for source in file["sources"]}
    assert schemas - {"{{ target.schema }}"} | {"world"} == set(SOURCE_DATABASES)


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.endswith("_url")])
@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("localhost", "relative URL without a base"),
        ("{scheme}://me:sesame@host:99999/x", "invalid port number"),
        ("{scheme}://me:ses#ame@host:1/x", "invalid port number"),
        ("{scheme}://me:1#sesame@host:1/x", "it has a # in it"),
        ("{scheme}://me:sesame@host:1/x ", "it begins or ends with a blank"),
        ("{scheme}://me:sesame@[::1:1/x", "invalid IPv6 address"),
    ],
)
def test_a_bad_address_is_one_line_with_an_example_and_without_its_password(
    name: str, address: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable(name), address.format(scheme=urlsplit(ADDRESSES[name].example).scheme))
    with pytest.raises(StirError) as error:
        load_settings()
    line = error.value.line
    assert line.startswith(f"setting {variable(name)} is not usable: {fault}; it should look like"), line
    assert ADDRESSES[name].example in line
    assert "sesame" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    ("name", "address", "fault"),
    [
        ("clickhouse_url", "clickhouse://me@host:9000", "its scheme is not http or https"),
        ("clickhouse_url", "http://", "empty host"),
        ("clickhouse_url", "http:/host:8123", "empty host"),
        ("postgres_url", "mysql://me@host/x", "its scheme is not postgresql or postgres"),
        ("beat_database_url", "postgresql+psycopg2://me@host/x", "its scheme is not postgresql or postgres"),
        ("s3_url", "http://key:secret@host:9000", "it ends without the name of a bucket"),
        ("broker_url", "kafka://me@host", "its scheme is not nats or tls or amqp or amqps"),
        ("ssh_url", "http://me@host", "its scheme is not ssh"),
        ("ssh_url", "ssh://", "empty host"),
    ],
)
def test_an_address_of_another_kind_of_server_is_refused(
    name: str, address: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable(name), address)
    with pytest.raises(StirError, match=f"{variable(name)} is not usable: {fault}"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("clickhouse_url", "https://my_host"),
        ("clickhouse_url", "http://w:p%40ss%2Fword@[::1]:8123"),
        ("clickhouse_reader_url", "http://w:p@ss@host:8123/?database=x"),
        ("postgres_url", "postgresql:///stir?host=/run/postgresql"),
        ("postgres_url", "postgres://me@one:1,two:2/stir?target_session_attrs=read-write"),
        ("airflow_database_url", "postgresql+psycopg2://airflow:p@host/airflow"),
        ("airflow_database_url", "sqlite:////tmp/airflow.db"),
        ("s3_url", "http://key:secret@127.0.0.1:9000/bucket/"),
        ("ssh_url", "ssh://me@host"),
    ],
)
def test_every_way_to_write_an_address_that_works_is_accepted(
    name: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable(name), address)
    value = getattr(load_settings(), name)
    assert (value.get_secret_value() if isinstance(value, SecretStr) else value) == address


def test_an_empty_address_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_POSTGRES_URL", "")
    monkeypatch.setenv("STIR_SSH_URL", "")
    settings = load_settings()
    assert (settings.postgres_url, settings.ssh) == (None, None)


def test_every_setting_that_holds_an_address_is_checked() -> None:
    assert set(ADDRESSES) == {name for name in Settings.model_fields if name.endswith("_url")}


@pytest.mark.parametrize(
    "moment",
    [
        *("2026-13-01", "2026-02-30", "yesterday", "20260615", "2026-06-15T24:30", "1"),
        *("2004-12-31", "2100-01-01", "2200-01-01", "0001-01-01", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_that_is_none_is_refused_by_every_command(
    moment: str, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_settings()
    monkeypatch.setenv("STIR_AS_OF", moment)

    with pytest.raises(
        StirError, match=r"setting STIR_AS_OF is not usable: .*is not an ISO time.*2026-06-15T00:00:00Z"
    ):
        load_settings()


def test_a_moment_is_what_the_models_take_for_one(make_settings: Callable[..., Settings]) -> None:
    assert make_settings(as_of=" 2026-06-15 09:00:00.123+05:30 ").as_of == "2026-06-15 09:00:00.123+05:30"
    assert make_settings(as_of="").as_of is None
    macro = (PROJECT_DIR / "macros" / "time" / "as_of.sql").read_text()
    clock, iso = (re.search(rf"set {name} = (.*) -?%", macro) for name in ("clock", "iso"))
    assert clock
    assert iso
    assert f"^{MOMENT.pattern}$" == iso[1].replace("' ~ clock ~ '", clock[1].strip("' ")).strip("' ")
