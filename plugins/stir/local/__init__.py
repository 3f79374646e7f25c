"""Fetches, configures, starts and stops the embedded services: ClickHouse, PostgreSQL, S3, the broker, Airflow."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from stir.local.environment import environment
from stir.local.supervisor import SERVICES, Outcome, Supervisor
from stir.settings import Settings

__all__ = ["SERVICES", "Outcome", "Supervisor", "ensure_services", "environment", "stop_services"]


def ensure_services(settings: Settings, names: Iterable[str] | None = None) -> Settings:
    """Start the services that are not healthy, by default those that this checkout uses; returns the settings with the
    current addresses.

    Raises:
        StirError: a service cannot be started, or the user's own server cannot be used.
    """
    supervisor = Supervisor(settings, say=lambda line: print(line, file=sys.stderr))
    supervisor.ensure(names)
    return supervisor.settings()


def stop_services(settings: Settings, names: Iterable[str] = tuple(SERVICES)) -> list[str]:
    """Stop the embedded services of this checkout; returns the names of those that ran."""
    return Supervisor(settings).stop(names)
