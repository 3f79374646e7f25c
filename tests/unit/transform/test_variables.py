"""What `--vars` may hold: one line for everything else, before dbt parses."""

from __future__ import annotations

import pytest

from stir.errors import StirError
from stir.settings import PROJECT_DIR
from stir.transform.variables import check_variables, declared_variables, variables_fault


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "as_of: 2026-02-28",
        "as_of: 2026-02-28T12:00:00Z",
        "as_of:",
        "reopen_month: 2026-06-01",
        "time_zone: Asia/Kolkata",
        "{look_back_hours: 0, recent_posts: 6}",
        "sure_category_score: 1",
        "market_countries: [IN, BR]",
        "market_countries: []",
        "campaign_source: ANOTHER",
    ],
)
def test_values_of_the_declared_kind_are_taken(text: str) -> None:
    assert variables_fault(text, declared_variables()) == ""


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("as_of: 2026-02-30", "day is out of range"),
        ("as_of: 2026-13-01", "month must be in 1..12"),
        ("as_of: 2200-01-01", "'2200-01-01' is not an ISO time from 2005 to 2099"),
        ("as_of: tomorrow", "'tomorrow' is not an ISO time"),
        ("as_of: 20260615", "'20260615' is not an ISO time"),
        ("as_of: [2026-06-15]", "is not an ISO time"),
        ("reopen_month: 2026-06-15", "not the first day of a month"),
        ("reopen_month: 2026-00-01", "month must be in 1..12"),
        ("time_zone: Mars", "'Mars' is not a time zone"),
        ("time_zone: [UTC]", "is not a time zone"),
        ("look_back_hours: many", "'many' is not a whole number"),
        ("look_back_hours: -4", "-4 is not a whole number"),
        ("look_back_hours: 4.5", "4.5 is not a whole number"),
        ("look_back_hours: yes", "True is not a whole number"),
        ("look_back_hours:", "None is not a whole number"),
        ("look_back_hours: 18446744073709551616", "is not a whole number"),
        ("home_script_ratio: 20", "20 is not a number from 0 to 1"),
        ("home_script_ratio: .nan", "nan is not a number from 0 to 1"),
        ("market_countries: IN", "'IN' is not a list of texts"),
        ("market_countries: [1]", "[1] is not a list of texts"),
        ("campaign_source: 7", "7 is not a text"),
        ("as_off: 2026-06-15", "no variable 'as_off'; the nearest is as_of"),
        ("? [as_of]\n: 1", "not YAML"),
        ("1: 2", "no variable 1"),
        ("[1]", "it holds a list"),
        ("as_of=2026-06-15", "it holds a text"),
        ("as_of:2026-06-15", "it holds a text"),
        ("", "it holds nothing"),
        ("{", "it is not YAML"),
        ("as_of: 2026-06-15: 1", "it is not YAML"),
        ("[" * 5000, "it is not YAML"),
    ],
)
def test_anything_else_is_named(text: str, line: str) -> None:
    assert line in variables_fault(text, declared_variables())


@pytest.mark.parametrize("option", [["--vars", "as_of: 2026-02-30"], ["--vars=as_of: 2026-02-30"]])
def test_the_values_of_this_project_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, option: list[str]) -> None:
    monkeypatch.setenv("DBT_PROJECT_DIR", str(PROJECT_DIR))
    with pytest.raises(StirError, match="as_of: '2026-02-30' is not an ISO time") as refused:
        check_variables(["run", *option])
    assert len(refused.value.line.splitlines()) == 1


def test_another_project_has_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBT_PROJECT_DIR", "/elsewhere")
    check_variables(["run", "--vars", "{rows: many}"])
