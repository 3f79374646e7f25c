"""A selection that matches nothing is refused in one line: dbt itself warns, does nothing and reports success."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stir.errors import StirError

_COMPARES = ("state:", "result:", "source_status:")
"""Methods of dbt that compare with an earlier run: there nothing is an answer."""


class SelectionListener:
    """A callback for dbt's events. It passes a StirError to `refuse`, which ends the process."""

    def __init__(self, refuse: Callable[[StirError], object]) -> None:
        self._refuse = refuse
        self._unmatched: list[str] = []

    def __call__(self, event: Any) -> None:
        if event.info.name == "NoNodesForSelectionCriteria":
            criterion = str(event.data.spec_raw)
            if not any(method in criterion for method in _COMPARES):
                self._unmatched.append(criterion)
        elif event.info.name == "NothingToDo" and self._unmatched:
            self._refuse(
                StirError(
                    f"nothing in this project matches {self._unmatched[0]}",
                    where="dbt --select",
                    do="`./stir models` lists the models with their tags, `./stir dbt ls` all nodes",
                )
            )
