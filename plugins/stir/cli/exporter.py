"""`stir exporter`: metrics of builds, publishing, freshness and Airflow for Prometheus."""

from __future__ import annotations

import click

from stir.addresses import LOOPBACK
from stir.settings import load_settings


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=9464, show_default=True, help="Port to serve on.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; metrics hold no secrets.")
@click.option("--once", is_flag=True, help="Print the metrics once and exit, for a textfile collector.")
def exporter(port: int, host: str, once: bool) -> None:
    """Serve metrics for Prometheus at /metrics until Ctrl-C: dbt models, publishing, freshness, Airflow.

    Each scrape reads PostgreSQL and ClickHouse. A server that does not answer is a metric (stir_read_ok 0), no error.
    """
    from stir.observability import exporter as served

    settings = load_settings()
    if once:
        click.echo(served.exposition(settings), nl=False)
        return
    thread = served.serve(settings, host, port)
    click.echo(f"metrics on http://{host}:{port}/metrics (Ctrl-C stops it)")
    thread.join()
