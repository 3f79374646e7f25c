"""A spec that could not be published is refused when it is written, not when it runs."""

from __future__ import annotations

from dataclasses import replace

import click
import pytest

from stir.cli.publish import announce, generations, publish, rollback, verify
from stir.errors import StirError
from stir.publish.spec import READ_SETTINGS, Column, Index, PublishSpec
from stir.publish.tables import SPECS, find_spec, names_of_specs

from .example import BOARD


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"key": ()}, "key is empty"),
        ({"key": ("month", "name")}, "Nullable"),
        ({"key": ("month", "nobody")}, "unknown column 'nobody'"),
        ({"indexes": (Index("by_x", ("x",)),)}, "unknown column 'x'"),
        ({"columns": (*BOARD.columns, Column("id", "String", ""))}, "listed twice"),
        ({"table": 'board"; drop'}, "plain table name"),
        ({"indexes": (Index("by_" + "x" * 50, ("order",)),)}, "too long"),
        # board__000000000000_ takes 20 of the 63 bytes; the name of the primary key needs its five as well
        ({"indexes": (Index("x" * 44, ("order",)),)}, "too long"),
        ({"table": "b" * 45, "indexes": ()}, "too long"),
        ({"carry_by": "seen_at"}, "need a Date column"),
        ({"carry_by": "x"}, "unknown column 'x'"),
        ({"mode": "schema"}, "schema of its own"),
    ],
)
def test_a_spec_that_could_not_be_published_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        replace(BOARD, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"indexes": (Index("x" * 43, ("order",)),)},
        {"table": "b" * 44, "indexes": ()},
        {"carry_by": "month"},
        {"mode": "schema", "schema": "boards"},
        {"mode": "rename", "schema": "boards"},
    ],
)
def test_a_spec_on_the_bound_of_what_can_be_published_is_taken(change: dict[str, object]) -> None:
    replace(BOARD, **change)  # type: ignore[arg-type]


def test_defaults_of_a_spec_are_the_careful_choice() -> None:
    assert (BOARD.final, BOARD.keep, BOARD.most_parts, BOARD.mode) == (False, 1, 32, "rename")


def test_the_mart_of_target_staging_is_another_one_only_where_there_is_one() -> None:
    two = replace(BOARD, staging_mart="mart_staging_board")
    assert [two.mart_of("prod"), two.mart_of("staging")] == ["mart_board", "mart_staging_board"]
    assert [BOARD.mart_of("prod"), BOARD.mart_of("staging")] == ["mart_board", "mart_board"]


def test_a_digest_is_sixteen_hex_digits() -> None:
    assert len(BOARD.digest) == 16


def test_the_digest_follows_what_readers_get_and_nothing_else() -> None:
    assert replace(BOARD, most_parts=1, keep=3).digest == BOARD.digest
    assert replace(BOARD, comment="Another.").digest != BOARD.digest
    assert replace(BOARD, indexes=()).digest != BOARD.digest


def test_an_unknown_name_lists_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(StirError, match=r"called 'leaderbord'; did you mean leaderboard\? .*leaderboard.*time_series"):
        find_spec("leaderbord")
    with pytest.raises(StirError, match=r"did you mean social_profile_time_series\?"):
        find_spec("social_profile_timeseries")


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_a_published_table_is_found_by_its_own_name_and_by_the_one_in_postgresql(spec: PublishSpec) -> None:
    for name in (spec.name, spec.table, f"{spec.schema}.{spec.table}"):
        assert find_spec(name) is spec
        assert list(names_of_specs()).count(name) == 1


@pytest.mark.parametrize(
    "command", [publish, verify, rollback, announce, generations], ids=lambda command: command.name
)
def test_every_command_takes_either_name_and_its_help_and_the_shell_list_them(command: click.Command) -> None:
    argument = next(param for param in command.params if param.name in ("spec", "specs"))
    context = click.Context(command)
    completed = {item.value for item in argument.shell_complete(context, "")}
    for spec in SPECS.values():
        assert argument.type.convert(spec.table, argument, context) is spec
        assert {spec.name, spec.table} <= completed
        assert spec.name in command.get_help(context)
        assert spec.table in command.get_help(context)


def test_what_only_operators_may_see_of_a_collection_is_marked() -> None:
    marked = {
        f"{name}.{column.name}"
        for name in ("collection", "collection_totals_ts")
        for column in SPECS[name].columns
        if column.comment.startswith("Operators only:")
    }
    money = {"budget", "cost", "clicks", "overall_orders", "delivered_orders", "completed_orders"}
    customer = {"partner_id", "source", "source_id"}

    assert marked == {f"collection.{name}" for name in money | customer} | {"collection_totals_ts.clicks"}


def test_two_specs_never_write_the_same_table() -> None:
    assert len({(spec.schema, spec.table) for spec in SPECS.values()}) == len(SPECS)
    assert all(name == spec.name for name, spec in SPECS.items())


@pytest.mark.parametrize("spec", SPECS.values(), ids=lambda spec: spec.name)
def test_every_published_column_says_what_it_means(spec: object) -> None:
    assert all(len(column.comment) > 5 and column.comment.endswith(".") for column in spec.columns)  # type: ignore[attr-defined]


def test_the_digest_of_a_spec_stays_what_it_was_in_earlier_versions() -> None:
    # Another digest would have every table published again after an upgrade, although readers would get the same.
    assert BOARD.digest == "3c2a0d514328f34f"
    assert replace(BOARD, comment="Another board.").digest != BOARD.digest


def test_a_collation_belongs_to_the_digest_and_none_changes_nothing() -> None:
    first, *others = BOARD.columns
    assert replace(BOARD, columns=(replace(first, collation=""), *others)).digest == BOARD.digest
    assert replace(BOARD, columns=(replace(first, collation="C"), *others)).digest != BOARD.digest


def test_rows_are_read_partition_by_partition_and_as_postgres_prints_them() -> None:
    assert READ_SETTINGS == {
        "do_not_merge_across_partitions_select_final": 1,
        "output_format_json_escape_forward_slashes": 0,
    }
