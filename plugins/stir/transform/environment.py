"""The environment variables that dbt needs: addresses, folders and limits, without Airflow's."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from stir.settings import PROJECT_DIR, Settings


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Variables that connect dbt to this checkout's warehouse. They contain passwords. No file is read or written."""
    clickhouse = settings.clickhouse
    values = {
        "STIR_CLICKHOUSE_HOST": clickhouse.host,
        "STIR_CLICKHOUSE_PORT": str(clickhouse.port),
        "STIR_CLICKHOUSE_USER": clickhouse.user,
        "STIR_CLICKHOUSE_PASSWORD": clickhouse.password,
        "STIR_CLICKHOUSE_SECURE": str(clickhouse.secure).lower(),
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
    return values


def _text(value: object) -> str:
    """A setting as text: secrets as plain text, paths as absolute paths."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.absolute() if isinstance(value, Path) else value)
