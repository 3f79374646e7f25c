"""What dbt asks of ClickHouse for every statement."""

from __future__ import annotations

import pytest
import yaml

from stir.settings import PROJECT_DIR, Settings

OUTPUTS = yaml.safe_load((PROJECT_DIR / "profiles" / "profiles.yml").read_text())["stir"]["outputs"]


@pytest.mark.parametrize("target", OUTPUTS)
def test_what_a_statement_holds_goes_to_disk_long_before_its_memory_is_used_up(target: str) -> None:
    settings = OUTPUTS[target]["custom_settings"]
    held = {name: size for name, size in settings.items() if name.startswith("max_bytes_before_external_")}

    assert held.keys() == {f"max_bytes_before_external_{what}" for what in ("group_by", "sort", "join")}
    # Groups may hold half: what the rest of a statement holds counts against them (docs/decisions/0022).
    grouped = held.pop("max_bytes_before_external_group_by")
    assert 0 < grouped <= settings["max_memory_usage"] // 2
    assert all(0 < size <= settings["max_memory_usage"] // 4 for size in held.values())
    # ClickHouse 26.7 ignores the bytes of a sort while it has a ratio (docs/decisions/0022).
    assert settings["max_bytes_ratio_before_external_sort"] == 0


def test_a_model_may_take_what_any_query_may() -> None:
    allowed = Settings.model_fields["clickhouse_query_memory"].default

    assert {output["custom_settings"]["max_memory_usage"] for output in OUTPUTS.values()} == {allowed}
