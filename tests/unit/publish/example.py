"""A small spec with one column of each kind that matters to the statements."""

from __future__ import annotations

from stir.publish.spec import Column, Index, PublishSpec

BOARD = PublishSpec(
    name="board",
    mart="mart_board",
    table="board",
    comment="It's a board.",
    columns=(
        Column("month", "Date", "Month."),
        Column("id", "String", "Who."),
        Column("order", "Nullable(Int64)", "A reserved word."),
        Column("name", "Nullable(String)", "May be empty."),
        Column("ratio", "Nullable(Float64)", "Bits count."),
        Column("ranks", "Map(String, UInt32)", "Sorted."),
        Column("seen_at", "DateTime('UTC')", "When."),
    ),
    key=("month", "id"),
    indexes=(Index("by_order", ("month", "order")),),
)
