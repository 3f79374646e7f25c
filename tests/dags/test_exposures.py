"""dbt knows which DAG reads which model with SQL of its own, and each such file is read by somebody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stir.dags import exposures
from stir.operations import rules
from stir.triggers import warehouse


def test_the_committed_exposures_are_those_that_the_files_and_their_sql_give(dags: dict[str, Any]) -> None:
    committed = {path: path.read_text() for path in exposures.FOLDER.glob("*_dags.yml")}

    assert committed == exposures.render(dags), "run `./stir dags --write`"


def test_every_sql_file_that_reads_a_model_is_run_by_a_dag_that_is_an_exposure(dags: dict[str, Any]) -> None:
    folders = (warehouse.FOLDER.glob("*.sql"), rules.FOLDER.glob("*.read.sql"))
    files = {path for folder in folders for path in folder if exposures.models_read(path)}
    run = {path for dag in dags.values() for path in exposures.files_run(dag)}

    assert len(files) > 30
    assert files - run == set()


def test_the_models_that_a_file_of_sql_reads_are_found(tmp_path: Path) -> None:
    sql = tmp_path / "candidates.sql"
    sql.write_text(
        "-- not mart_a\nselect 1 from mart_b as b inner join tracked using (id) cross join category as topic"
    )

    assert exposures.models_read(sql) == {"mart_b", "category"}
