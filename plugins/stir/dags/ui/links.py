"""Links that a task shows under Details in the UI: from a publish to its generation, from a dbt task to its models."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperatorLink

from stir.dags.ui.document import address


class GenerationLink(BaseOperatorLink):  # type: ignore[misc]
    """Link to the generation that a publish swapped in."""

    name = "Generation"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the table's generations, with this run's marked."""
        run = operator.publish_run(ti_key.dag_id, ti_key.run_id)
        return address("generations", operator.target, operator.table, run=run)


class RunModelsLink(BaseOperatorLink):  # type: ignore[misc]
    """Link to the results of each model and test in this run."""

    name = "Models of this run"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """The page of the run."""
        return address("runs", ti_key.dag_id, ti_key.run_id)


class ModelDocsLink(BaseOperatorLink):  # type: ignore[misc]
    """Link to dbt's documentation of the models that a task builds or tests."""

    name = "dbt docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """dbt's site if STIR_DOCS_URL is set; otherwise the page of the tested mart or of the run's models."""
        from stir.settings import load_settings

        site, mart = (load_settings().docs_url or "").rstrip("/"), getattr(operator, "mart", "")
        if site:
            return f"{site}/#!/{f'model/model.stir.{mart}' if mart else f'overview?g_v=1&g_i=tag:{operator.cadence}'}"
        return address("models", mart) if mart else address("runs", ti_key.dag_id, ti_key.run_id)
