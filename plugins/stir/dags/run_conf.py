"""Checks the `conf` of a run: only params of its DAG, and none that would be ignored, however the run is started.

Airflow checks the values of params but accepts any other key, so `{"dry_run": true}` for a DAG without that param
started a real run. Every way to start a run (API, form, `airflow dags trigger`, `airflow dags test`, backfill,
materialisation) merges its conf into the DAG's serialised params before anything is written; `install` makes that merge
refuse unknown keys and contradictions. It raises the error that Airflow raises for a wrong value, so each way reports
it as usual.
`at_start` checks again when a task begins, for conf from another installation or `airflow tasks test --task-params`.
Decision 0028.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import wraps
from types import TracebackType
from typing import Any

AIRFLOWS_OWN = frozenset({"airflow/task_span_detail_level"})
"""Keys of a conf that Airflow reads itself."""
STARTS_RUN = {("dags", "trigger"), ("dags", "test"), ("tasks", "test"), ("backfill", "create")}
"""Commands of Airflow that take a conf."""


def complaint(given: Iterable[str], known: Collection[str]) -> str:
    """One line about unknown keys; empty if all are known."""
    unknown = sorted(set(given) - set(known) - AIRFLOWS_OWN)
    if not unknown:
        return ""
    what = f"unknown {'key' if len(unknown) == 1 else 'keys'} in the run's conf: {', '.join(map(repr, unknown))}"
    takes = f"this DAG takes {', '.join(sorted(known))}" if known else "this DAG takes no conf"
    return f"{what}; {takes}. Nothing was done."


def contradiction(values: Mapping[str, Any]) -> str:
    """One line about params that are known but do not fit together; empty if they do.

    `values` are all params of a run, the defaults included. What would be ignored is refused: a run with
    `rebuild_from` but without `rebuild` would build the present.
    """
    first, last = values.get("rebuild_from"), values.get("rebuild_to")
    why = ""
    if (first or last) and not values.get("rebuild"):
        why = "rebuild_from and rebuild_to are for runs with rebuild: true"
    elif bool(first) != bool(last):
        why = "a run by hand that rebuilds needs both rebuild_from and rebuild_to"
    elif first and last and str(first) > str(last):
        why = f"rebuild_from {first} is after rebuild_to {last}"
    elif values.get("rebuild") and values.get("full_refresh"):
        why = "rebuild and full_refresh exclude each other: the one builds days, the other everything"
    return f"{why}. Nothing was done." if why else ""


def install() -> None:
    """Make Airflow refuse such a conf in this process, and let its commands end with one line about them."""
    from airflow.exceptions import ParamValidationError
    from airflow.serialization.definitions.param import SerializedParamsDict

    merge = SerializedParamsDict.deep_merge
    if hasattr(merge, "__wrapped__"):
        return

    @wraps(merge)
    def merge_known(self: Any, data: Mapping[str, Any] | None) -> Any:
        if data is not None and not isinstance(data, Mapping):  # a backfill by command takes any JSON
            raise ParamValidationError(f"the conf must be a JSON object, not {data!r}. Nothing was done.")
        given = data or {}
        if why := complaint(given, list(self)) or contradiction({**self.dump(), **given}):
            raise ParamValidationError(why)
        return merge(self, data)

    SerializedParamsDict.deep_merge = merge_known
    show = sys.excepthook

    def show_in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if line := one_line(error, sys.argv[1:]):
            print(f"airflow: {line}", file=sys.stderr)
        else:
            show(kind, error, trace)

    sys.excepthook = show_in_one_line  # called when an error ends a process, such as `airflow dags trigger`


def one_line(error: BaseException, arguments: Sequence[str]) -> str:
    """What a command that starts a run says of a mistake in its arguments; empty for any other error and command.

    `arguments` are those of `airflow`. Its own errors are tracebacks of 30 to 50 lines.
    """
    from airflow.exceptions import AirflowException, ParamValidationError

    starts_run = tuple(arguments[:2]) in STARTS_RUN
    if starts_run and isinstance(error, TypeError | ValueError) and (given := _no_object(arguments)):
        return f"the params must be a JSON object, not {given}. Nothing was done."
    if isinstance(error, json.JSONDecodeError):
        return f"the conf is no JSON: {error}. Nothing was done." if starts_run else ""
    if isinstance(error, ParamValidationError) or (starts_run and isinstance(error, AirflowException | ValueError)):
        return str(error).strip().partition("\n")[0]
    return ""


def _no_object(arguments: Sequence[str]) -> str:
    """The params of `airflow tasks test` that are JSON but no object; empty where they are one, or no JSON at all."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("-t", "--task-params")
    try:
        given = parser.parse_known_args(arguments[2:])[0].task_params
        return "" if given is None or isinstance(json.loads(given), dict) else given
    except (argparse.ArgumentError, ValueError):
        return ""


def at_start(context: Any) -> None:
    """A task's `pre_execute`: fail at once, without a retry, if the run's conf has a key that its DAG does not know.

    Raises:
        AirflowFailException: names the unknown keys and the known ones, or the params that contradict each other.
    """
    from airflow.sdk.exceptions import AirflowFailException

    given = {*(context["dag_run"].conf or {}), *context["params"]}
    if why := complaint(given, list(context["dag"].params)) or contradiction(context["params"]):
        raise AirflowFailException(why)
