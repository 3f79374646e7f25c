"""The exact statements that a publish sends; the integration tests run the same ones."""

from __future__ import annotations

from dataclasses import replace

from stir.publish import ddl
from stir.publish.export.parts import export_statement
from stir.publish.export.slices import along, both, bounds, by_hash
from stir.publish.export.snapshot import clone_statement, summary_statement
from stir.publish.spec import Column
from stir.publish.verification.content import content_statement

from .example import BOARD

NEW, OLD = "board__aaaaaaaaaaaa", "board__bbbbbbbbbbbb"


def test_the_snapshot_is_a_clone() -> None:
    assert clone_statement("`stir`.`mart_board`", "`p`.`f`") == "create table `p`.`f` clone as `stir`.`mart_board`"


def test_the_export_reads_the_snapshot_and_names_no_credentials() -> None:
    assert export_statement(BOARD, "`p`.`f`", "`id` < 'm'", "stir_s3") == (
        "insert into function s3(`stir_s3`, filename = {object:String}, format = 'TSV')\n"
        "select `month`, `id`, `order`, `name`, `ratio`, toJSONString(`ranks`), "
        "concat(toString(toTimeZone(`seen_at`, 'UTC')), '+00')\n"
        "from `p`.`f`\n"
        "where `id` < 'm'"
    )


def test_one_part_has_no_condition_and_a_replacing_mart_is_read_final() -> None:
    assert export_statement(replace(BOARD, final=True), "`p`.`f`", "", "c").endswith("\nfrom `p`.`f` final")


def test_rows_made_by_a_query_come_from_the_snapshot() -> None:
    made = replace(BOARD, query="select * from {mart} where `order` > 0")
    assert export_statement(made, "`p`.`f`", by_hash(made.key, 2)[1], "c").endswith(
        "\nfrom (\nselect * from `p`.`f` where `order` > 0\n)\nwhere cityHash64(`month`, `id`) % 2 = 1"
    )


def test_slices_of_the_sorting_key_leave_nothing_out_and_take_nothing_twice() -> None:
    assert along(["a", "b"], [("1", "2"), ("3", "4")]) == [
        "(`a` < 1 or (`a` = 1 and (`b` < 2)))",
        "(`a` > 1 or (`a` = 1 and (`b` >= 2))) and (`a` < 3 or (`a` = 3 and (`b` < 4)))",
        "(`a` > 3 or (`a` = 3 and (`b` >= 4)))",
    ]


def test_slices_are_about_even_and_begin_where_a_key_begins() -> None:
    even = [(10, (str(number),)) for number in range(8)]
    assert bounds(even, 4) == [("2",), ("4",), ("6",)]
    assert bounds([(10, ("a",)), (10, ("a",)), (10, ("b",)), (10, ("b",))], 4) == [("b",)]
    assert bounds([(10, ("a",))] * 4, 4) == []
    assert bounds([], 4) == []


def test_a_slice_begins_as_soon_as_the_part_before_has_its_share() -> None:
    assert bounds([(30, ("a",)), (10, ("b",)), (10, ("c",)), (10, ("d",))], 2) == [("b",)]
    assert bounds([(10, ("a",)), (30, ("b",)), (10, ("c",)), (10, ("d",))], 2) == [("c",)]
    assert bounds([(1, ("a",)), (1, ("b",)), (1, ("c",))], 3) == [("b",), ("c",)]
    assert bounds([(49, ("a",)), (51, ("b",))], 2) == [], "one row short of its share"


def test_each_part_has_its_own_remainder_of_the_hash() -> None:
    assert by_hash(("month", "id"), 3) == [f"cityHash64(`month`, `id`) % 3 = {number}" for number in range(3)]
    assert by_hash(("month", "id"), 1) == [""]


def test_a_condition_that_demands_nothing_changes_nothing() -> None:
    assert both("a or b", "c") == "(a or b) and (c)"
    assert both("", "c") == "(c)"
    assert both("", "") == ""


def test_the_summary_counts_and_sums_in_one_pass() -> None:
    assert summary_statement(BOARD, "`p`.`f`") == (
        "select count(), sum(CRC32(row_text)), hex(sum(sipHash64(row_text))), "
        "sum(length(row_text))\n"
        "from (select concatWithSeparator(char(31), toString(`month`), `id`, ifNull(toString(`order`), ''), "
        "ifNull(concat('=', `name`), ''), "
        "ifNull(if(isNaN(`ratio`), 'nan', lower(hex(reverse(reinterpretAsFixedString(`ratio`))))), ''), "
        "concat('{', arrayStringConcat(arrayMap(kv -> concat(toJSONString(kv.1), ': ', toString(kv.2)), "
        "arraySort(kv -> (length(kv.1), kv.1), arrayZip(mapKeys(`ranks`), mapValues(`ranks`)))), ', '), '}'), "
        "concat(toString(toTimeZone(`seen_at`, 'UTC')), '+00')) as row_text from `p`.`f`)"
    )


