"""The environment variables that dbt needs: addresses, folders and limits, without Airflow's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import SecretStr

from stir.settings import PROJECT_DIR, Settings

NO_SERVER: Mapping[str, str] = MappingProxyType(
    {
        "STIR_CLICKHOUSE_HOST": "127.0.0.1",
        "STIR_CLICKHOUSE_PORT": "1",
        "STIR_CLICKHOUSE_USER": "nobody",
        "STIR_CLICKHOUSE_PASSWORD": "",
        "STIR_CLICKHOUSE_THREADS": "1",
        "STIR_CLICKHOUSE_QUERY_MEMORY": "100000000",
    }
)
"""Variables that the profile needs although parsing opens no connection. Their values do not change a manifest, and are
such as the settings accept, because dbt's process reads those, too."""


def dbt_environment(settings: Settings, *, server: bool = True) -> dict[str, str]:
    """Variables that connect dbt to this checkout's warehouse. They contain passwords. No file is read or written.

    Without `server` they suffice for a command that opens no connection.
    """
    values = {
        "DBT_PROFILES_DIR": str(PROJECT_DIR / "profiles"),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(settings.state_dir.absolute() / "dbt" / "target"),
        "DBT_LOG_PATH": str(settings.state_dir.absolute() / "dbt" / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        # The one before is overruled by an option of the command line; a dbt that reports leaves profiles/.user.yml.
        "DO_NOT_TRACK": "1",
    }
    for field in Settings.model_fields:
        value = getattr(settings, field)
        if value is not None:
            values[f"STIR_{field.upper()}"] = _text(value)
    return {**values, **(_address(settings) if server else NO_SERVER)}


def _address(settings: Settings) -> dict[str, str]:
    clickhouse = settings.clickhouse
    return {
        "STIR_CLICKHOUSE_HOST": clickhouse.host,
        "STIR_CLICKHOUSE_PORT": str(clickhouse.port),
        "STIR_CLICKHOUSE_USER": clickhouse.user,
        "STIR_CLICKHOUSE_PASSWORD": clickhouse.password,
        "STIR_CLICKHOUSE_SECURE": str(clickhouse.secure).lower(),
    }


def _text(value: object) -> str:
    """A setting as text: secrets as plain text, paths as absolute paths."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.absolute() if isinstance(value, Path) else value)
