"""Transform DAGs: wait for upstream builds, build every model of one cadence, then test the published marts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Unpack

from airflow.sdk import DAG, Param, TriggerRule

from stir.dags import rebuild
from stir.dags.assets import mart_asset
from stir.dags.base import DagOptions, shaped_dag
from stir.dags.scoring import ScoreFollowersOperator
from stir.dags.trial import is_dry
from stir.dags.ui.links import ModelDocsLink, RunModelsLink
from stir.dags.upstreams import WAIT, WaitForUpstreamsOperator
from stir.settings import load_settings
from stir.transform.operators import BuildCadenceOperator, CheckMartOperator, narrowed
from stir.transform.ownership import DAG_OF_CADENCE, WAITS_FOR

CLICKHOUSE_POOL = "clickhouse"

PARAMS = {
    "select": Param(
        None,
        type=["null", "string"],  # the form treats a text that must not be null as required, and "" as missing
        title="Only these models",
        description="dbt selectors, blanks between them, for example `mart_leaderboard` or `mart_instagram_*`. They"
        " narrow the cadence down and never reach beyond it; empty means all of it.",
    ),
    "full_refresh": Param(
        False,
        type="boolean",
        title="Full refresh",
        description="Build incremental models from all source rows instead of the new ones.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Only log which models would be built.",
    ),
    **rebuild.PARAMS,
}
"""What a run by hand may be given; the UI makes a form of it. Scheduled runs have the defaults."""


class DbtBuildOperator(BuildCadenceOperator):
    """Builds a cadence, or rebuilds days of it. Not in a trial, because two simultaneous builds of a model fail.

    Links to the results.
    """

    operator_extra_links = (RunModelsLink(), ModelDocsLink())

    def execute(self, context: Any) -> dict[str, Any]:
        """Raises:
        AirflowException: models failed (their names), nothing was selected, or days were asked for without naming them.
        StirError: the days could not be rebuilt; nothing of them was swapped, or the next try finishes it.
        """
        days = rebuild.days_of(context)
        if days is None:
            return super().execute(context)
        settings = load_settings()
        narrower = str(context["params"].get("select") or "")
        self.select = narrowed(self.cadence, narrower)
        of = " ".join(self.selected(settings)) if narrower else self.cadence
        return rebuild.rebuild(settings, of, days, self.log, dry=self.is_dry(context))

    def is_dry(self, context: Any) -> bool:
        """Whether the param or a trial asks for a dry run."""
        return is_dry(context)


class DbtTestOperator(CheckMartOperator):
    """Tests a mart. Links to the result of each test."""

    operator_extra_links = (RunModelsLink(), ModelDocsLink())


@dataclass(frozen=True, kw_only=True)
class TransformSpec:
    """The definition of a transform DAG.

    Attributes:
        cadence: the dbt tag that it owns; it selects `tag:<cadence>` and nothing else.
        timeout: the longest time of a whole run.
        publishes: marts of that cadence that a publish DAG waits for. Each gets a task that runs its data tests; its
            asset is updated only when they pass, so a failing test keeps the old generation published.
        scores_followers: a task scores new followers before the build. If it fails it is reported, and the build goes
            on with the scores that are there.
    """

    cadence: str
    timeout: timedelta
    publishes: tuple[str, ...] = ()
    scores_followers: bool = False


def transform_dag(dag_id: str, *, schedule: str, spec: TransformSpec, **options: Unpack[DagOptions]) -> DAG:
    """The DAG `dag_id`, the only builder of the models tagged with the spec's cadence.

    Raises:
        ValueError: the cadence belongs to another DAG.
    """
    if DAG_OF_CADENCE.get(spec.cadence) != dag_id:
        raise ValueError(f"{dag_id}: cadence {spec.cadence!r} is owned by {DAG_OF_CADENCE.get(spec.cadence)}")
    timeout = spec.timeout
    with (
        dag := shaped_dag(dag_id, category="transform", schedule=schedule, timeout=timeout, params=PARAMS, **options)
    ):
        build = DbtBuildOperator(task_id="build", cadence=spec.cadence, pool=CLICKHOUSE_POOL)
        if WAITS_FOR[spec.cadence]:
            # It takes no slot of the pool, because the builds that it waits for need the slots.
            wait = WaitForUpstreamsOperator(task_id=WAIT, cadence=spec.cadence)
            wait >> build
            if spec.scores_followers:
                wait >> ScoreFollowersOperator(task_id="score_followers") >> build
                build.trigger_rule = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS
        for mart in spec.publishes:
            check = DbtTestOperator(task_id=f"test_{mart}", mart=mart, pool=CLICKHOUSE_POOL, outlets=[mart_asset(mart)])
            build >> check
    return dag
