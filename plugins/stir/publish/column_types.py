"""The conversion of each ClickHouse type: its PostgreSQL type, its COPY text, and a common text for checksums.

ClickHouse's TSV is PostgreSQL's COPY text but for a few types, so most columns travel as they are. For the checksum
both engines render a value to the same text; a type whose renderings differ gets an expression on one side or both.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stir.errors import StirError

Render = Callable[[str], str]
"""A function from a quoted column or an expression to an expression."""


def _same(value: str) -> str:
    return value


def _as_string(value: str) -> str:
    return f"toString({value})"


def _as_text(value: str) -> str:
    return f"{value}::text"


def _utc_text(value: str) -> str:
    # A zoned DateTime is written in its own zone without an offset: PostgreSQL would load it shifted without an error.
    return f"concat(toString(toTimeZone({value}, 'UTC')), '+00')"


def _clickhouse_float_bits(value: str) -> str:
    # Decimal renderings of floats differ between the engines (1e16), bits do not; NaN has many bit patterns.
    return f"if(isNaN({value}), 'nan', lower(hex(reverse(reinterpretAsFixedString({value})))))"


def _postgres_float_bits(send: str) -> Render:
    return lambda value: f"case when {value} = 'NaN' then 'nan' else encode({send}({value}), 'hex') end"


def _map_text(value: str) -> str:
    # jsonb prints its keys by length, then by bytes, with one space after ':' and ','.
    pairs = f"arraySort(kv -> (length(kv.1), kv.1), arrayZip(mapKeys({value}), mapValues({value})))"
    members = f"arrayMap(kv -> concat(toJSONString(kv.1), ': ', toString(kv.2)), {pairs})"
    return f"concat('{{', arrayStringConcat({members}, ', '), '}}')"


def _text_map_text(value: str) -> str:
    pairs = f"arraySort(kv -> (length(kv.1), kv.1), arrayZip(mapKeys({value}), mapValues({value})))"
    return f"arrayStringConcat(arrayMap(kv -> concat(kv.1, char(30), kv.2), {pairs}), char(30))"


def _float_map_text(value: str) -> str:
    # JSON knows neither NaN nor infinity, which arrive as null, and jsonb no negative zero.
    bits = "lower(hex(reverse(reinterpretAsFixedString(if(kv.2 = 0, 0., kv.2)))))"
    pairs = f"arraySort(kv -> (length(kv.1), kv.1), arrayZip(mapKeys({value}), mapValues({value})))"
    member = f"concat(kv.1, char(30), if(isFinite(kv.2), {bits}, 'null'))"
    return f"arrayStringConcat(arrayMap(kv -> {member}, {pairs}), char(30))"


def _jsonb_members(rendered: str) -> Render:
    """PostgreSQL expression of a jsonb object's members, sorted as jsonb stores them."""
    return lambda value: (
        f"(select coalesce(string_agg(key || chr(30) || {rendered}, chr(30) "
        f"order by octet_length(key), key collate \"C\"), '') from jsonb_each_text({value}))"
    )


def _float_array_text(value: str) -> str:
    return f"arrayStringConcat(arrayMap(x -> {_clickhouse_float_bits('x')}, {value}), ',')"


def _postgres_float_array_text(value: str) -> str:
    bits = _postgres_float_bits("float8send")("x")
    return f"(select coalesce(string_agg({bits}, ',' order by n), '') from unnest({value}) with ordinality as u (x, n))"


def _number_array(value: str) -> str:
    return f"translate(toString({value}), '[]', '{{}}')"


def _text_array(value: str) -> str:
    quoted = r"""concat('"', replaceAll(replaceAll(item, '\\', '\\\\'), '"', '\\"'), '"')"""
    return f"concat('{{', arrayStringConcat(arrayMap(item -> {quoted}, {value}), ','), '}}')"


@dataclass(frozen=True)
class Travel:
    """The conversion of one ClickHouse type.

    Attributes:
        postgres: the PostgreSQL type that holds every value of it.
        copy: ClickHouse expression whose TSV form PostgreSQL's COPY reads.
        clickhouse_text: ClickHouse expression of the canonical text of a value that is not NULL.
        postgres_text: the PostgreSQL expression that gives the same text.
        free_text: the text may be empty, so that NULL needs a mark of its own.
        texts: ClickHouse expression of all texts in a value, as an array; empty if it holds none.
    """

    postgres: str
    copy: Render = _same
    clickhouse_text: Render = _as_string
    postgres_text: Render = _as_text
    free_text: bool = False
    texts: Render | None = None


