"""Which lines of a query stand in a statement, without a database."""

from __future__ import annotations

import re
from importlib import resources

import msgspec
import pytest

from stir.app.reading.generations import Generations
from stir.app.reading.statement import Answer, Part, numbered

QUERIES = {
    file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
    for file in resources.files("stir.app.reading").joinpath("queries").iterdir()
}
CONDITIONAL = re.compile(r"^ *(.*) -- (?:if|unless) [a-z_]+$", re.MULTILINE)
FILTERS = {"month": None, "category": None, "language": None, "profile_type": None, "country": None, "q": None}


@pytest.mark.parametrize("query", QUERIES)
def test_a_line_that_may_be_absent_takes_no_other_condition_with_it(query: str) -> None:
    for line in CONDITIONAL.findall(QUERIES[query]):
        bare, inner = line, ""
        while inner != bare:
            inner, bare = bare, re.sub(r"\([^()]*\)", "", bare)
        assert re.match("and |.* as .*,$", line), line
        assert " or " not in bare, f"an `or` without parentheses makes every other condition void: {line}"


def test_a_filter_stands_in_the_statement_only_where_it_is_given() -> None:
    board = Part("rows", "board", "leaderboard", {"rank": "followers_rank"})
    parameters = {**FILTERS, "is_of_all": True}
    everybody = board.statement(parameters).as_string()
    assert not [name for name in FILTERS if f"%({name})s" in everybody]
    assert "select max(month)" in everybody
    for name in FILTERS:
        text = board.statement({**parameters, name: "a"}).as_string()
        assert [other for other in FILTERS if f"%({other})s" in text] == [name]
        assert board.key(parameters) != board.key({**parameters, name: "a"}) == board.key({**parameters, name: "b"})
    within = board.statement({**parameters, "is_of_all": False}).as_string()
    assert ("%(dimension)s)::int <= " in within, "%(dimension)s)::int <= " in everybody) == (True, False)


def test_the_columns_of_an_answer_are_rows_and_records() -> None:
    shapes = {name: msgspec.defstruct("Row", ["rank", "name"]) for name in ("rows", "none")}
    answer = Answer('{"rows": [[1, 2], ["a", null]], "none": [null, null]}', shapes, Generations({}))
    expected = [{"rank": 1, "name": "a"}, {"rank": 2, "name": None}]
    assert answer.rows("rows") == expected
    assert msgspec.to_builtins(answer.records("rows")) == expected
    assert answer.rows("rows") is answer.rows("rows"), "what a page adds to a row stays in it"
    assert answer.rows("none") == answer.records("none") == []


def test_a_parameter_has_one_number_wherever_it_stands() -> None:
    assert numbered("a = %(b)s and c = %(d)s or e = %(b)s") == ("a = $1 and c = $2 or e = $1", ["b", "d"])
