"""Settings: what each belongs to, where it is written down, and which values are refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml
from pydantic import SecretStr

from stir.cli.settings import DOCUMENT, render, variable
from stir.clickhouse_databases import SOURCE_DATABASES, database_fault
from stir.errors import StirError
from stir.local import Supervisor, environment
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
    ],
)
def test_a_warehouse_may_have_a_database_of_any_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_CLICKHOUSE_DATABASE", name)
    assert load_settings().clickhouse_database == name


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", " a", "a ", "a\nb", "a\\b", "a`b", '"a"', "System", "INFORMATION_SCHEMA", "events", "world"),
        *("x_publish", "x" * 250, "日" * 40),
    ],
)
def test_a_name_that_cannot_be_used_is_one_line_before_anything_starts(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STIR_CLICKHOUSE_DATABASE", name)
    with pytest.raises(StirError, match="STIR_CLICKHOUSE_DATABASE is not usable") as error:
        load_settings()
    assert database_fault(name) in error.value.line


def test_the_databases_of_the_sources_are_those_that_dbt_reads() -> None:
    files = [yaml.safe_load(path.read_text()) for path in (PROJECT_DIR / "models").rglob("*sources.yml")]
    schemas = {source.get("schema", source["name"]) for file in files for source in file["sources"]}
    assert schemas - {"{{ target.schema }}"} | {"world"} == set(SOURCE_DATABASES)
