"""The source tables are laid out by what the models ask for: a projection of other words is never used."""

from __future__ import annotations

import re

import pytest
import yaml

from stir.sources.contract import contract
from stir.sources.ddl import create_table
from stir.sources.layout import LAYOUTS, indexes, projections

from .rendering import PROJECT, models, rendered_project

CONTEXT = rendered_project(marked=False)
RULES = {
    f"{rules['source'].schema}.{rules['source'].identifier}": rules
    for name in models()
    if not (name.startswith("stg_coffee") or name == "mart_instagram_gpt_basic_data")
    if (rules := CONTEXT["find_reject_rules"](name))
}


def _plain(sql: str) -> str:
    return re.sub(r"\s+", "", sql.replace("feed.", ""))


def test_every_source_that_an_increment_reads_has_a_layout() -> None:
    texts = {name: path.read_text() for name, path in models().items()}
    texts["mart_youtube_subscriber"] += (PROJECT / "macros/data_request/collect_youtube_subscribers.sql").read_text()
    read = {
        source
        for name, text in texts.items()
        if "ingested_since(" in text
        for source in [
            ".".join(each) for each in re.findall(r"source\('(\w+)', '(\w+)'\) \}\} as (?:feed|event)", text)
        ]
    }
    named = {"events.yt_profile_relationship_log_events", "events_stage.yt_profile_relationship_log_events"}
    assert read | named | {"beat_replica.scrape_request_log"} == set(LAYOUTS)


@pytest.mark.parametrize("source", LAYOUTS)
def test_a_layout_has_the_words_of_the_models(source: str) -> None:
    layout, rules = LAYOUTS[source], RULES[source]
    assert _plain(layout.arrival) == _plain(rules["ingested_at"])
    assert _plain(layout.key) == _plain(rules["key"])
    for scope in layout.scopes:
        assert scope in rules["scope"].replace("feed.", "")


@pytest.mark.parametrize("source", LAYOUTS)
def test_a_table_is_stored_by_arrival(source: str) -> None:
    statement = create_table(contract(source))
    if source != "beat_replica.scrape_request_log":  # which has three moments
        assert f"order by (`{LAYOUTS[source].stored_by}`, " in statement
        assert LAYOUTS[source].stored_by in LAYOUTS[source].arrival
    for projection in projections(contract(source), LAYOUTS[source]):
        assert projection in statement


def test_where_no_order_shows_the_arrival_an_index_has_the_words_by_which_its_source_says_it_prunes() -> None:
    declared = yaml.safe_load((PROJECT / "models/staging/beat/_beat__sources.yml").read_text())
    prunes = {
        f"{source['name']}.{table['name']}": table["config"]["meta"]["prunes"]
        for source in declared["sources"]
        for table in source["tables"]
        if "prunes" in table.get("config", {}).get("meta", {})
    }
    assert set(prunes) == {name for name, layout in LAYOUTS.items() if layout.moments}
    for source, expressions in prunes.items():
        [index] = indexes(LAYOUTS[source])
        assert f"({', '.join(expressions).replace('feed.', '')})" in index
        assert index in create_table(contract(source))
