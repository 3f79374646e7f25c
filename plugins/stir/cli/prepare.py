"""`stir prepare`: creates what stir needs on your own servers."""

from __future__ import annotations

import click
from rich.console import Console

from stir.cli.working import working
from stir.database import prepare_all
from stir.local.airflow import processes
from stir.local.airflow.config import home, layout
from stir.provisioning import permissions, roles
from stir.provisioning.bucket import ensure_bucket
from stir.settings import load_settings
from stir.transform.project import parse

err = Console(stderr=True, highlight=False)


@click.command()
def prepare() -> None:
    """Create what stir needs on the servers that the STIR_*_URL variables name.

    That is roles, databases, stir's own tables, the bucket and Airflow's metadata. For your own servers, such as
    those of docker-compose.yml; `./stir up` does it for the embedded ones. Needs STIR_POSTGRES_ADMIN_URL, a PostgreSQL
    role that may create roles and databases. In the end it tries what each role must be able to do. Safe to run again.
    """
    settings = load_settings()
    with working("PostgreSQL"):
        roles.ensure(roles.configured(settings), where="STIR_POSTGRES_ADMIN_URL")
    err.print("✓ PostgreSQL: roles and databases")
    with working("PostgreSQL: stir's own tables"):
        applied = list(prepare_all(settings))
    for database, files in applied:
        done = f"{len(files)} migrations of stir's own tables applied" if files else "stir's own tables exist"
        err.print(f"✓ PostgreSQL, {database}: {done}")
    with working("S3"):
        made = ensure_bucket(settings)
    err.print(f"✓ S3: bucket {settings.s3.path} {'created' if made else 'exists'}")
    with working("Airflow: metadata, pools and the dbt project"):
        layout(settings).create()
        home(settings).mkdir(mode=0o700, exist_ok=True)
        processes.migrate(settings, processes.process_environment(settings))
        processes.import_pools(settings)
        parse(settings)
    err.print("✓ Airflow: metadata, pools and the parsed dbt project")
    for check in (check for check in permissions.CHECKS if check.applies(settings)):
        with working(check.title):
            shown = check.test(settings)
        err.print(f"✓ {check.title}: {shown}")
