"""Where the links of a task lead."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from stir.dags.ui import document

KEY = SimpleNamespace(dag_id="d", run_id="r+00:00")


@pytest.mark.parametrize(
    ("site", "operator", "link"),
    [
        ("", {"cadence": "core"}, "http://airflow.example/stir/runs/d/r%2B00%3A00"),
        ("", {"mart": "mart_leaderboard"}, "http://airflow.example/stir/models/mart_leaderboard"),
        (
            "http://docs.example/",
            {"mart": "mart_leaderboard"},
            "http://docs.example/#!/model/model.stir.mart_leaderboard",
        ),
    ],
)
def test_a_dbt_task_leads_to_its_models_or_to_the_site_that_was_named(
    monkeypatch: pytest.MonkeyPatch, dags: dict[str, Any], site: str, operator: dict[str, str], link: str
) -> None:
    from stir.dags.ui.links import ModelDocsLink

    monkeypatch.setattr(document, "web_address", lambda: "http://airflow.example")
    monkeypatch.setenv("STIR_DOCS_URL", site)
    assert ModelDocsLink().get_link(SimpleNamespace(**operator), ti_key=KEY) == link


def test_a_publish_leads_to_its_own_generation(monkeypatch: pytest.MonkeyPatch, dags: dict[str, Any]) -> None:
    from stir.dags.ui.links import GenerationLink

    monkeypatch.setattr(document, "web_address", lambda: "http://airflow.example")
    step = dags["sync_leaderboard_prod"].get_task("load")
    link = GenerationLink().get_link(step, ti_key=KEY)
    assert link == "http://airflow.example/stir/generations/prod/leaderboard?run=d%2Fr%2B00%3A00"
