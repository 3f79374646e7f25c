"""What a contract refuses or empties is what staging, or the mart that reads a source itself, refuses or empties.

Hostile values go into each column of each source, one a row; staging's own rules (macros/rejects) judge the rows in
ClickHouse, and the contract judges the same records.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.transform.rendering import models, rendered_project

from stir import connections
from stir.ingest.records import Verdict, checker
from stir.settings import Settings
from stir.sources.contract import Contract, Field, contract, contracts
from stir.sources.ddl import create_table

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

PLACE = "contracts_and_staging"
AS_OF = datetime(2026, 6, 15, tzinfo=UTC)
"""The moment of the run in the rendered macros."""
SEEN = AS_OF - timedelta(days=3)
TEXTS = [
    *("", " ", "NULL", "many", "a\0b", "\0", "x" * 255, "x" * 256, "\u0e01" * 86, "-1", "12.0", "1e400", "1,234", "@"),
    *("123", " 123 ", "\t123", "UCabcdefghijklmnopqrstuv", "UC1", "shortcode_-1", "no shortcode", "INSTAGRAM", "/"),
    *("Reels", " story\t", "guide", "CREATOR", "brand", "PENDING", "lost", "follower", "Following", "like", "2020-01"),
    *("202001", "2020-13", "PT4M13S", "4:13", "2026-06-01 00:00:00", "{", "{}", "[1]", "null", "5", '"text"'),
    *('{"likes":1,"followers":2}', '{"likes":"12","followers":"x"}', '{"likes":-1,"followers":-1}', '{"likes":null}'),
    *('{"likes":NaN,"comments":3,"followers":NaN}', '{"likes":1e400,"following":7}', '{"likes": 1', "{'likes': 1}"),
    *('\ufeff{"likes":1,"followers":1}', '{"likes":"1e3","view_count":1.5}', '{"likes":"\\ud800","view_count":2}'),
    *('{"likes":[1],"view_count":true}', '{"likes":" 7 ","followers":" 7 "}', '{"likes":1}{"likes":2}', '{"a":1,}'),
    *('{"view_count":12.0}', "youtube "),
]
"""Text in any column of text."""
NUMBERS = [-(2**63), -1, 0, 1, 100, 101, 120, 121, 9 * 10**15, 9 * 10**15 + 1, 2**63 - 1]
MEASURES = [-math.inf, -1e300, -0.5, 0.0, 1.0, 1.1, 100.5, 120.5, 9e15, 1e16, math.inf, math.nan]
MOMENTS = [
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(2004, 12, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2005, 1, 1, tzinfo=UTC),
    *(SEEN - timedelta(hours=3), SEEN + timedelta(minutes=5), SEEN + timedelta(minutes=15), AS_OF),
    datetime(2100, 1, 1, tzinfo=UTC),
]
ALIKE = ("123", "UCabcdefghijklmnopqrstuv", "shortcode_-1", "2020-01", "INSTAGRAM", "PENDING", "LIKE", "follower")
"""Good texts: the first that a field takes stands in the rows."""
STANDS: dict[str, Any] = {
    **{"relationship_type": "subscription", "subscribed_on": "", "last_updated_at": "", "duration": "PT4M13S"},
    **{"video_count": "1", "view_count": "1", "subscriber_count": "1"},
}
"""What stands in the rows where any text would be a fault, or would make the row another model's."""
OF_MODEL: dict[str, dict[str, Any]] = {
    "mart_instagram_gpt_basic_data": {"source": "openapi_profile_info_v0.11"},
    "mart_instagram_creators_followers_fake_analysis": {"rules_version": 0},
    "mart_instagram_tracked_profiles": {"platform": "INSTAGRAM"},
    "mart_instagram_account_base": {"gender": "M"},
    "mart_audience_info_follower": {"gender_from_img_model": "F"},
    "mart_creator_campaign_performance": {"user_categories": '[{"name":"Travel"}]'},
    # A 0 of a private account says nothing.
    "stg_beat_instagram_account": {"is_private": False},
    "stg_coffee_post_collection": {"disabled_metrics": '["likes"]'},
    "stg_coffee_profile_collection": {"disabled_metrics": '["likes"]'},
    "stg_coffee_collection_group": {"disabled_metrics": '["likes"]'},
}


