"""What `dbt --vars` may give to this project, checked before dbt parses: one line in place of dbt's own errors.

dbt takes any name, so that a misspelt one changes nothing, and any value, which fails in a macro or in ClickHouse.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import yaml

from stir.errors import StirError
from stir.moments import moment_fault
from stir.settings import PROJECT_DIR

_LARGEST = 2**31 - 1


class _Loader(yaml.SafeLoader):
    """A moment stays the text that it is, also where it is no moment."""


def _as_text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _as_text)


def check_variables(arguments: Sequence[str]) -> None:
    """Raises:
    StirError: a value of --vars cannot be what this project asks for; the line names it.
    """
    given = _option(arguments, "--vars")
    # Another project has variables of its own.
    project = _option(arguments, "--project-dir") or os.environ.get("DBT_PROJECT_DIR") or os.curdir
    if given is None or Path(project).resolve() != PROJECT_DIR:
        return
    fault = variables_fault(given, declared_variables())
    if fault:
        raise StirError(
            fault, where="dbt --vars", do="write --vars '{as_of: 2026-06-15}'; dbt_project.yml lists the variables"
        )


@cache
def declared_variables() -> dict[str, Any]:
    """The variables of this project with the values that they have unless others are given."""
    project: dict[str, Any] = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8"))
    return dict(project["vars"])


def variables_fault(text: str, declared: Mapping[str, Any]) -> str:
    """The reason why a text gives no values to the declared variables; empty if it does."""
    try:
        given = yaml.load(text, _Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return f"it is not YAML ({str(error).splitlines()[0]})"
    if not isinstance(given, dict):
        return f"it holds {_kind(given)} in place of names with values"
    for name, value in given.items():
        if name not in declared:
            near = difflib.get_close_matches(str(name), declared, 1)
            return f"there is no variable {name!r}" + (f"; the nearest is {near[0]}" if near else "")
        fault = _value_fault(name, value, declared[name])
        if fault:
            return f"{name}: {fault}"
    return ""


def _value_fault(name: str, value: Any, usual: Any) -> str:
    if name in _OWN:
        return _OWN[name](value)
    if isinstance(usual, list):
        fits = isinstance(value, list) and all(isinstance(each, str) and each for each in value)
        return "" if fits else f"{value!r} is not a list of texts"
    if isinstance(usual, float):
        fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
        return "" if fits else f"{value!r} is not a number from 0 to 1"
    if isinstance(usual, int):
        fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
        return "" if fits else f"{value!r} is not a whole number from 0 to {_LARGEST}"
    return "" if isinstance(value, str) and value else f"{value!r} is not a text"


def _as_of_fault(value: Any) -> str:
    return "" if value is None else moment_fault(str(value))


def _month_fault(value: Any) -> str:
    if value is None:
        return ""
    text = str(value)
    fault = moment_fault(text)
    is_first = re.fullmatch(r"[0-9]{4}-[0-9]{2}-01", text)
    return fault or ("" if is_first else f"{text!r} is not the first day of a month: write 2026-06-01")


def _time_zone_fault(value: Any) -> str:
    return "" if str(value) in available_timezones() else f"{value!r} is not a time zone, such as UTC or Asia/Kolkata"


_OWN = {"as_of": _as_of_fault, "reopen_month": _month_fault, "time_zone": _time_zone_fault}
"""Variables whose default does not say what they may be."""


def _kind(value: Any) -> str:
    kinds = {"NoneType": "nothing", "list": "a list", "str": "a text"}
    return kinds.get(type(value).__name__, f"a {type(value).__name__}")


def _option(arguments: Sequence[str], name: str) -> str | None:
    """The last value of an option of the command line, as dbt takes it."""
    found = None
    for number, argument in enumerate(arguments):
        if argument == name and number + 1 < len(arguments):
            found = arguments[number + 1]
        elif argument.startswith(f"{name}="):
            found = argument.partition("=")[2]
    return found
