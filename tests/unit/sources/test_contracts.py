"""The contracts and all that comes from them say the same."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from stir.cli import contract_files
from stir.cli.contracts import problems
from stir.settings import PROJECT_DIR
from stir.sources.contract import FOLDER, Contract, contract, contracts, versions
from stir.sources.ddl import create_table
from stir.sources.form import form_faults
from stir.sources.reasons import STAGING

MACROS = PROJECT_DIR / "macros/rejects"


def test_contracts_and_the_files_written_from_them_agree() -> None:
    assert problems() == []


def test_every_stream_is_named_once() -> None:
    streams = [stream for each in contracts() for stream in each.streams]
    assert len(streams) == len(set(streams)) == 26


def test_staging_the_documentation_and_the_contracts_use_one_list_of_reasons() -> None:
    rules = "".join(path.read_text() for path in MACROS.glob("list_*rules.sql"))
    words = "|".join(("key", "long", "value", "timestamp", "json", "number"))
    used = set(re.findall(rf"\(\s*'([a-z]+_(?:{words}))'\s*,", rules)) - {"event_timestamp"}
    used |= set(re.findall(r"'(?:replaced|refused)', '([a-z]+_[a-z]+)'", (MACROS / "record_rejects.sql").read_text()))
    page = (PROJECT_DIR / "docs/rejects.md").read_text()
    described = set(re.findall(r"^\| `([a-z_]+)` \| [^|]*\| [^|]*\|$", page, re.MULTILINE))
    assert used == described == set(STAGING)
    assert {field.reason for each in contracts() for field in each.fields} - {""} <= set(STAGING)


def test_the_table_of_a_contract_has_its_columns_order_partition_and_tokens() -> None:
    assert create_table(contract("events.profile_log_events")) == (
        "create table `events`.`profile_log_events`\n(\n"
        "    `event_id` String,\n    `source` String,\n    `platform` String,\n    `profile_id` String,\n"
        "    `handle` Nullable(String),\n    `event_timestamp` DateTime('UTC'),\n"
        "    `insert_timestamp` DateTime('UTC'),\n    `metrics` String,\n    `dimensions` String,\n"
        "    projection arrivals (select toDate(insert_timestamp), startsWith(source, 'openapi_profile_info_'), count()"
        " group by toDate(insert_timestamp), startsWith(source, 'openapi_profile_info_')),\n"
        "    projection by_key (select `event_id`, `insert_timestamp`"
        " order by cityHash64(toString(trimBoth(event_id))))"
        " with settings (index_granularity = 16)\n)\n"
        "engine = MergeTree\npartition by toYYYYMM(event_timestamp)\n"
        "order by (`insert_timestamp`, `platform`, `profile_id`, `event_timestamp`)\n"
        "settings non_replicated_deduplication_window = 10000, lightweight_mutation_projection_mode = 'rebuild'"
    )


def test_a_table_sorted_by_a_nullable_column_says_so() -> None:
    assert "allow_nullable_key = 1" in create_table(contract("vendor.instagram_profiles"))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of one contract's folder, which everything reads instead of the real ones."""
    name = "tracking.link_clicks"
    shutil.copytree(FOLDER / name, tmp_path / name)
    shutil.copy(contract_files.RELEASED, tmp_path)
    for module in ("stir.sources.contract", "stir.sources.form", "stir.cli.contracts", "stir.cli.contract_files"):
        monkeypatch.setattr(f"{module}.FOLDER", tmp_path)
    monkeypatch.setattr(contract_files, "RELEASED", tmp_path / "released.json")
    versions.cache_clear()
    contracts.cache_clear()
    yield tmp_path / name
    versions.cache_clear()
    contracts.cache_clear()


def released_faults() -> list[str]:
    return [each for each in contract_files.changed_releases() if each.startswith("tracking.link_clicks")]


def test_a_released_version_cannot_be_edited(scratch: Path) -> None:
    assert released_faults() == []
    file = scratch / "1.0.0.yaml"
    file.write_text(file.read_text().replace("maximum: 1000000000000", "maximum: 10"))
    versions.cache_clear()
    contracts.cache_clear()
    assert released_faults() == [
        "tracking.link_clicks 1.0.0 was released and has changed; keep the file and write a new version beside it"
    ]
    file.unlink()
    versions.cache_clear()
    contracts.cache_clear()
    assert released_faults() == ["tracking.link_clicks 1.0.0 was released and is gone"]


def test_a_description_of_a_released_version_may_be_edited(scratch: Path) -> None:
    file = scratch / "1.0.0.yaml"
    file.write_text(file.read_text().replace("Unique clicks.", "Clicks of different people."))
    versions.cache_clear()
    contracts.cache_clear()
    assert released_faults() == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("apiVersion: v3.1.0", "apiVersion: v2.2.2", "apiVersion is v3.1.0"),
        ("status: active", "state: active", "'state' is no name of a contract"),
        ("required: true", "mandatory: true", "'mandatory' is no name of a property"),
        ("name: tracking.link_clicks", "name: tracking.other", "the file says it is tracking.other 1.0.0"),
        ("name: url", "name: d", "field d stands twice"),
        ("maximum: 1000000000000", "greatest: 10", "integer has no option 'greatest'"),
        ("logicalType: integer", "logicalType: counter", "cannot be read"),
        ("description: Unique clicks.", "description: ''", "it has no description"),
        ("schema:", "schema: [", "link_clicks"),
    ],
)
def test_a_file_that_is_no_contract_is_refused_with_the_place(scratch: Path, old: str, new: str, said: str) -> None:
    file = scratch / "1.0.0.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    found = form_faults(file)
    assert any(said in each for each in found), found
    assert all(each.startswith("tracking.link_clicks/1.0.0.yaml") for each in found)


def test_the_twins_of_a_table_have_the_same_fields() -> None:
    twins = {
        "coffee_stage.post_collection_item": "coffee_replica.post_collection_item",
        "coffee_stage.profile_collection_item": "coffee_replica.profile_collection_item",
        "coffee_stage.view_instagram_account_lite": "coffee_replica.view_instagram_account_lite",
        "coffee_stage.view_youtube_account_lite": "coffee_replica.view_youtube_account_lite",
        "events_stage.yt_profile_relationship_log_events": "events.yt_profile_relationship_log_events",
        "beat_replica.recent_scrape_request_log": "beat_replica.scrape_request_log",
    }

    def fields(name: str) -> Contract:
        return contract(name)

    assert {name: fields(name).fields for name in twins} == {name: fields(twins[name]).fields for name in twins}
