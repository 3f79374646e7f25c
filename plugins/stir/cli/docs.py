"""`stir docs`: the documentation site of this project and dbt's own, served together on this machine."""

from __future__ import annotations

import logging
import os
import shutil
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import click

from stir.cli import docs_pages
from stir.cli.working import running_services, working
from stir.errors import StirError
from stir.local import environment
from stir.local.machine.ports import find_free, is_free
from stir.settings import PROJECT_DIR, load_settings
from stir.transform.runner import run_dbt_command

HOST = "127.0.0.1"
DBT_FILES = ("index.html", "manifest.json", "catalog.json")
"""What dbt's site consists of, in dbt's target folder."""


class _Handler(SimpleHTTPRequestHandler):
    """Serves files and logs no request."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the terminal shows the address and stays quiet."""


def build_pages(folder: Path, config_file: Path = PROJECT_DIR / "mkdocs.yml") -> None:
    """Build the pages of docs/ into the folder.

    Raises:
        StirError: a link or an entry of the nav leads nowhere, or mkdocs is not installed.
    """
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # an announcement of the theme's authors
    try:
        from mkdocs.commands.build import build
        from mkdocs.config import load_config
        from mkdocs.exceptions import MkDocsException
    except ImportError:
        raise StirError(
            "mkdocs is not installed", do="run `./stir docs` in a checkout: the production image has no mkdocs"
        ) from None
    problems: list[str] = []
    collector = logging.Handler(logging.WARNING)
    collector.emit = lambda record: problems.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("mkdocs")
    logger.addHandler(collector)
    try:
        config = load_config(str(config_file), site_dir=str(folder), strict=True)
        build(config)
    except MkDocsException as error:
        raise StirError(f"the pages of docs/ could not be built: {'; '.join(problems) or error}") from error
    finally:
        logger.removeHandler(collector)


def build_dbt_site(folder: Path) -> None:
    """Let dbt describe the project and the warehouse, and copy its site into the folder.

    Raises:
        StirError: dbt failed.
    """
    settings = running_services(("clickhouse",))
    with working("reading the project and the warehouse's tables, up to a minute"):
        # Airflow's address is in the local environment: exposures link to the DAGs.
        target = ("--target-path", str(folder.with_name("docs-dbt")))
        run_dbt_command(settings, "docs", "generate", *target, variables=environment(settings))
    folder.mkdir(parents=True, exist_ok=True)
    for name in DBT_FILES:
        shutil.copyfile(folder.with_name("docs-dbt") / name, folder / name)


def serve(folder: Path, port: int) -> None:
    """Serve the folder on 127.0.0.1 until Ctrl-C."""
    with ThreadingHTTPServer((HOST, port), partial(_Handler, directory=str(folder))) as server:
        click.echo(f"documentation on http://{HOST}:{port}, dbt's on http://{HOST}:{port}/dbt/ (Ctrl-C stops it)")
        server.serve_forever()


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on. By default a free one is chosen.")
@click.option("--write", is_flag=True, help="Write the tables of layers and of flows into docs/, and stop.")
def docs(port: int | None, write: bool) -> None:
    """Build the documentation site and dbt's documentation of every model, and serve both on 127.0.0.1 until Ctrl-C.

    Needs no network.
    """
    if write:
        from stir.cli import collect_page

        page = docs_pages.LAYERS_FILE.read_text()
        docs_pages.LAYERS_FILE.write_text(docs_pages.with_layers(page))
        collect_page.FILE.write_text(collect_page.with_flows(collect_page.FILE.read_text()))
        return
    if port is not None and not is_free(port):
        raise StirError(f"port {port} is taken", do="choose another port, or omit --port")
    folder = load_settings().state_dir / "docs"
    with working("building the pages of docs/"):
        build_pages(folder)
    build_dbt_site(folder / "dbt")
    serve(folder, port or find_free(set()))
