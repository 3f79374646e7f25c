"""Guesses of a language model: an answer satisfies its schema, is repaired once, or is set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.collector.platform import Budget, Known, Run, conforms, key, run, task, wait

from stir.collector.prompts import FOLDER, PREFIX, UnusableAnswerError, prompt
from stir.collector.protocol import Complete, Failed, GivenBack, Throttled
from stir.errors import StirError
from stir.scrape_queue.flows import FLOWS
from stir.world.standins.language_model import LanguageModelStandIn
from stir.world.standins.server import Ask, Reply, StandIn

GENDER = f"{PREFIX}base_gender"
GOOD = '{"gender": "FEMALE"}'
DATA = {"handle": "anna", "name": "Anna", "bio": "cooks"}


def token() -> Budget:
    return Budget([key(source="language_model")])


def ask(*answers: str, known: Known | None = None, budget: Budget | None = None, **params: Any) -> Run:
    """The gender of Anna; the model gives one answer after the other."""
    left = list(answers)
    given = {"prompt_version": "v0.12", "max_tokens": 200, "data": DATA, **params}

    async def work() -> Run:
        async with StandIn(LanguageModelStandIn(lambda name, shown: left.pop(0), ["secret-1"])) as server:
            asked = task(GENDER, "anna", **given)
            found = await run({"language_model": server.url}, asked, budget=budget or token(), known=known)
            found.asked.extend(server.asked)
            return found

    return wait(work())


def test_an_answer_is_an_event_under_the_source_that_staging_reads() -> None:
    found = ask(GOOD)

    (event,) = found.streams["language_model_answer"]
    assert (event["source"], event["profile_id"]) == ("openapi_profile_info_v0.12", "anna")
    assert event["dimensions"]["gender"] == "FEMALE"
    assert found.outcome == Complete(1, "openapi_profile_info_v0.12")
    conforms(found)


def test_a_question_with_the_same_prompt_and_input_is_not_asked_again() -> None:
    (event,) = ask(GOOD).streams["language_model_answer"]
    row = {**event, "dimensions": json.dumps(event["dimensions"])}
    known = Known({"events.profile_log_events": [row]})

    again, changed = ask(GOOD, known=known), ask(GOOD, known=known, data={**DATA, "bio": "bakes"})

    assert again.asked == []
    assert isinstance(again.outcome, Complete)
    assert "asked before" in again.outcome.notes[0]
    assert len(changed.asked) == 1


def test_an_answer_repeats_what_earlier_ones_said_of_other_things() -> None:
    dimensions = json.dumps({"city": "Pune", "gender": "Unknown", "questions": {"base_location": "k"}})
    row = {"profile_id": "anna", "source": "openapi_profile_info_v0.12", "dimensions": dimensions}

    found = ask(GOOD, known=Known({"events.profile_log_events": [row]}))

    said = found.streams["language_model_answer"][0]["dimensions"]
    assert (said["city"], said["gender"], said["questions"]["base_location"]) == ("Pune", "FEMALE", "k")


@pytest.mark.parametrize("bad", ["FEMALE", '{"gender": "female"}', "{}", '{"gender": "MALE", "age": 3}', "[]"])
def test_an_answer_that_breaks_the_schema_is_repaired_once(bad: str) -> None:
    found = ask(bad, GOOD)

    assert found.outcome == Complete(1, "openapi_profile_info_v0.12")
    assert len(found.asked) == 2
    assert [each["role"] for each in found.asked[1].document["messages"]] == ["system", "user", "assistant", "user"]


def test_an_answer_that_breaks_the_schema_twice_is_set_aside_and_the_request_fails() -> None:
    found = ask("nothing", '{"gender": "secret person"}')

    assert isinstance(found.outcome, Failed)
    assert not found.streams
    (item,) = found.quarantined
    assert (item.stream, item.reason, item.key) == ("language_model_answer", "unknown_value", "anna")
    assert item.body == b'{"gender": "secret person"}'
    assert "secret person" not in item.message + found.outcome.reason


def test_tokens_are_charged_before_the_call() -> None:
    found = ask(GOOD)

    (charge,) = found.budget.charges
    assert charge.bucket == "tokens"
    assert charge.units > 200


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (Reply({"error": {"code": "rate_limit_exceeded"}}, 429, {"retry-after": "99"}), Throttled),
        (Reply({"error": {"code": "insufficient_quota"}}, 429), GivenBack),
        (Reply({"error": {"code": "context_length_exceeded"}}, 400), Failed),
        (Reply({"choices": []}), GivenBack),
    ],
)
def test_errors_of_the_server_have_different_outcomes(reply: Reply, outcome: type) -> None:
    def refuse(asked: Ask) -> Reply:
        return reply

    assert isinstance(_answered(refuse).outcome, outcome)


def _answered(answer: Callable[[Ask], Reply]) -> Run:
    async def work() -> Run:
        async with StandIn(answer) as server:
            asked = task(GENDER, "anna", prompt_version="v0.12", data=DATA)
            return await run({"language_model": server.url}, asked, budget=token())

    return wait(work())


@pytest.mark.parametrize("version", ["v9.9", "../v0.12", ""])
def test_a_version_that_nobody_wrote_fails_with_those_that_exist(version: str) -> None:
    found = ask(GOOD, prompt_version=version)

    assert isinstance(found.outcome, Failed)
    assert "v0.12" in found.outcome.reason
    assert not found.asked


def test_every_flow_of_inference_has_a_prompt_whose_schema_is_valid() -> None:
    flows = [name for name, flow in FLOWS.items() if flow.is_inference]
    for flow in flows:
        versions = [path.stem for path in (FOLDER / flow.removeprefix(PREFIX)).glob("*.yaml")]
        assert versions
        for version in versions:
            found = prompt(flow, version)
            assert found.source == f"openapi_profile_info_{version}"
            with pytest.raises(UnusableAnswerError):
                found.answer("{}")
    with pytest.raises(StirError):
        prompt(flows[0], "v1")
