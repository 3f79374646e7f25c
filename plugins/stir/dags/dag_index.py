"""docs/dags.md: every DAG with its schedule, owner, tier, purpose and what it waits for, from the DAG files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stir.dags.base import Category
from stir.dags.upstreams import WAIT
from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE, WAITS_FOR

PAGE = PROJECT_DIR / "docs" / "dags.md"

CATEGORIES: dict[Category, str] = {
    "transform": "dbt builds: each is the only builder of the models of one cadence tag.",
    "instagram": "Requests to the crawler about Instagram: who is due is decided in the warehouse.",
    "youtube": "Requests to the crawler about YouTube.",
    "publish": "A mart to a PostgreSQL table, swapped in under its readers.",
    "operations": "Rules that keep the application's rows in agreement, and what is refreshed for it.",
    "assets": "Pictures and content that are stored or checked.",
    "utility": "Money, messages, watching and cleaning.",
}
"""Category to a line about it, in the page's order."""

OPENING = """\
# The DAGs

{count} DAGs, one file each: `dags/<category>/<id>.py`, whose docstring says who depends on it and what to do when it
fails. Times are UTC. Where a DAG waits for a mart, it runs when that was built and tested, and at the schedule's time
in any case. Where it waits for a DAG, its run first waits for a run of that DAG that is under way or due. The owner is
the team that is asked. Tier 1 wakes somebody, tier 3 waits for the morning. Written by `./stir dags --write` from the
DAG files; do not edit it by hand. docs/airflow.md says how to run them.
"""


def schedule_of(dag: Any) -> str:
    """The cron expression of a DAG, also where it waits for assets; `by hand` for one without."""
    timetable = getattr(dag.timetable, "timetable", dag.timetable)
    return f"`{timetable.expression}`" if timetable.can_be_scheduled else "by hand"


def waits_for(dag: Any) -> list[str]:
    """Names of the assets whose update starts the DAG."""
    condition = dag.timetable.asset_condition
    return sorted(asset.name for asset in condition.objects) if condition else []


def builds_awaited(dag: Any) -> list[str]:
    """Ids of the DAGs whose runs under way a run of this one waits for."""
    waiting = [task.cadence for task in dag.tasks if task.task_id == WAIT]
    return sorted(DAG_OF_CADENCE[awaited] for cadence in waiting for awaited in WAITS_FOR[cadence])


def row(dag: Any) -> str:
    """A DAG's line of its category's table."""
    owners = sorted({str(task.owner) for task in dag.tasks})
    [tier] = (tag.removeprefix("tier") for tag in dag.tags if tag.startswith("tier"))
    purpose = " ".join(str(dag.doc_md).strip().split("\n\n")[0].split()).replace("|", "\\|")
    waits = ", ".join(f"`{name}`" for name in [*waits_for(dag), *builds_awaited(dag)])
    params = ", ".join(sorted(dag.params))
    cells = (f"`{dag.dag_id}`", schedule_of(dag), ", ".join(owners), tier, purpose, waits, params)
    return f"| {' | '.join(cells)} |"


def render(dags: Mapping[str, Any]) -> str:
    """The page.

    Raises:
        KeyError: a DAG of a category that the page does not know.
    """
    by_category: dict[str, list[Any]] = {name: [] for name in CATEGORIES}
    for _, dag in sorted(dags.items()):
        [category] = dag.tags & CATEGORIES.keys()
        by_category[category].append(dag)
    parts = [OPENING.format(count=len(dags))]
    for category, line in CATEGORIES.items():
        if by_category[category]:
            head = "| id | schedule | owner | tier | what it does | waits for | params |\n|---|---|---|---|---|---|---|"
            rows = "\n".join(row(dag) for dag in by_category[category])
            parts.append(f"## {category} ({len(by_category[category])})\n\n{line}\n\n{head}\n{rows}\n")
    return "\n".join(parts)
