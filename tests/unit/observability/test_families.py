"""The names in the board, in the alert rules and in the mapping of Airflow's names are names that exist."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import yaml

from stir.observability.families import FAMILIES
from stir.settings import PROJECT_DIR

DOCKER = PROJECT_DIR / "docker"
MAPPINGS = yaml.safe_load((DOCKER / "prometheus" / "statsd.yml").read_text())["mappings"]
RULES = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
BOARD = json.loads((DOCKER / "grafana" / "dashboard.json").read_text())


def names(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:stir|airflow)_\w+", expression))


def labels(expression: str, name: str) -> set[str]:
    """The labels that an expression asks a metric for."""
    asked = re.findall(rf"\b{name}\{{([^}}]*)\}}", expression)
    return {label for selectors in asked for label in re.findall(r"(\w+)\s*=", selectors)}


def expressions() -> list[str]:
    return [rule["expr"] for rule in RULES] + [
        target["expr"] for panel in BOARD["panels"] for target in panel["targets"]
    ]


def test_the_board_and_the_alerts_ask_for_metrics_that_exist() -> None:
    known = set(FAMILIES) | {mapping["name"] for mapping in MAPPINGS}
    asked = {name for expression in expressions() for name in names(expression)}
    assert len(asked) > 10
    assert asked <= known


def test_the_board_and_the_alerts_name_labels_that_exist() -> None:
    for expression in expressions():
        for name in names(expression) & set(FAMILIES):
            assert labels(expression, name) <= set(FAMILIES[name].labels), expression
    for rule in RULES:
        of = {label for name in names(rule["expr"]) for label in FAMILIES[name].labels}
        said = set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"])))
        assert said <= of, rule["alert"]


def test_every_alert_says_what_happened_and_what_to_do() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "action"} <= set(rule["annotations"])


def test_airflows_names_are_those_that_this_airflow_sends() -> None:
    found = importlib.util.find_spec("airflow")
    assert found is not None
    assert found.origin is not None
    template = Path(found.origin).parent / "_shared" / "observability" / "metrics" / "metrics_template.yaml"
    sent = {
        re.sub(r"\{\w+\}", "*", str(each[field]))
        for each in yaml.safe_load(template.read_text())["metrics"]
        for field in ("name", "legacy_name")
    }
    for mapping in MAPPINGS:
        assert mapping["match"].removeprefix("airflow.") in sent


def test_names_follow_the_rules_of_prometheus() -> None:
    for family in FAMILIES.values():
        assert re.fullmatch(r"stir_[a-z_]+", family.name)
        assert (family.kind == "counter") == family.name.endswith("_total")
        assert not family.help.endswith(".")
