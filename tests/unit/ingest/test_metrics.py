"""The board and the alert rules of the streams ask for metrics and labels that the sink and the door have."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml
from prometheus_client import CollectorRegistry

from stir.ingest.metrics import DoorMetrics, SinkMetrics
from stir.settings import PROJECT_DIR

DOCKER = PROJECT_DIR / "docker"
RULES = yaml.safe_load((DOCKER / "prometheus" / "alerts.yml").read_text())["groups"][1]["rules"]
BOARD = json.loads((DOCKER / "grafana" / "streams.json").read_text())


def known(registry: CollectorRegistry) -> dict[str, tuple[str, ...]]:
    """Every sample's name with its labels."""
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
    collectors: list[Any] = list(registry._collector_to_names)
    return {
        f"{family.name}{suffix}": tuple(collector._labelnames) + (("le",) if suffix == "_bucket" else ())
        for collector in collectors
        for family in collector.describe()
        for suffix in suffixes[family.type]
    }


METRICS = known(SinkMetrics().registry) | known(DoorMetrics().registry)


def expressions() -> list[str]:
    return [str(rule["expr"]) for rule in RULES] + [
        str(target["expr"]) for panel in BOARD["panels"] for target in panel["targets"]
    ]


def test_the_board_and_the_alerts_of_streams_ask_for_metrics_and_labels_that_exist() -> None:
    for expression in expressions():
        names = set(re.findall(r"\bstir_\w+", expression))
        assert names
        assert names <= METRICS.keys(), expression
        labels = {label for name in names for label in METRICS[name]}
        grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", expression) for label in by.split(",")}
        asked = {label for chosen in re.findall(r"\{([^}]*)\}", expression) for label in re.findall(r"(\w+)=", chosen)}
        assert grouped | asked <= labels, expression


def test_an_alert_of_streams_says_what_happened_and_what_to_do_with_labels_that_it_has() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert {"summary", "action"} <= set(rule["annotations"])
        [name] = re.findall(r"\bstir_\w+", rule["expr"])
        assert set(re.findall(r"\$labels\.(\w+)", json.dumps(rule["annotations"]))) <= set(METRICS[name]), rule["alert"]
