"""Names of attempts, and which DAG owns which model."""

from __future__ import annotations

import pytest

from stir.settings import PROJECT_DIR
from stir.transform.attempts import Attempt
from stir.transform.ownership import DAG_OF_CADENCE, cadences

FIRST = Attempt("dbt_core", "manual__2026-06-15T00:00:00+00:00", "build", 1)


def test_every_try_has_a_folder_and_a_label_of_its_own() -> None:
    second = Attempt(FIRST.dag_id, FIRST.run_id, FIRST.task_id, 2)
    assert FIRST.folder == "artifacts/dbt_core/manual__2026-06-15T00:00:00+00:00/build/1/"
    assert len({FIRST.folder, second.folder, FIRST.label, second.label}) == 4


def test_a_first_try_has_none_before_it() -> None:
    assert FIRST.previous is None
    assert Attempt(FIRST.dag_id, FIRST.run_id, FIRST.task_id, 2).previous == FIRST


@pytest.mark.parametrize(
    ("tags", "expected"),
    [(["core"], ["core"]), (["published", "daily"], ["daily"]), ([], []), (["core", "daily"], ["core", "daily"])],
)
def test_cadences_are_the_tags_that_a_dag_owns(tags: list[str], expected: list[str]) -> None:
    assert cadences(tags) == expected


def test_no_two_cadences_share_a_dag() -> None:
    assert len(set(DAG_OF_CADENCE.values())) == len(DAG_OF_CADENCE) == 11


def test_every_dag_file_of_transform_owns_a_cadence() -> None:
    files = {path.stem for path in (PROJECT_DIR / "dags" / "transform").glob("*.py")}
    assert files <= set(DAG_OF_CADENCE.values())
