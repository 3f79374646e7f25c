"""`stir bench NAME`: runs one of the benchmarks in bench/, each with its own state folder."""

from __future__ import annotations

import os
import sys

import click

from stir.cli.checks import stop_services
from stir.cli.children import run_child
from stir.errors import StirError
from stir.settings import PROJECT_DIR, load_settings

FOLDER = PROJECT_DIR / "bench"


def names() -> dict[str, str]:
    """Benchmark name to the first line of its docstring."""
    scripts = sorted(path for path in FOLDER.glob("*.py") if path.stem != "__init__")
    return {path.stem: path.read_text().split('"""')[1].strip().splitlines()[0] for path in scripts}


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("name", required=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(name: str | None, arguments: tuple[str, ...]) -> int:
    """Run the benchmark NAME; without a name, list them. Further ARGUMENTS are its own."""
    known = names()
    if name is None:
        for each, summary in known.items():
            click.echo(f"{each:<12} {summary}")
        return 0
    if name not in known:
        raise StirError(f"there is no benchmark {name!r}", do=f"the benchmarks are: {', '.join(known)}")
    # Own services: a benchmark must not disturb the user's warehouse or profit from its caches.
    modules = os.pathsep.join(filter(None, [str(PROJECT_DIR), os.environ.get("PYTHONPATH", "")]))
    state_dir = str(load_settings().state_dir / "bench")
    variables = {**os.environ, "STIR_STATE_DIR": state_dir, "PYTHONPATH": modules}
    # -P: a benchmark has the name of what it measures, and must not shadow it on the path.
    command = [sys.executable, "-P", "-m", "stir.cli.children", str(FOLDER / f"{name}.py"), *arguments]
    try:
        return run_child(command, variables, folder=PROJECT_DIR)
    except KeyboardInterrupt:
        stop_services(variables)
        raise
