"""The source tables on a cluster, and what dbt's models say about it."""

from __future__ import annotations

import re

import yaml

from stir.settings import PROJECT_DIR
from stir.sources.cluster import LOCAL, SHARDED_BY, create_on_cluster
from stir.sources.contract import contract, contracts

STATEMENTS = list(create_on_cluster(contracts(), "stir"))
STAGING = PROJECT_DIR / "models" / "staging" / "beat"


def test_every_source_table_has_a_replicated_table_on_every_server() -> None:
    replicated = [statement for statement in STATEMENTS if "engine = Replicated" in statement]
    assert len(replicated) == len(contracts())
    for statement in replicated:
        assert 'on cluster "stir"' in statement.splitlines()[0]
        assert "non_replicated" not in statement


def test_a_large_table_is_spread_below_one_of_its_name() -> None:
    shown = [statement for statement in STATEMENTS if "engine = Distributed" in statement]
    assert len(shown) == len(SHARDED_BY)
    part, table = list(create_on_cluster([contract("events.post_log_events")], "stir"))[1:]
    assert part.startswith('create table if not exists `events`.`post_log_events_local` on cluster "stir"')
    assert "ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')" in part
    assert table.endswith("Distributed('stir', 'events', 'post_log_events_local', cityHash64(`profile_id`))")


def test_a_small_table_is_whole_on_every_server_and_keeps_its_engine() -> None:
    *_, statement = create_on_cluster([contract("ds.creator_fake_share")], "stir")
    place = "'/clickhouse/tables/{uuid}/all', '{shard}-{replica}'"
    assert f"engine = ReplicatedReplacingMergeTree({place}, scored_at)" in statement


def test_a_key_that_may_be_null_still_names_a_shard() -> None:
    *_, table = create_on_cluster([contract("beat_replica.youtube_account")], "stir")
    assert "ifNull(cityHash64(`channel_id`), 0)" in table


def test_the_models_of_large_tables_are_spread_and_no_others() -> None:
    spread = {
        path.stem: found[1]
        for path in sorted((PROJECT_DIR / "models").rglob("*.sql"))
        if (found := re.search(r"sharding_key='cityHash64\((\w+)\)'", path.read_text(encoding="utf-8")))
    }
    staging = {path.stem: path.read_text(encoding="utf-8") for path in STAGING.glob("*.sql")}
    incremental = {name for name, text in staging.items() if "materialized='incremental'" in text}
    assert spread.keys() == incremental
    assert sorted(spread.values()) == sorted(SHARDED_BY.values())


def test_dbt_calls_the_parts_of_a_table_the_same() -> None:
    profile = yaml.safe_load((PROJECT_DIR / "profiles" / "profiles.yml").read_text(encoding="utf-8"))
    assert profile["stir"]["outputs"]["cluster"]["local_suffix"] == LOCAL.removeprefix("_")
