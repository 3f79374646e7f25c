"""Every incremental model has a proof that slices give what one full build gives, and docs/increments.md has all."""

from __future__ import annotations

import ast

from tests.integration.dbt.equality import IN_SLICES, NOT_IN_SLICES, PROOFS, lines, variants_of
from tests.integration.dbt.leaderboard.series_variants import VARIANTS as OF_SERIES
from tests.integration.dbt.staging_variants import VARIANTS as OF_STAGING

from stir.settings import PROJECT_DIR
from stir.transform.manifest import DbtManifest


def incremental(manifest: DbtManifest) -> set[str]:
    return {name for name, model in manifest.models.items() if model.materialized == "incremental"}


def test_every_incremental_model_is_built_in_slices_or_has_a_reason_not_to_be(manifest: DbtManifest) -> None:
    assert not IN_SLICES & NOT_IN_SLICES.keys()
    assert IN_SLICES | NOT_IN_SLICES.keys() == incremental(manifest)
    assert sum(len(proof.models) for proof in PROOFS) == len(IN_SLICES)


def test_every_proof_is_a_test() -> None:
    for proof in PROOFS:
        tree = ast.parse((PROJECT_DIR / "tests" / "integration" / "dbt" / proof.file).read_text(encoding="utf-8"))
        assert proof.test in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_every_variant_gets_a_model_of_the_table_wrong() -> None:
    tried = {name.replace("_", " ") for name in OF_SERIES} | set(OF_STAGING)
    assert tried <= {name for model in IN_SLICES for name in variants_of(model)}


def test_the_page_has_the_proofs_of_today(manifest: DbtManifest) -> None:
    page = (PROJECT_DIR / "docs" / "increments.md").read_text(encoding="utf-8")
    expected = lines(incremental(manifest))
    assert [line for line in page.splitlines() if line.startswith(("| `stg_", "| `mart_"))] == expected, (
        "the table in docs/increments.md has to be:\n" + "\n".join(expected)
    )
