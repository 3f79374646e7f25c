"""What dbt asks of ClickHouse for every statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import yaml
from dbt.config.renderer import ProfileRenderer
from dbt_common.context import set_invocation_context

from stir.local import environment
from stir.settings import PROJECT_DIR, Settings

OUTPUTS = yaml.safe_load((PROJECT_DIR / "profiles" / "profiles.yml").read_text())["stir"]["outputs"]
URL = "http://writer:password@127.0.0.1:8123"
Render = Callable[..., dict[str, Any]]


@pytest.fixture
def render(make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> Render:
    """An output of the profile as dbt reads it under settings that the environment gives."""

    def rendered(target: str, **variables: str) -> dict[str, Any]:
        for name, value in variables.items():
            monkeypatch.setenv(f"STIR_{name.upper()}", value)
        given = environment(make_settings(clickhouse_url=URL))
        set_invocation_context(given)
        profile: dict[str, Any] = ProfileRenderer({}).render_data(OUTPUTS[target])
        return profile

    return rendered


@pytest.mark.parametrize("target", OUTPUTS)
@pytest.mark.parametrize("memory", [4_000_000_000, 7_000_000_001])
def test_a_statement_spills_to_disk_long_before_its_memory_is_used_up(target: str, memory: int, render: Render) -> None:
    settings = render(target, clickhouse_query_memory=str(memory))["custom_settings"]
    held = {name: size for name, size in settings.items() if name.startswith("max_bytes_before_external_")}

    assert held.keys() == {f"max_bytes_before_external_{what}" for what in ("group_by", "sort", "join")}
    # Groups may hold half: what the rest of a statement holds counts against them (docs/decisions/0022).
    grouped = held.pop("max_bytes_before_external_group_by")
    assert 0 < grouped <= memory // 2
    assert all(0 < size <= memory // 4 for size in held.values())
    # ClickHouse 26.7 ignores the bytes of a sort while it has a ratio (docs/decisions/0022).
    assert settings["max_bytes_ratio_before_external_sort"] == 0


@pytest.mark.parametrize("target", OUTPUTS)
def test_the_memory_that_a_query_may_take_reaches_dbt(target: str, render: Render) -> None:
    profile = render(target, clickhouse_query_memory="123456789")

    assert profile["custom_settings"]["max_memory_usage"] == 123_456_789


@pytest.mark.parametrize("target", OUTPUTS)
@pytest.mark.parametrize(
    "name", ["stir", "dev-anna", "Größe 1", "select", "9lives", "it's", 'a"b', "007", "null", "1e3"]
)
def test_the_name_of_the_database_reaches_dbt_as_it_is(target: str, name: str, render: Render) -> None:
    assert render(target, clickhouse_database=name)["schema"] == name
