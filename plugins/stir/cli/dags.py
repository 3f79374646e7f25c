"""`stir dags`: lists the DAGs of this project, and writes docs/dags.md and models/exposures/."""

from __future__ import annotations

import contextlib
import io
import logging
import os
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from stir.cli.working import working
from stir.errors import StirError
from stir.settings import PROJECT_DIR, load_settings


def load_dags() -> dict[str, Any]:
    """Every DAG as Airflow loads it, without its database.

    Raises:
        StirError: a DAG file does not load.
    """
    from stir.local import environment

    settings = load_settings()
    os.environ.update(environment(settings, server=settings.clickhouse_url is not None))
    logging.disable(logging.INFO)
    # Airflow logs to standard output, which must hold only the list.
    with contextlib.redirect_stdout(io.StringIO()):
        from airflow.dag_processing.dagbag import DagBag

        bag = DagBag(str(PROJECT_DIR / "dags"))
    for path, error in bag.import_errors.items():
        raise StirError(str(error).strip().splitlines()[-1], where=str(path), do="correct the file")
    return dict(bag.dags)


@click.command()
@click.argument("word", required=False, default="")
@click.option("--write", is_flag=True, help="Rewrite docs/dags.md and models/exposures/ from the DAG files.")
def dags(word: str, write: bool) -> None:
    """List the DAGs with WORD in their id: schedule, owner and what they wait for.

    --write writes what is made from the DAG files: docs/dags.md, and the exposures that say which DAG reads what.
    """
    with working("loading the DAG files"):
        loaded = load_dags()
    from stir.dags import exposures
    from stir.dags.dag_index import PAGE, render, schedule_of, waits_for

    if write:
        texts = {PAGE: render(loaded), **exposures.render(loaded)}
        for old in set(exposures.FOLDER.glob("*_dags.yml")) - texts.keys():
            old.unlink()
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            click.echo(f"wrote {path.relative_to(PROJECT_DIR)}")
        return
    found = [dag for name, dag in sorted(loaded.items()) if word in name]
    if not found:
        raise StirError(f"no DAG has {word!r} in its id", do="`./stir dags` lists them all")
    table = Table("DAG", "schedule (UTC)", "waits for", "tags")
    for dag in found:
        table.add_row(dag.dag_id, schedule_of(dag).strip("`"), ", ".join(waits_for(dag)), ", ".join(sorted(dag.tags)))
    Console().print(table)