_UTC_SECONDS = Travel("timestamp with time zone", _utc_text, _utc_text)
_UTC_MICROSECONDS = Travel(
    "timestamp with time zone",
    # PostgreSQL keeps microseconds and rounds finer values; both sides can cut them.
    lambda value: f"concat(toString(toTimeZone(toDateTime64({value}, 6, 'UTC'), 'UTC')), '+00')",
    lambda value: f"toString(toUnixTimestamp64Micro(toDateTime64({value}, 6, 'UTC')))",
    lambda value: f"(extract(epoch from {value}) * 1000000)::bigint::text",
)
# PostgreSQL quotes an element only if necessary, so the array's own rendering is no common text.
_TEXT_ARRAY = Travel(
    "text[]",
    _text_array,
    lambda value: f"concat(toString(length({value})), char(30), arrayStringConcat({value}, char(30)))",
    lambda value: f"cardinality({value})::text || chr(30) || array_to_string({value}, chr(30))",
    texts=_same,
)

_TEXT = r"(?:LowCardinality\()?String\)?"


def _one_text(value: str) -> str:
    return f"[ifNull(toString({value}), '')]"


def _keys(value: str) -> str:
    return f"mapKeys({value})"


def _keys_and_values(value: str) -> str:
    return f"arrayConcat(mapKeys({value}), mapValues({value}))"


def _cut(value: str) -> str:
    return f"toStringCutToZero({value})"


def _json(value: str) -> str:
    return f"toJSONString({value})"


_TRAVELS: tuple[tuple[str, Callable[[re.Match[str]], Travel]], ...] = (
    (r"String", lambda _: Travel("text", clickhouse_text=_same, postgres_text=_same, free_text=True, texts=_one_text)),
    (
        r"FixedString\(\d+\)",
        # ClickHouse pads with NUL bytes, which PostgreSQL cannot store.
        lambda _: Travel(
            "text", _cut, _cut, postgres_text=_same, free_text=True, texts=lambda value: _one_text(_cut(value))
        ),
    ),
    (r"Enum(8|16)\(.*\)", lambda _: Travel("text", free_text=True)),
    (r"Bool", lambda _: Travel("boolean")),
    (r"U?Int8|Int16", lambda _: Travel("smallint")),
    (r"UInt16|Int32", lambda _: Travel("integer")),
    (r"UInt32|Int64", lambda _: Travel("bigint")),
    (r"UInt64", lambda _: Travel("numeric(20,0)")),
    (
        r"Float64",
        lambda _: Travel(
            "double precision",
            clickhouse_text=_clickhouse_float_bits,
            postgres_text=_postgres_float_bits("float8send"),
        ),
    ),
    (
        r"Float32",
        lambda _: Travel(
            "real", clickhouse_text=_clickhouse_float_bits, postgres_text=_postgres_float_bits("float4send")
        ),
    ),
    (
        r"Decimal\((\d+), ?(\d+)\)",
        lambda m: Travel(f"numeric({m[1]},{m[2]})", clickhouse_text=lambda v: f"toDecimalString({v}, {m[2]})"),
    ),
    (r"Date(32)?", lambda _: Travel("date")),
    (r"DateTime(\('[^']+'\))?", lambda _: _UTC_SECONDS),
    (r"DateTime64\(\d(, ?'[^']+')?\)", lambda _: _UTC_MICROSECONDS),
    (r"UUID", lambda _: Travel("uuid")),
    (rf"Map\({_TEXT}, ?U?Int(?:8|16|32|64)\)", lambda _: Travel("jsonb", _json, _map_text, texts=_keys)),
    (
        rf"Map\({_TEXT}, ?Float64\)",
        lambda _: Travel(
            "jsonb",
            _json,
            _float_map_text,
            _jsonb_members("coalesce(encode(float8send(value::double precision), 'hex'), 'null')"),
            texts=_keys,
        ),
    ),
    (
        rf"Map\({_TEXT}, ?{_TEXT}\)",
        lambda _: Travel("jsonb", _json, _text_map_text, _jsonb_members("value"), texts=_keys_and_values),
    ),
    (rf"Array\({_TEXT}\)", lambda _: _TEXT_ARRAY),
    (
        r"Array\(Float64\)",
        lambda _: Travel("double precision[]", _number_array, _float_array_text, _postgres_float_array_text),
    ),
    (
        r"Array\((U?Int(?:8|16|32|64))\)",
        lambda m: Travel(f"{travel(m[1]).postgres}[]", _number_array, _number_array),
    ),
)


def bare(clickhouse_type: str) -> tuple[str, bool]:
    """A type without its LowCardinality and Nullable wrappers, and whether it was Nullable."""
    nullable = False
    while wrapped := re.fullmatch(r"(LowCardinality|Nullable)\((.*)\)", clickhouse_type):
        nullable = nullable or wrapped[1] == "Nullable"
        clickhouse_type = wrapped[2]
    return clickhouse_type, nullable


def travel(clickhouse_type: str) -> Travel:
    """The conversion of a ClickHouse type.

    Raises:
        StirError: the type has no rule yet.
    """
    name, _ = bare(clickhouse_type)
    for pattern, rule in _TRAVELS:
        if match := re.fullmatch(pattern, name):
            return rule(match)
    raise StirError(
        f"ClickHouse type {clickhouse_type} cannot be published to PostgreSQL yet",
        where="plugins/stir/publish/column_types.py",
        do="add a rule for it, or cast the column in the mart",
    )
