"""`stir warehouse`: warehouses beside each other, each with servers, source tables and published tables of its own.

The databases of the source tables have fixed names, which dbt's sources, the publisher and the contracts share. A
second warehouse is therefore a second state folder with servers of its own, and not a prefix of names
(docs/decisions/0056-your-own-numbers.md).
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.table import Table

from stir.errors import StirError

if TYPE_CHECKING:
    from stir.settings import Settings

DEFAULT = "default"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_out = Console(highlight=False, soft_wrap=True)


def home() -> Path:
    """The state folder of the default warehouse, which holds the others."""
    return Path(__file__).resolve().parents[3] / ".stir"


def chosen(root: Path | None = None) -> str:
    """The name of the warehouse that commands work on."""
    try:
        name = ((root or home()) / "warehouse").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return DEFAULT
    return name if _NAME.fullmatch(name) and folder(name, root).is_dir() else DEFAULT


def folder(name: str, root: Path | None = None) -> Path:
    """The state folder of a warehouse."""
    return (root or home()) if name == DEFAULT else (root or home()) / "warehouses" / name


def apply_choice() -> None:
    """Let this process and those that it starts work on the chosen warehouse. STIR_STATE_DIR goes before the choice."""
    if not os.environ.get("STIR_STATE_DIR") and (name := chosen()) != DEFAULT:
        os.environ["STIR_STATE_DIR"] = str(folder(name))


@click.group()
def warehouse() -> None:
    """Make an empty warehouse beside this one, and choose between them.

    The synthetic world may be in one, your own numbers in another.
    """


@warehouse.command()
@click.argument("name")
def new(name: str) -> None:
    """Make an empty warehouse and choose it: servers of its own, and the source tables without rows."""
    from stir import connections
    from stir.cli.working import running_services, working
    from stir.sources.preparation import ensure_tables

    if not _NAME.fullmatch(name) or name == DEFAULT:
        raise StirError(f"{name!r} cannot be the name of a warehouse", do="give small letters and digits, as in mine")
    _refuse_own_servers()
    if folder(name).exists():
        raise StirError(f"the warehouse {name} exists", do=f"choose it with `./stir warehouse use {name}`")
    folder(name).mkdir(parents=True, mode=0o700)
    os.environ["STIR_STATE_DIR"] = str(folder(name))
    settings = running_services()
    with working("creating the source tables"), connections.clickhouse(settings) as client:
        count = ensure_tables(client)
    _choose(name)
    _out.print(f"warehouse {name}: {count} empty source tables; commands work on it from now on")
    _out.print(
        "next: `./stir load posts FILE` or `./stir load channels FILE`, `./stir dbt build`, `./stir publish --all`"
    )
    _out.print("back to the other one: `./stir warehouse use default`")


@warehouse.command("list")
def list_warehouses() -> None:
    """List the warehouses, and which one commands work on."""
    table = Table("warehouse", "chosen", "servers", "folder", box=box.SIMPLE_HEAD)
    inside = home() / "warehouses"
    names = sorted(each.name for each in inside.iterdir() if each.is_dir()) if inside.is_dir() else []
    current = os.environ.get("STIR_STATE_DIR")
    for name in (DEFAULT, *names):
        is_chosen = Path(current).resolve() == folder(name).resolve() if current else name == chosen()
        table.add_row(name, "yes" if is_chosen else "", "run" if _runs(folder(name)) else "stopped", str(folder(name)))
    _out.print(table)


@warehouse.command()
@click.argument("name")
def use(name: str) -> None:
    """Choose the warehouse that commands work on. What runs already, as Airflow, stays with its own."""
    _require(name)
    _choose(name)
    _out.print(f"commands work on the warehouse {name} from now on; its servers start when they are needed")


@warehouse.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def drop(name: str, yes: bool) -> None:
    """Stop the servers of a warehouse and delete it with all its rows."""
    from stir.cli.working import working
    from stir.local import stop_services
    from stir.local.airflow import processes

    if name == DEFAULT:
        raise StirError("the default warehouse cannot be dropped", do="`./stir world make --replace` empties it")
    _require(name)
    if not yes:
        click.confirm(f"Delete the warehouse {name} with everything in it?", abort=True)
    settings = _settings_of(name)
    with working("stopping its servers"):
        processes.stop(settings)
        stop_services(settings)
    if chosen() == name:
        _choose(DEFAULT)
    shutil.rmtree(folder(name))
    _out.print(f"the warehouse {name} is deleted")


def _require(name: str) -> None:
    if name != DEFAULT and not (_NAME.fullmatch(name) and folder(name).is_dir()):
        raise StirError(f"there is no warehouse {name!r}", do="`./stir warehouse list` shows them; `new` makes one")


def _choose(name: str) -> None:
    home().mkdir(parents=True, exist_ok=True)
    (home() / "warehouse").write_text(f"{name}\n", encoding="utf-8")


def _refuse_own_servers() -> None:
    """Raises:
    StirError: the settings name servers of the user's own, on which a second warehouse would have the same names.
    """
    from dotenv import dotenv_values

    from stir.addresses import SERVERS
    from stir.settings import env_files

    given = {**dotenv_values(env_files(home())[1]), **os.environ}
    for first, *_ in SERVERS.values():
        if given.get(variable := f"STIR_{first.upper()}"):
            raise StirError(
                "a second warehouse needs servers of its own, and this checkout uses yours",
                where=variable,
                do="set the STIR_*_URL variables to other servers and run `./stir prepare`",
            )


def _settings_of(name: str) -> Settings:
    from stir.settings import load_settings

    os.environ["STIR_STATE_DIR"] = str(folder(name))
    return load_settings()


def _runs(state_dir: Path) -> bool:
    """Whether the servers of a state folder run."""
    from stir.local import Supervisor
    from stir.settings import load_settings

    settings = load_settings().model_copy(update={"state_dir": state_dir})
    return Supervisor(settings).service("clickhouse").process() is not None
