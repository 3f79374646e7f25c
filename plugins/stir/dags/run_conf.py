"""What a run may be given (`conf`): the params of its DAG and nothing else, by whatever way the run comes in.

Airflow checks the values of params but takes any other key, so `{"dry_run": true}` for a DAG without that param was a
run in earnest. Every way to a run (API, form, `airflow dags trigger`, `airflow dags test`, backfill, materialisation)
merges its conf into the DAG's serialised params before anything is written; `install` makes that merge refuse what is
unknown. The error is the one that Airflow raises for a wrong value, so each way answers as it does there. `at_start`
asks once more when a task begins, for what came in by another installation or by `airflow tasks test --task-params`.
Decision 0028.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
from functools import wraps
from types import TracebackType
from typing import Any

AIRFLOWS_OWN = frozenset({"airflow/task_span_detail_level"})
"""Keys of a conf that Airflow itself reads."""


def complaint(given: Iterable[str], known: Collection[str]) -> str:
    """One line about the keys that are not known; empty when all are."""
    unknown = sorted(set(given) - set(known) - AIRFLOWS_OWN)
    if not unknown:
        return ""
    what = f"unknown {'key' if len(unknown) == 1 else 'keys'} in the run's conf: {', '.join(map(repr, unknown))}"
    takes = f"this DAG takes {', '.join(sorted(known))}" if known else "this DAG takes no conf"
    return f"{what}; {takes}. Nothing was done."


def install() -> None:
    """Let Airflow refuse unknown keys in this process, and let its commands end with one line where they are."""
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

    sys.excepthook = show_in_one_line  # called where an error ends a process, such as `airflow dags trigger`


def at_start(context: Any) -> None:
    """A task's `pre_execute`: fail at once, without a retry, where the run was given what its DAG does not know.

    Raises:
        AirflowFailException: which keys, and which there are.
    """
    from airflow.sdk.exceptions import AirflowFailException

    given = {*(context["dag_run"].conf or {}), *context["params"]}
    if why := complaint(given, list(context["dag"].params)):
        raise AirflowFailException(why)
