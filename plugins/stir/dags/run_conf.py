"""Checks the `conf` of a run: it may hold the params of its DAG and nothing else, however the run is started.

Airflow checks the values of params but accepts any other key, so `{"dry_run": true}` for a DAG without that param
started a real run. Every way to start a run (API, form, `airflow dags trigger`, `airflow dags test`, backfill,
materialisation) merges its conf into the DAG's serialised params before anything is written; `install` makes that merge
refuse unknown keys. It raises the error that Airflow raises for a wrong value, so each way reports it as usual.
`at_start` checks again when a task begins, for conf from another installation or `airflow tasks test --task-params`.
Decision 0028.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from functools import wraps
from types import TracebackType
from typing import Any

AIRFLOWS_OWN = frozenset({"airflow/task_span_detail_level"})
"""Keys of a conf that Airflow reads itself."""


def complaint(given: Iterable[str], known: Collection[str]) -> str:
    """One line about unknown keys; empty if all are known."""
    unknown = sorted(set(given) - set(known) - AIRFLOWS_OWN)
    if not unknown:
        return ""
    what = f"unknown {'key' if len(unknown) == 1 else 'keys'} in the run's conf: {', '.join(map(repr, unknown))}"
    takes = f"this DAG takes {', '.join(sorted(known))}" if known else "this DAG takes no conf"
    return f"{what}; {takes}. Nothing was done."


def install() -> None:
    """Make Airflow refuse unknown keys in this process, and let its commands end with one line about them."""
    from airflow.exceptions import ParamValidationError
    from airflow.serialization.definitions.param import SerializedParamsDict

    merge = SerializedParamsDict.deep_merge
    if hasattr(merge, "__wrapped__"):
        return

    @wraps(merge)
    def merge_known(self: Any, data: Mapping[str, Any] | None) -> Any:
        if why := complaint(data or {}, list(self)):
            raise ParamValidationError(why)
        return merge(self, data)

    SerializedParamsDict.deep_merge = merge_known
    show = sys.excepthook

    def show_in_one_line(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, ParamValidationError):
            print(f"airflow: {error}", file=sys.stderr)
        else:
            show(kind, error, trace)

    sys.excepthook = show_in_one_line  # called when an error ends a process, such as `airflow dags trigger`


def at_start(context: Any) -> None:
    """A task's `pre_execute`: fail at once, without a retry, if the run's conf has a key that its DAG does not know.

    Raises:
        AirflowFailException: names the unknown keys and the known ones.
    """
    from airflow.sdk.exceptions import AirflowFailException

    given = {*(context["dag_run"].conf or {}), *context["params"]}
    if why := complaint(given, list(context["dag"].params)):
        raise AirflowFailException(why)
