"""`stir docs`: the dbt documentation site of this project, on this machine."""

from __future__ import annotations

import os
import subprocess

import click

from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local import environment
from stir.local.machine.ports import find_free, is_free
from stir.settings import PROJECT_DIR
from stir.transform import dbt_process

HOST = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on; without it a free one.")
def docs(port: int | None) -> None:
    """Generate dbt's documentation of every model and serve it on 127.0.0.1 until Ctrl-C. Needs no network."""
    if port is not None and not is_free(port):
        raise StirError(f"port {port} is taken", do="name another, or leave out --port")
    variables = {**os.environ, **environment(running_services(("clickhouse",)))}
    chosen = port or find_free(set())
    generate = dbt_process.command("--quiet", "docs", "generate")
    with working("reading the project and the warehouse's tables, up to a minute"):
        # What it says is shown when it fails: on Ctrl-C it would say what this process says, too.
        generated = subprocess.run(
            generate, env=variables, cwd=PROJECT_DIR, capture_output=True, text=True, check=False
        )
    if generated.returncode:
        click.echo(generated.stdout + generated.stderr, err=True)
        raise StirError("dbt could not generate the documentation", do="`./stir dbt docs generate` says more")
    click.echo(f"documentation on http://{HOST}:{chosen} (Ctrl-C stops it)")
    serve = ["--quiet", "docs", "serve", "--no-browser", "--host", HOST, "--port", str(chosen)]
    dbt_process.become_dbt(serve, variables)
