"""The task that scores followers, before the build that reads the scores."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator

from stir.dags.trial import is_dry
from stir.settings import load_settings


class ScoreFollowersOperator(BaseOperator):  # type: ignore[misc]
    """Scores the collected followers that have no score yet, and estimates their creators' shares.

    A task that is killed loses nothing: its retry, or the run of the next day, goes on. A dry run only counts.
    """

    def execute(self, context: Any) -> dict[str, Any]:
        """Score; the run's id and figures (XCom)."""
        from stir.authenticity import job

        settings = load_settings()
        if is_dry(context):
            todo = job.plan(settings)
            self.log.info("Dry run: would score %s followers of %s creators", todo.edges, len(todo.creators))
            return {"planned": todo.edges}
        done = job.run(settings, progress=lambda so_far, planned: self.log.info("%s of %s scored", so_far, planned))
        return {"run_id": done.run_id, "planned": done.planned, "scored": done.edges, "creators": done.creators}