ANSWERS = "mart_instagram_gpt_basic_data"
SET_APART = {
    (ANSWERS, "platform"): "the contract is of all rows of the table",
    (ANSWERS, "profile_id"): "the contract is of all rows of the table",
    (ANSWERS, "dimensions"): "only of answers does anything depend on them; the mart decides",
    (ANSWERS, "event_id"): "a record without an id cannot be told from its repetition",
    ("mart_instagram_creators_followers_fake_analysis", "rules_version"): "only the scorer's own rows have one",
    ("mart_instagram_tracked_profiles", "account_id"): "the contract takes any whole number for an id",
    ("mart_creator_campaign_performance", "user_client_account_id"): "the contract takes any whole number for an id",
    ("mart_youtube_subscriber", "event_id"): "a record without an id cannot be told from its repetition",
    ("mart_youtube_subscriber_staging", "event_id"): "a record without an id cannot be told from its repetition",
    **{
        (f"stg_coffee_{name}", "disabled_metrics"): "the contract takes any text; a list that cannot be read is counted"
        for name in ("post_collection", "profile_collection", "collection_group")
    },
}
"""Columns of a model where the contract decides more, or less, and why."""
ONE_FAULT = ({"impossible_timestamp", "future_timestamp"}, {"missing_key", "unknown_value"})
"""Words for one fault: an event that was seen before it happened, a word that is not there."""


@pytest.fixture(scope="module")
def client(settings: Settings) -> Iterator[Client]:
    found = connections.clickhouse(settings)
    found.command(f"create database if not exists {PLACE}")
    yield found
    found.command(f"drop database {PLACE}")


@pytest.fixture(scope="module")
def macros() -> dict[str, Any]:
    return {**rendered_project(marked=False), "reads_a_part": lambda: False}


def _rules(macros: dict[str, Any], model: str) -> Any:
    return macros["find_reject_rules"](model)


def _judging() -> dict[str, str]:
    """Model by the contract whose rows its rules judge; the same table may be judged by two models."""
    context = rendered_project(marked=False)
    found = {}
    for model in models():
        if rules := context["find_reject_rules"](model):
            found[model] = str(rules["source"]).strip("⟦⟧")
    return found


JUDGING = _judging()


def _good(field: Field) -> Any:
    """A value that the contract takes."""
    if field.name in STANDS and not field.words and field.logical == "text":
        return STANDS[field.name]
    if field.logical in ("moment", "day"):
        return SEEN if field.logical == "moment" else SEEN.date()
    if field.logical == "json":
        return '{"likes":1,"followers":2}'
    if field.logical == "list":
        return []
    if field.logical in ("integer", "number", "boolean"):
        return {"integer": 1, "number": 1.0, "boolean": True}[field.logical]
    if field.words:
        return field.words[0]
    return next((text for text in ALIKE if re.search(field.pattern, text)), "text")


def _hostile(field: Field) -> list[Any]:
    plain = field.plain_type
    nothing = [None] if field.is_nullable else []
    if plain == "String":
        return [*TEXTS, *nothing]
    if plain.startswith(("Int", "UInt")):
        least, greatest = (0, 2**64) if plain == "UInt64" else (-(2**31), 2**31) if "32" in plain else (-(2**63), 2**63)
        return [
            number for number in NUMBERS if least <= number < greatest and plain not in ("UInt8", "UInt16")
        ] + nothing
    if plain == "Float64":
        return [*MEASURES, *nothing]
    if plain == "Date":
        return [moment.date() for moment in MOMENTS]
    if plain.startswith("DateTime"):
        return [*MOMENTS, *nothing]
    if "Tuple" in plain:
        return [[("x", score)] for score in (0.5, -0.1, 1.1)]
    return [["x" * 300], ["", "a"]] if plain == "Array(String)" else []


