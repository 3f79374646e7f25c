"""Who may do what in the operators' part, and how pipelines are judged, without a database."""

from __future__ import annotations

import importlib
import itertools

import pytest

from stir.app.operate.actions import health
from stir.app.operate.commands import refusal
from stir.app.operate.jobs import environment_of
from stir.app.operate.kinds import KINDS, KINDS_OF_TABLES
from stir.app.operate.pages.quarantine import changes
from stir.app.operate.people import SESSION_SECONDS, Person, read_people
from stir.app.operate.quarantine import HIDDEN
from stir.app.operate.registry import SECTIONS
from stir.errors import StirError
from stir.settings import Settings

READER, OPERATOR = "reader-token-of-24-letters", "operator-token-of-26-letters"
PEOPLE = read_people(f"ravi:{READER}", f" anna:{OPERATOR}, ")


def test_a_token_names_its_person_and_nothing_else_does() -> None:
    assert PEOPLE.of_token(OPERATOR) == Person("anna", "operator")
    assert PEOPLE.of_token(READER) == Person("ravi", "reader")
    for wrong in ("", "anna", OPERATOR[:-1], f"{OPERATOR} ", f"anna:{OPERATOR}", "\N{SNOWMAN}"):
        assert PEOPLE.of_token(wrong) is None


def test_tokens_are_not_shown_by_what_holds_them() -> None:
    assert OPERATOR not in repr(PEOPLE)


@pytest.mark.parametrize(
    "entry", ["anna", ":token-that-is-long-enough", "an na:token-that-is-long-enough", "anna:short"]
)
def test_an_entry_that_is_not_usable_is_refused_by_the_settings_name(entry: str) -> None:
    with pytest.raises(StirError, match="STIR_APP_OPERATORS"):
        read_people(None, entry)


def test_two_people_cannot_have_one_token() -> None:
    with pytest.raises(StirError, match="somebody else's"):
        read_people(f"ravi:{OPERATOR}", f"anna:{OPERATOR}")


def test_a_session_lasts_some_hours_and_cannot_be_made_up() -> None:
    now = [1000.0]
    people = read_people(None, f"anna:{OPERATOR}")
    people = type(people)(people.tokens, clock=lambda: now[0])
    cookie = people.begin_session(Person("anna", "reader"))
    assert people.of_session(cookie) == Person("anna", "reader")
    assert people.of_session(cookie.replace("reader", "operator")) is None
    assert all(
        people.of_session(made_up) is None for made_up in ("", "|", "anna|operator|9999999999|", "\N{SNOWMAN}|x")
    )
    assert PEOPLE.of_session(cookie) is None, "another process has another key"
    now[0] += SESSION_SECONDS + 1
    assert people.of_session(cookie) is None


def test_a_form_belongs_to_its_session() -> None:
    first, second = PEOPLE.begin_session(Person("a", "reader")), PEOPLE.begin_session(Person("b", "reader"))
    assert PEOPLE.form_token(first) != PEOPLE.form_token(second)


def test_a_command_has_the_settings_of_the_application_and_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STIR_APP_OPERATORS", f"anna:{OPERATOR}")
    known = {"app_operators": f"anna:{OPERATOR}", "postgres_url": "postgresql://w:p@h/d", "clickhouse_database": "x"}
    found = environment_of(Settings.model_validate(known))
    assert (found["STIR_POSTGRES_URL"], found["STIR_CLICKHOUSE_DATABASE"]) == ("postgresql://w:p@h/d", "x")
    assert not any(OPERATOR in value for value in found.values())


@pytest.mark.parametrize(
    ("percent", "word"), [(100, "good"), (95.1, "good"), (95, "fair"), (80, "fair"), (79.9, "poor"), (0, "poor")]
)
def test_a_pipeline_is_good_above_95_and_poor_below_80(percent: float, word: str) -> None:
    assert health(percent) == word


def test_every_section_has_a_router_that_serves_its_path() -> None:
    for section in SECTIONS:
        paths = [route.path for route in importlib.import_module(section.module).router.routes]
        assert section.path in paths
    assert len({section.path for section in SECTIONS}) == len(SECTIONS)


def test_a_job_is_a_command_whose_words_cannot_become_options() -> None:
    arguments = {"generation": 3}
    commands = {name: kind.command("leaderboard", arguments) for name, kind in KINDS_OF_TABLES.items()}
    assert commands["rollback"] == ["rollback", "leaderboard", "--to", "3", "--json"]
    assert all(name == command[0] for name, command in commands.items())
    options = set(itertools.chain.from_iterable(commands.values())) - {"leaderboard", "3", *KINDS}
    assert options == {"--to", "--json"}
    one, many = {"record": 7}, {"stream": "--all", "reason": "wrong_type"}
    for action in ("replay", "discard"):
        command = KINDS[f"{action} records"].command
        assert command("quarantine", one) == ["quarantine", action, "7", "--json"]
        chosen = ["--stream=--all", "--reason=wrong_type"]
        assert command("quarantine", many) == ["quarantine", action, *chosen, "--json"]


def test_a_form_changes_what_was_changed_in_it() -> None:
    values = {"handle": HIDDEN, "source": "a\nb", "metrics": {"likes": 1}, "gone": None, "count": 3, "more": "x"}
    same = {"handle": "", "source": "a\r\nb", "metrics": '{"likes": 1}', "gone": "", "count": "3"}
    assert changes(values, {f"field:{name}": text for name, text in same.items()}) == {}
    other = {"handle": "meera", "metrics": '{"likes": 2}', "gone": "[1]", "count": "three", "more": ""}
    found = changes(values, {f"field:{name}": text for name, text in other.items()})
    assert found == {"handle": "meera", "metrics": {"likes": 2}, "gone": [1], "count": "three", "more": ""}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"starting\nstir: it is closed\n", "it is closed"),
        (b"Error: no such option\n", "Error: no such option"),
        (b"", ""),
    ],
)
def test_a_command_that_refuses_is_quoted(said: bytes, why: str) -> None:
    assert refusal(said) == (why or "no reason given")
