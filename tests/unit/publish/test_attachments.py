"""What is tied to a table: which rule counts, and what is made by hand."""

from __future__ import annotations

import pytest
from psycopg import sql

from stir.publish.attachments import rules
from stir.publish.attachments.catalogue import Attachment
from stir.settings import PROJECT_DIR

from .example import BOARD

GRANT = Attachment("privilege", "", "SELECT app")
COMMENT = Attachment("comment", "", "table")


def test_the_page_for_readers_has_the_table_of_the_code() -> None:
    assert rules.documented() in (PROJECT_DIR / "docs" / "publishing.md").read_text()


@pytest.mark.parametrize(
    ("item", "value", "fate"),
    [
        (GRANT, "granted", "carried"),
        (GRANT, "granted by somebody", "refused"),
        (Attachment("privilege", "", "SELECT stand by me"), "granted", "carried"),
        (Attachment("table", "", "relreplident"), "f", "carried"),
        (Attachment("table", "", "relreplident"), "i", "refused"),
        (Attachment("column", "a", "attidentity"), "a", "refused"),
        (Attachment("object", "view v", ""), "", "refused"),
        (Attachment("table", "", "relsomethingnew"), "x", "refused"),
        (Attachment("comment", "", "table"), "lines\nand | bars by x", "carried"),
    ],
)
def test_an_object_without_a_rule_is_refused(item: Attachment, value: str, fate: str) -> None:
    assert rules.rule_of(item, value).fate == fate


def test_only_what_differs_from_the_record_is_lost() -> None:
    ours, theirs = Attachment("index", "board_by_rank", ""), Attachment("index", "board_by_hand", "")
    assert rules.lost({ours: "on a", theirs: "on b"}, {ours: "on a"}) == ["index board_by_hand on b"]
    assert rules.lost({ours: "on b"}, {ours: "on a"}) == ["index board_by_rank on b"]
    assert rules.lost({GRANT: "granted"}, {}) == []


@pytest.mark.parametrize(
    ("before", "record", "own", "want"),
    [
        ("spec", "spec", "new spec", "new spec"),
        ("by hand", "spec", "new spec", "by hand"),
        (None, "spec", "spec", None),
        ("by hand", None, None, "by hand"),
        (None, None, "new spec", "new spec"),
    ],
)
def test_changes_by_hand_win_over_the_spec(
    before: str | None, record: str | None, own: str | None, want: str | None
) -> None:
    first, second, third = ({COMMENT: value} if value else {} for value in (before, record, own))
    assert rules.wanted(first, second, third, columns=()) == ({COMMENT: want} if want else {})


def test_attachments_of_a_removed_column_are_removed_with_it() -> None:
    item = Attachment("comment", "gone", "column")
    assert rules.wanted({item: "x"}, {}, {}, columns={"here"}) == {}
    assert rules.wanted({item: "x"}, {}, {}, columns={"gone"}) == {item: "x"}


@pytest.mark.parametrize(("kind", "name"), [("index", ""), ("constraint", "n")])
def test_the_comment_of_a_removed_index_or_constraint_is_removed_with_it(kind: str, name: str) -> None:
    item, thing = Attachment("comment", "gone", kind), Attachment(kind, "gone", name)
    assert rules.wanted({item: "x"}, {}, {}, columns=()) == {}
    assert rules.wanted({item: "x"}, {}, {thing: "on a"}, columns=()) == {item: "x"}


def test_names_are_quoted_in_what_is_carried_over() -> None:
    item = Attachment("privilege", 'a"b', 'SELECT app "one"')
    found = [s.as_string() for s in rules.statements(sql.Identifier("s", "t"), "s", {}, {item: "with grant option"})]
    assert found[-1] == 'grant SELECT ("a""b") on "s"."t" to "app ""one""" with grant option'


def test_before_there_were_records_indexes_of_the_tables_name_are_taken_for_the_specs() -> None:
    ours, theirs = Attachment("index", "board_by_rank", ""), Attachment("index", "by_hand", "")
    assert set(rules.assumed(BOARD, {ours: "x", theirs: "y"})) == {ours}


def test_a_spec_gives_its_readers_and_the_owner_their_privileges_whatever_the_defaults_say() -> None:
    by_default = {Attachment("privilege", "", "DELETE public"): "granted"}
    with_option = {Attachment("privilege", "", "SELECT reader"): "with grant option"}
    given = rules.given({COMMENT: "text"} | by_default | with_option, ["reader"], ["TRUNCATE owner"])
    assert given == {
        COMMENT: "text",
        Attachment("privilege", "", "SELECT reader"): "granted",
        Attachment("privilege", "", "TRUNCATE owner"): "granted",
    }
