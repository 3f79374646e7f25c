"""A body is taken apart into its records, whatever form it has, and a bad record takes no other along."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stir.ingest.messages import NDJSON, joined, numbered_lines, records


@pytest.mark.parametrize(
    ("body", "kind", "found"),
    [
        (b'{"a": 1}', "", [b'{"a": 1}']),
        (b'{"a": 1}\n{"a": 2}\r\n\n{"a": 3}\n', "", [b'{"a": 1}', b'{"a": 2}\r', b'{"a": 3}']),
        (b'{\n"a": 1\n}', "", [b'{\n"a": 1\n}']),
        (b'{"a": 1}\n{', "", [b'{"a": 1}', b"{"]),
        (b'nonsense\n{"a": 1}', NDJSON, [b"nonsense", b'{"a": 1}']),
        (b'nonsense\n{"a": 1}', "", [b'nonsense\n{"a": 1}']),
        (b' [{"a": 1}, {"a": [2]}]', "", [b'{"a": 1}', b'{"a": [2]}']),
        (b'[{"a": NaN} , {"a": 1}]', "", [b'{"a": NaN}', b'{"a": 1}']),
        (b'[{"a": NaN}, {"a": 1}] x', "", [b'[{"a": NaN}, {"a": 1}] x']),
        (b'[{"a": 1}, ', "", [b'[{"a": 1}, ']),
        (b"[]", "", []),
        (b"", "", [b""]),
        (b"", NDJSON, []),
        (b"[" * 100_000, "", [b"[" * 100_000]),
        (b"\xff\n\xff", "", [b"\xff\n\xff"]),
    ],
)
def test_the_records_of_a_body(body: bytes, kind: str, found: list[bytes]) -> None:
    assert records(body, kind) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.lists(st.dictionaries(st.text(), JSON, max_size=4), min_size=2, max_size=5)


@given(RECORDS)
def test_lines_and_an_array_hold_the_same_records(made: list[dict[str, object]]) -> None:
    bodies = [json.dumps(each).encode() for each in made]
    assert records(joined(bodies)) == bodies
    assert records(b"[" + b" , ".join(bodies) + b"]") == bodies


@given(st.binary(max_size=200))
def test_no_body_is_an_error(body: bytes) -> None:
    for kind in ("", NDJSON, "application/json"):
        assert b"".join(records(body, kind)) is not None


def test_lines_keep_their_numbers() -> None:
    assert list(numbered_lines(b"\na\n\nb")) == [(2, b"a"), (4, b"b")]
