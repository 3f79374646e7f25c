"""docs/dags.md: every DAG with its schedule, owner, tier, purpose and what it waits for, from the DAG files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stir.dags.assets import named_in
from stir.dags.base import Category
from stir.dags.upstreams import WAIT
from stir.settings import PROJECT_DIR
from stir.transform.ownership import DAG_OF_CADENCE, WAITS_FOR
from stir.transform.reading import builders_of

PAGE = PROJECT_DIR / "docs" / "dags.md"

CATEGORIES: dict[Category, str] = {
    "transform": "dbt builds. Each DAG is the only builder of the models with one cadence tag.",
    "instagram": "Requests to the crawler about Instagram. The warehouse decides which entities are due.",
    "youtube": "Requests to the crawler about YouTube. The warehouse decides which entities are due.",
    "publish": "Each DAG copies a mart to a PostgreSQL table and swaps it in while applications read.",
    "operations": "Rules that keep the application's rows consistent, and refreshes for the application.",
    "assets": "Storing and checking of pictures and content.",
    "utility": "Payments, messages, freshness checks and retention.",
}
"""Category to its description, in the order of the page."""

OPENING = """\
# The DAGs

{count} DAGs, one file each: `dags/<category>/<id>.py`, whose docstring says who depends on it and what to do when it
fails. Times are UTC. A DAG that waits for a mart runs when the mart was built and tested, and at the time of its
schedule as well. If it waits for a DAG, its run first waits for a running or due run of that DAG. If it reads
from a DAG, it waits for nothing, and its log warns when that DAG is paused, failed or late. The owner is the
responsible team. Tier 1 wakes somebody, tier 3 waits until the morning. `./stir dags --write` writes this page from the
DAG files; do not edit it by hand. [Airflow](airflow.md) says how to run them.
"""


def schedule_of(dag: Any) -> str:
    """The cron expression of a DAG, also if it waits for assets; `by hand` if it has none."""
    timetable = getattr(dag.timetable, "timetable", dag.timetable)
    return f"`{timetable.expression}`" if timetable.can_be_scheduled else "by hand"


def waits_for(dag: Any) -> list[str]:
    """Names of the assets whose update starts the DAG."""
    condition = dag.timetable.asset_condition
    return sorted(named_in(condition))


def builds_awaited(dag: Any) -> list[str]:
    """Ids of the DAGs whose running or due runs a run of this DAG waits for."""
    waiting = [task.cadence for task in dag.tasks if task.task_id == WAIT]
    return sorted(DAG_OF_CADENCE[awaited] for cadence in waiting for awaited in WAITS_FOR[cadence])


def builds_read(dag: Any) -> list[str]:
    """Ids of the DAGs that build what a trigger or a rule reads; it looks at their age and waits for none."""
    return sorted({dag_id for task in dag.tasks for dag_id in builders_of(getattr(task, "reads", ()))})


def row(dag: Any) -> str:
    """A DAG's row in the table of its category."""
    owners = sorted({str(task.owner) for task in dag.tasks})
    [tier] = (tag.removeprefix("tier") for tag in dag.tags if tag.startswith("tier"))
    purpose = " ".join(str(dag.doc_md).strip().split("\n\n")[0].split()).replace("|", "\\|")
    waits = ", ".join(f"`{name}`" for name in [*waits_for(dag), *builds_awaited(dag)])
    if looks := ", ".join(f"`{name}`" for name in builds_read(dag)):
        waits = f"nothing; reads from {looks}"
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
