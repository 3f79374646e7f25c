"""Sends alerts to the Slack channel of their tier, if Airflow has a connection for it, and always to the log.

Connections are Airflow's, by the first name that exists: `slack_tier1` (2, 3), then `slack`. For example
`AIRFLOW_CONN_SLACK_TIER1='{"conn_type": "slackwebhook", "host": "hooks.slack.com/services", "password": "T0/B0/x"}'`.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stir.settings import load_settings

log = logging.getLogger("stir.alerts")

SEND_SECONDS = 10


@dataclass(frozen=True)
class Alert:
    """One problem that somebody has to know about.

    Attributes:
        subject: the DAG or check. tier: 1 wakes somebody, 3 waits until the morning.
        what: the problem in one line. owner: the team that has to act. link: a page about it; may be empty.
    """

    subject: str
    tier: int
    what: str
    owner: str = ""
    link: str = ""

    @property
    def text(self) -> str:
        """The alert in one line."""
        owner = f" · owner {self.owner}" if self.owner else ""
        link = f" · {self.link}" if self.link else ""
        return f"[tier {self.tier}] {self.subject}: {self.what}{owner}{link}"


def alert_log() -> Path:
    """The file that keeps every alert, one JSON object a line."""
    return load_settings().state_dir / "logs" / "alerts.log"


def notify(alert: Alert) -> list[str]:
    """Send `alert` through every channel; returns the channels that worked. A failure is logged and not raised."""
    log.error(alert.text)
    ways = ["log"]
    path = alert_log()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"at": datetime.now(UTC).isoformat(timespec="seconds"), **asdict(alert)}) + "\n")
    for name in (f"slack_tier{alert.tier}", "slack"):
        connection = _connection(name)
        if connection is not None:
            try:
                _post(webhook_url(connection), alert.text)
                ways.append(name)
            except Exception as error:
                # A webhook's address is a secret, and the client quotes it in errors: only the class is logged.
                log.error("The alert did not reach %s: %s", name, type(error).__name__)
            break
    return ways


def webhook_url(connection: Any) -> str:
    """The address of a Slack webhook connection: its host, and the token that is kept as its password."""
    host = str(connection.host or "")
    if "://" not in host:
        host = f"{connection.schema or 'https'}://{host}"
    return "/".join(part.strip("/") for part in (host, connection.password or "") if part)


def _connection(name: str) -> Any | None:
    from airflow.sdk import Connection

    try:
        return Connection.get(name)
    except Exception:  # not found, or Airflow cannot be asked in this process: the log has the alert
        return None


def _post(url: str, text: str) -> None:
    import httpx

    httpx.post(url, json={"text": text}, timeout=SEND_SECONDS).raise_for_status()
