"""The samples of each part, read from the records of stir and Airflow. Nothing is written for the metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import LiteralString

from stir import connections
from stir.clock import now
from stir.connections import Target
from stir.observability.families import Sample
from stir.operations.freshness import look
from stir.publish.data_age import moments
from stir.settings import Settings
from stir.transform.costs import read_latest_builds

_LIVE: LiteralString = """
select distinct on (table_name)
    table_name, generation, rows, bytes, extract(epoch from published_at)::float8, coalesce(manifest -> 'feeds', '{}')
from stir.generation order by table_name, generation desc
"""
_OUTCOMES: LiteralString = """
select table_name, coalesce(outcome, ''), count(*) from stir.run where ended_at is not null group by 1, 2
"""
_RUNNING: LiteralString = "select table_name, count(*) filter (where ended_at is null) from stir.run group by 1"
_LATEST: LiteralString = """
select distinct on (table_name)
    table_name, outcome, extract(epoch from ended_at - started_at)::float8, extract(epoch from ended_at)::float8
from stir.run where ended_at is not null and outcome <> 'trial' order by table_name, ended_at desc
"""


def publishing(settings: Settings, target: Target) -> Iterator[Sample]:
    """Generations, runs and the age of the data, of every table that was ever published to a target."""
    with connections.postgres(settings, target=target) as connection:
        if not connections.table_exists(connection, "stir.generation"):
            return
        for table, generation, rows, size, swapped, feeds in connection.execute(_LIVE):
            of = (table, target)
            yield Sample("stir_publish_generation", of, generation)
            yield Sample("stir_publish_rows", of, rows)
            yield Sample("stir_publish_bytes", of, size)
            yield Sample("stir_publish_swapped_timestamp_seconds", of, swapped)
            ages = {feed: (now(settings) - newest).total_seconds() for feed, newest in sorted(moments(feeds).items())}
            yield from (Sample("stir_published_feed_age_seconds", (*of, feed), age) for feed, age in ages.items())
            if ages:
                yield Sample("stir_published_data_age_seconds", of, max(ages.values()))
        for table, outcome, count in connection.execute(_OUTCOMES):
            yield Sample("stir_publish_runs_total", (table, target, outcome), count)
        for table, count in connection.execute(_RUNNING):
            yield Sample("stir_publish_running", (table, target), count)
        for table, outcome, seconds, ended in connection.execute(_LATEST):
            of = (table, target)
            yield Sample("stir_publish_last_run_failed", of, outcome == "failed")
            yield Sample("stir_publish_last_run_seconds", of, seconds)
            yield Sample("stir_publish_last_run_timestamp_seconds", of, ended)


def freshness(settings: Settings) -> Iterator[Sample]:
    """The age of each thing and its freshness target."""
    for reading in look(settings).readings:
        promise = reading.promise
        of = (promise.kind, promise.name, str(promise.tier))
        if reading.age is not None:
            yield Sample("stir_freshness_age_seconds", of, reading.age.total_seconds())
        yield Sample("stir_freshness_limit_seconds", of, promise.within.total_seconds())
        yield Sample("stir_freshness_kept", of, reading.kept)


def models(settings: Settings) -> Iterator[Sample]:
    """The cost of the latest build of each model, as far back as ClickHouse's query log goes."""
    with connections.clickhouse(settings) as client:
        costs = read_latest_builds(client, settings.clickhouse_database)
    for model, cost in sorted(costs.items()):
        yield Sample("stir_dbt_model_seconds", (model,), cost.seconds)
        yield Sample("stir_dbt_model_rows", (model,), cost.written_rows)
        yield Sample("stir_dbt_model_read_rows", (model,), cost.read_rows)
        yield Sample("stir_dbt_model_memory_bytes", (model,), cost.memory)
        yield Sample("stir_dbt_model_failed", (model,), cost.failed)
        yield Sample("stir_dbt_model_ended_timestamp_seconds", (model,), cost.ended)


_FINISHED: LiteralString = """
select distinct on (dag_id)
    dag_id, state, extract(epoch from end_date - start_date)::float8, extract(epoch from end_date)::float8
from dag_run where end_date is not null and start_date is not null order by dag_id, end_date desc
"""
_UNFINISHED: LiteralString = "select dag_id, state, count(*) from dag_run where end_date is null group by 1, 2"
_HEARTBEATS: LiteralString = """
select job_type, extract(epoch from now() - max(latest_heartbeat))::float8 from job
where job_type in ('SchedulerJob', 'DagProcessorJob', 'TriggererJob') and state = 'running' group by 1
"""


def airflow(settings: Settings) -> Iterator[Sample]:
    """Runs and heartbeats, from Airflow's metadata database; empty before the first start of Airflow."""
    import psycopg

    dsn = settings.airflow_dsn().replace("postgresql+psycopg2://", "postgresql://", 1)
    with psycopg.connect(dsn, application_name="stir exporter", connect_timeout=10) as connection:
        if not connections.table_exists(connection, "dag_run"):
            return
        for dag_id, state, seconds, ended in connection.execute(_FINISHED):
            yield Sample("stir_airflow_dag_run_failed", (dag_id,), state == "failed")
            yield Sample("stir_airflow_dag_run_seconds", (dag_id,), seconds)
            yield Sample("stir_airflow_dag_run_ended_timestamp_seconds", (dag_id,), ended)
        for dag_id, state, count in connection.execute(_UNFINISHED):
            yield Sample("stir_airflow_dag_runs", (dag_id, state), count)
        for job, age in connection.execute(_HEARTBEATS):
            yield Sample("stir_airflow_heartbeat_age_seconds", (job,), age)


def parts(settings: Settings) -> Mapping[str, Callable[[], Iterator[Sample]]]:
    """The parts whose servers are configured, by their name in `stir_read_ok`."""
    found: dict[str, Callable[[], Iterator[Sample]]] = {
        "publish_prod": lambda: publishing(settings, "prod"),
        "freshness": lambda: freshness(settings),
        "dbt": lambda: models(settings),
    }
    if settings.postgres_staging_url:
        found["publish_staging"] = lambda: publishing(settings, "staging")
    if settings.airflow_database_url:
        found["airflow"] = lambda: airflow(settings)
    return found
