"""Copies the ends of DAG runs from Airflow's database into ops.pipeline_run, where the application reads them."""

from __future__ import annotations

from typing import LiteralString

from stir import connections
from stir.database import prepare
from stir.settings import Settings

_ENDED: LiteralString = """
select dag_id, run_id, state, start_date, end_date from dag_run
where state in ('success', 'failed') and end_date > now() - interval '26 hours'
"""
_KEEP: LiteralString = """
insert into ops.pipeline_run (pipeline, run_id, state, started_at, ended_at) values (%s, %s, %s, %s, %s)
on conflict (pipeline, run_id) do update
set state = excluded.state, started_at = excluded.started_at, ended_at = excluded.ended_at
"""
KEEP_DAYS = 30
"""Days until a copied run is deleted."""


def record(settings: Settings) -> int:
    """Copy the runs that ended in the last 26 hours, and delete old copies; returns how many were copied.

    A run that was cleared and ended again has its newest end. Safe to run again.

    Raises:
        StirError: no database of Airflow is configured.
        psycopg.Error: a server is away.
    """
    import psycopg

    dsn = settings.airflow_dsn().replace("postgresql+psycopg2://", "postgresql://", 1)
    with psycopg.connect(dsn, application_name="stir pipeline runs", connect_timeout=10) as airflow:
        if not connections.table_exists(airflow, "dag_run"):
            return 0
        ended = airflow.execute(_ENDED).fetchall()
    prepare(settings)
    with connections.postgres(settings) as connection, connection.cursor() as cursor:
        cursor.executemany(_KEEP, ended)
        cursor.execute("delete from ops.pipeline_run where ended_at < now() - make_interval(days => %s)", [KEEP_DAYS])
    return len(ended)
