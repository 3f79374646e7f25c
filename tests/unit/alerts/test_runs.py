"""What an alert says about a failed run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from stir.alerts.notifier import Alert, webhook_url
from stir.alerts.runs import describe_failure


def test_every_failed_task_is_named_and_those_behind_them() -> None:
    states = {"load": "failed", "export": "failed", "swap": "upstream_failed", "freeze": "success", "tidy": None}
    assert describe_failure(states, "task_failure") == "failed tasks: export, load; not run because of that: swap"


def test_a_run_that_failed_without_a_failed_task_gives_its_reason() -> None:
    assert describe_failure({"build": "skipped"}, "timed_out") == "the run failed (timed_out)"
    assert describe_failure({}, "") == "the run failed (no task reports a reason)"


def test_an_alert_is_one_line_with_tier_owner_and_link() -> None:
    alert = Alert("dbt_core", 1, "failed tasks: build", owner="creator discovery", link="http://airflow/x")
    assert alert.text == "[tier 1] dbt_core: failed tasks: build · owner creator discovery · http://airflow/x"


@pytest.mark.parametrize(
    ("host", "schema", "password", "url"),
    [
        ("hooks.slack.com/services", None, "T0/B0/x", "https://hooks.slack.com/services/T0/B0/x"),
        ("https://hooks.slack.com/services/", "", "/T0/B0/x", "https://hooks.slack.com/services/T0/B0/x"),
        ("https://hooks.slack.com/services/T0/B0/x", None, None, "https://hooks.slack.com/services/T0/B0/x"),
        ("127.0.0.1:9", "http", "a", "http://127.0.0.1:9/a"),
    ],
)
def test_a_webhook_address_is_the_connections_host_and_secret(
    host: str, schema: str | None, password: str | None, url: str
) -> None:
    assert webhook_url(SimpleNamespace(host=host, schema=schema, password=password)) == url