def _rows(known: Contract, model: str) -> list[dict[str, Any]]:
    good = {field.name: _good(field) for field in known.fields} | OF_MODEL.get(model, {})
    return [good, *({**good, field.name: value} for field in known.fields for value in _hostile(field))]


def _staged(
    client: Client,
    macros: dict[str, Any],
    model: str,
    known: Contract,
    rows: list[dict[str, Any]],
    place: str = PLACE,
) -> Any:
    """What staging's rules say of each row: the reason of its refusal, if any, and the reasons of emptied values."""
    table = f"`{place}`.`{known.table}`"
    client.command(f"drop table if exists {table}")
    # Rows that differ in one value are all wanted, whatever the table would collapse.
    statement = create_table(known).replace(f"`{known.database}`.", f"`{place}`.", 1)
    client.command(statement.replace(f"engine = {known.engine}", "engine = MergeTree", 1))
    client.command(f"alter table {table} add column _number UInt32")
    names = [*known.by_name, "_number"]
    client.insert(table, [[*row.values(), number] for number, row in enumerate(rows)], column_names=names)
    macros["model"].name = model
    rules = _rules(macros, model)
    sql = macros["record_rejects"]()
    body = sql[sql.index("judged as (") :]
    body = body[: re.search(r"\n    \)\nselect\n", body).start()]  # type: ignore[union-attr]
    body = body.replace("select\n", "select feed._number as row_number,\n", 1).replace(str(rules["source"]), table)
    flags = "".join(f", is_emptied_{number + 1}" for number in range(len(rules["emptied"])))
    query = f"with {body})\nselect row_number, refusal{flags} from judged"
    answers = client.query(query, settings={"short_circuit_function_evaluation": "disable"}).result_rows
    reasons = list(dict.fromkeys(["future_timestamp", *(reason for reason, _ in rules["refused"])]))
    said: dict[int, tuple[str, set[str]]] = {}
    for number, refusal, *emptied in answers:
        why = {reason for (reason, _), is_so in zip(rules["emptied"], emptied, strict=True) if is_so}
        said[number] = (reasons[refusal - 1] if refusal else "", why)
    return said


def _effects(verdict: Verdict, effect: str) -> set[str]:
    return {each.reason for each in verdict.violations if each.effect == effect}


@pytest.mark.parametrize("model", JUDGING)
def test_a_contract_refuses_and_empties_what_staging_does(client: Client, macros: dict[str, Any], model: str) -> None:
    known = contract(JUDGING[model])
    rows = _rows(known, model)
    staged = _staged(client, macros, model, known, rows)
    assert staged.get(0) == ("", set()), "the good row of this test is not good"
    differences = []
    for number, row in enumerate(rows):
        verdict = checker(known.name).check(row, AS_OF)
        if number not in staged:
            continue
        refused, emptied = staged[number]
        changed = {name: value for name, value in row.items() if value is not rows[0][name]}
        ours = (_effects(verdict, "refuse"), _effects(verdict, "empty"))
        if refused == "future_timestamp" and not ours[0]:
            continue  # it came after the run's moment: its time will come
        words = next((alike for alike in ONE_FAULT if refused in alike), {refused})
        is_same = bool(words & ours[0]) if refused else not ours[0] and ours[1] <= emptied
        # No JSON says such a number, so none comes in but by a file of numbers.
        is_number = all(not isinstance(value, float) or math.isfinite(value) for value in changed.values())
        if not is_same and is_number and not any((model, name) in SET_APART for name in changed):
            differences.append((changed, "staging", refused, emptied, "contract", *ours))
    assert not differences, "\n".join(map(str, differences))


def test_every_source_that_is_cleaned_is_compared() -> None:
    assert {each.name for each in contracts()} - set(JUDGING.values()) == {
        "beat_replica.recent_scrape_request_log",  # a window of the log of jobs
        "coffee_replica.activity_tracker",  # read by no model
        "events.scrape_request_log_events",
        "vendor.instagram_page_stats",
        "ds.creator_fake_share",  # the scorer's own
        "ds.interest_survey",  # words alone
    }