def test_the_content_of_a_postgres_table() -> None:
    assert content_statement(BOARD, ddl.stored(NEW)).as_string() == (
        'select count(*), coalesce(sum(crc32(convert_to(concat_ws(chr(31), "month", "id", '
        "coalesce(\"order\"::text, ''), coalesce('=' || \"name\", ''), "
        "coalesce(case when \"ratio\" = 'NaN' then 'nan' else encode(float8send(\"ratio\"), 'hex') end, ''), "
        f'"ranks", "seen_at"), \'UTF8\'))), 0) from "stir"."{NEW}"'
    )


def test_the_table_is_created_with_its_final_constraint_names() -> None:
    assert ddl.create_table(BOARD, NEW).as_string() == (
        f'create table "stir"."{NEW}" (\n'
        '    "month" date constraint "board_month_not_null" not null,\n'
        '    "id" text constraint "board_id_not_null" not null,\n'
        '    "order" bigint,\n'
        '    "name" text,\n'
        '    "ratio" double precision,\n'
        '    "ranks" jsonb constraint "board_ranks_not_null" not null,\n'
        '    "seen_at" timestamp with time zone constraint "board_seen_at_not_null" not null\n'
        ") with (autovacuum_enabled = false)"
    )


def test_the_copy_is_plain_or_frozen() -> None:
    columns = '"month", "id", "order", "name", "ratio", "ranks", "seen_at"'
    plain = f'copy "stir"."{NEW}" ({columns}) from stdin with (format text)'
    assert ddl.copy_in(BOARD, NEW, freeze=False).as_string() == plain
    assert ddl.copy_in(BOARD, NEW, freeze=True).as_string() == plain.replace("format text", "format text, freeze")


def test_indexes_comments_and_grants() -> None:
    assert ddl.create_key_index(BOARD, NEW).as_string() == (
        f'create unique index "{NEW}_pkey" on "stir"."{NEW}" ("month", "id")'
    )
    assert ddl.adopt_key_index(NEW).as_string() == (
        f'alter table "stir"."{NEW}" add primary key using index "{NEW}_pkey"'
    )
    assert ddl.create_index(NEW, BOARD.indexes[0]).as_string() == (
        f'create index "{NEW}_by_order" on "stir"."{NEW}" ("month", "order")'
    )
    described = [statement.as_string() for statement in ddl.describe(BOARD, NEW)]
    assert described[0] == f"comment on table \"stir\".\"{NEW}\" is 'It''s a board.'"
    assert described[3] == f'comment on column "stir"."{NEW}"."order" is \'A reserved word.\''
    assert described[-1] == f'grant select on "stir"."{NEW}" to "stir_reader"'


def test_the_swap_moves_the_old_table_out_before_the_new_one_in() -> None:
    out = ddl.move_out(BOARD, OLD, ["board_by_order", "board_pkey", "made_by_hand"])
    into = ddl.move_in(BOARD, NEW, [f"{NEW}_by_order", f"{NEW}_pkey"])
    assert [statement.as_string() for statement in out + into] == [
        f'alter index "public"."board_by_order" rename to "{OLD}_by_order"',
        f'alter index "public"."board_pkey" rename to "{OLD}_pkey"',
        f'alter table "public"."board" rename to "{OLD}"',
        f'alter table "public"."{OLD}" set schema "stir"',
        f'alter table "stir"."{NEW}" set schema "public"',
        f'alter table "public"."{NEW}" rename to "board"',
        f'alter index "public"."{NEW}_by_order" rename to "board_by_order"',
        f'alter index "public"."{NEW}_pkey" rename to "board_pkey"',
    ]


def test_a_column_that_is_compared_by_bytes_says_so_in_the_table() -> None:
    text = Column("handle", "Nullable(String)", "Compared by bytes.", collation="C")
    created = ddl.create_table(replace(BOARD, columns=(*BOARD.columns, text)), NEW).as_string()
    assert '"handle" text collate "C"' in created
    assert created.count("collate") == 1
