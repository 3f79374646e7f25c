"""Finds what is meant as a setting and is ignored: misspelt `STIR_*` variables, and lines of .env that say nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dotenv.parser import parse_stream

from stir.collector.settings import CollectorSettings
from stir.settings import Settings

PREFIX = "STIR_"
OF_AIRFLOW = "STIR_AIRFLOW__"
"""`STIR_AIRFLOW__SECTION__KEY` is Airflow's setting, whatever it is."""
OTHERS = frozenset(
    PREFIX + name
    for name in (
        # The command itself.
        *("VENV", "ENV_FILE", "DEBUG", "VARIABLES_CHECKED", "TEST_RUN", "YOUTUBE_KEY", "BENCH_SOURCE_URL"),
        # dbt's profile and models.
        *("DBT_TARGET", "DBT_ENDS_WITH_PARENT", "BACKFILL", "LOOK_BACK_HOURS"),
        *(f"CLICKHOUSE_{what}" for what in ("HOST", "PORT", "USER", "PASSWORD", "SECURE", "CLUSTER")),
        # The compose files and their containers.
        *("AIRFLOW_STATSD", "APP_TOKEN", "BROKER_PASSWORD", "CELERY_PASSWORD", "GRAFANA_PASSWORD"),
        *("CLICKHOUSE_CLUSTER_SECRET", "DOOR_CLIENTS_FILE", "REPLICA", "SHARD"),
        *("S3_BUCKET_URL", "S3_KEY", "S3_SECRET"),
        *(f"CLICKHOUSE_{role}_PASSWORD" for role in ("WRITER", "READER", "SCORER")),
        *(f"POSTGRES_{role}_PASSWORD" for role in ("ADMIN", "AIRFLOW", "BEAT", "READER", "WRITER")),
    )
)
"""Variables that are read somewhere and are no fields of the settings."""


def known() -> frozenset[str]:
    """Every variable that means something."""
    fields = (*Settings.model_fields, *CollectorSettings.model_fields)
    return OTHERS | {f"{PREFIX}{field.upper()}" for field in fields}


def ignored(environment: Mapping[str, str], env_file: Path) -> Iterator[str]:
    """One line for each variable, and each line of the file, that is ignored. No line holds a value."""
    names = [name for name in environment if name.startswith(PREFIX)]
    if env_file.is_file():
        with env_file.open(encoding="utf-8", errors="replace") as lines:
            for binding in parse_stream(lines):
                if binding.error:
                    yield f"line {binding.original.line} of {env_file} is no NAME=value and is ignored"
                elif binding.key and binding.key.upper().startswith(PREFIX):
                    names.append(binding.key.upper())
    means_something = known()
    for name in dict.fromkeys(names):
        if name not in means_something and not name.startswith(OF_AIRFLOW):
            near = difflib.get_close_matches(name, means_something, n=1)
            yield f"{name} is no setting and is ignored" + (f"; did you mean {near[0]}?" if near else "")
