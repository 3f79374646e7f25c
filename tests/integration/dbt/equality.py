"""What shows that an incremental model, built in slices, is one full build: by model the test, and the variants of the
project that lack a safeguard and get the model wrong. docs/increments.md has it as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .delivered_rows import MARTS, SOURCES
from .leaderboard.series_server import BOARDS, MONTHLY, SERIES
from .leaderboard.series_variants import VARIANTS as OF_SERIES
from .staging_variants import VARIANTS as OF_STAGING


@dataclass(frozen=True)
class Proof:
    """A test that builds models in slices and compares them with one full build.

    Attributes:
        variants: those that the test itself tries, each with the models that are wrong then. The others are those of
            test_each_safeguard_is_necessary.
    """

    models: tuple[str, ...]
    file: str
    test: str
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


PROOFS = (
    Proof(
        tuple(SOURCES), "test_deliveries.py", "test_shuffled_late_replayed_and_conflicting_rows_are_staged_or_counted"
    ),
    Proof(
        MARTS,
        "test_deliveries.py",
        "test_marts_built_in_slices_are_those_of_one_full_build",
        {"without look back": MARTS},
    ),
    Proof(SERIES, "test_time_series.py", "test_incremental_runs_give_what_a_full_rebuild_gives"),
    Proof(
        BOARDS,
        "test_time_series.py",
        "test_boards_built_in_slices_are_those_of_one_full_build",
        {"a month is final too soon": MONTHLY, "the running month alone is built": BOARDS},
    ),
)
IN_SLICES = {model for proof in PROOFS for model in proof.models}
NOT_IN_SLICES = {
    "mart_instagram_account_summary_partial": "holds what each run of the last day knew, which no build can know later",
}
"""The other incremental models, each with the reason why a full build may say something else."""


def variants_of(model: str) -> Iterator[str]:
    """The variants that get a model wrong."""
    for proof in PROOFS:
        yield from (name for name, wrong in proof.variants.items() if model in wrong)
    yield from (name.replace("_", " ") for name, variant in OF_SERIES.items() if model in variant.wrong)
    yield from (name for name, variant in OF_STAGING.items() if model == variant.model)


def lines(models: Iterable[str]) -> list[str]:
    """The table's lines, one for each model."""

    def words(proof: Proof) -> str:
        return f"{proof.test.removeprefix('test_').replace('_', ' ')} (`{proof.file}`)"

    tests = {model: words(proof) for proof in PROOFS for model in proof.models}
    shown = {model: f"not in slices: it {reason}" for model, reason in NOT_IN_SLICES.items()} | tests
    return [
        f"| `{model}` | {shown.get(model, 'nothing')} | {'; '.join(variants_of(model)) or 'none'} |"
        for model in sorted(models)
    ]
