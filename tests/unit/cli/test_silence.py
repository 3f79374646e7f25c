"""No command stands silent: what may take seconds is called where something shows that it is under way."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from stir.settings import PROJECT_DIR

COMMANDS = PROJECT_DIR / "plugins" / "stir" / "cli"
ROOMS = tuple(
    f"stir.{room}"
    for room in (
        "database", "local", "operations", "provisioning", "publish", "scrape_queue", "transform", "triggers", "world",
    )
)  # fmt: skip
"""Packages whose functions ask servers, start programs or parse the project."""
SHOWN_BY = {"working", "stage", "_bars", "watching", "Report"}
"""Context managers that show what is under way: a line (working), a stage of several (Stages, Report), bars (world)."""
QUICK = {
    "base_url": "text from settings",
    "become_dbt": "dbt takes the terminal over and says itself what it does",
    "beyond": "compares numbers that are there",
    "basis_of": "reads a manifest that is there",
    "check_names": "compares words",
    "creator_days": "one count",
    "defined_at": "reads a manifest that is there",
    "environment": "text from settings",
    "examine": "a generator; each finding of it is waited for where that is shown",
    "file_lock": "refuses at once where a lock is held",
    "find_free": "tries a port",
    "find_spec": "looks a word up",
    "home": "text from settings",
    "identity": "reads a small file",
    "ignored": "compares names of variables and reads a small file",
    "is_free": "tries a port",
    "leaders": "reads the list of processes",
    "list_models": "called by a function that is called where it is shown",
    "listed": "text from the code",
    "memory": "reads the list of processes",
    "midnight": "reads the clock",
    "names_of_specs": "text from the code",
    "own_metrics": "reads a manifest that is there",
    "parse": "called by a thread that is waited for where that is shown",
    "process_environment": "text from settings",
    "read_budgets": "reads a small file",
    "read_latest_builds": "called by a function that is called where it is shown",
    "refuse_half_made": "one look at a list",
    "render": "text from a manifest that is there",
    "write_private": "writes a small file",
}
"""Functions of those packages that answer at once, and why."""


def silent_calls(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each call into ROOMS that stands in no context of SHOWN_BY."""
    tree = ast.parse(source)
    imported = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOMS)
        for alias in node.names
        if alias.name[0].islower()
    }

    def look(node: ast.AST, shown: bool) -> Iterator[tuple[int, str]]:
        if isinstance(node, ast.With):
            calls = [each for item in node.items for each in ast.walk(item.context_expr) if isinstance(each, ast.Call)]
            shown = shown or any(_name(call.func)[-1] in SHOWN_BY for call in calls)
        if isinstance(node, ast.Call) and not shown:
            path = _name(node.func)
            if path[0] in imported:
                yield node.lineno, path[-1]
        for child in ast.iter_child_nodes(node):
            yield from look(child, shown)

    yield from look(tree, False)


def _name(function: ast.expr) -> list[str]:
    """`a.b` as its parts; a lone empty part of anything else."""
    if isinstance(function, ast.Attribute):
        return [*_name(function.value), function.attr]
    return [function.id if isinstance(function, ast.Name) else ""]


def found() -> Iterator[tuple[Path, int, str]]:
    for path in sorted(COMMANDS.glob("*.py")):
        for line, name in silent_calls(path.read_text(encoding="utf-8")):
            yield path, line, name


def test_whatever_may_take_seconds_is_called_where_it_is_shown() -> None:
    silent = [f"{path.name}:{line} calls {name}" for path, line, name in found() if name not in QUICK]

    assert silent == [], "call it within working(...) of stir.cli.working, or say in QUICK why it answers at once"


def test_no_reason_stands_for_nothing() -> None:
    assert set(QUICK) - {name for _, _, name in found()} == set()


def test_a_silent_call_would_be_noticed() -> None:
    shown = "from stir.publish import publish\nwith working('publishing'):\n    publish(settings)\n"
    silent = "from stir.publish import publish\nwith console:\n    publish(settings)\n"

    assert list(silent_calls(shown)) == []
    assert list(silent_calls(silent)) == [(3, "publish")]
