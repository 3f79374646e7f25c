"""An OpenAI-compatible language model: guesses about profiles. An answer satisfies its schema or is set aside.

Each question is asked once per version of its prompt and input: the event of an answer holds the key of the question.
Several flows write under one source, and readers take the latest event, so an event repeats what earlier answers said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stir.collector.chain import Asking, Result
from stir.collector.faults import Fault, Kind
from stir.collector.http import Answer, Request
from stir.collector.prompts import Prompt, UnusableAnswerError, prompt
from stir.collector.protocol import Charge, Credential, Failed, Task, Usage
from stir.collector.reading import items, part, text
from stir.collector.records import LANGUAGE_MODEL, Found
from stir.collector.settings import CollectorSettings
from stir.errors import StirError
from stir.ingest.quarantine import Item

SOURCE = "language_model"
EVENTS = "events.profile_log_events"
ASKED = "questions"
"""Member of an event's dimensions: the key of the question by the prompt's name."""
_BYTES_A_TOKEN = 3
"""Fewer than in English texts, so that an estimate is rather too high."""


class LanguageModelRules:
    """What an OpenAI-compatible server's errors mean."""

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer."""
        if answer.status == 200:
            content = part(next(iter(items(answer.document, "choices")), None), "message", "content")
            return None if text(content) else Fault(Kind.HICCUP, "the answer has no text")
        if answer.status >= 500:
            return Fault(Kind.HICCUP, f"status {answer.status}", answer.retry_after())
        code = text(part(answer.document, "error", "code")) or f"status {answer.status}"
        if answer.status in (401, 403) or code == "insufficient_quota":
            return Fault(Kind.CREDENTIAL, code)
        return Fault(Kind.BUSY if answer.status == 429 else Kind.REFUSED, code, answer.retry_after())

    def usage(self, answer: Answer) -> Usage | None:
        """Nothing: the day's tokens are ours to count."""
        return None


_RULES = LanguageModelRules()


@dataclass(frozen=True)
class Guesses:
    """One question about a profile."""

    settings: CollectorSettings
    source: str = SOURCE

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """The answer to each question."""
        return {task.request_id: await self._guess(task, asking) for task in tasks}

    async def _guess(self, task: Task, asking: Asking) -> Result:
        (handle,) = task.entities
        try:
            asked = prompt(task.flow, str(task.params.get("prompt_version", "")))
        except StirError as error:
            return Failed(error.line)
        data = task.params.get("data")
        if not isinstance(data, Mapping):
            return Failed("the request holds no data about the profile")
        earlier = await self._earlier(asked, handle, asking)
        question, questions = asked.key(data), dict(earlier.get(ASKED) or {})
        if questions.get(asked.name) == question:
            return Found(asked.source, notes=["asked before: the same prompt and the same profile"])
        messages = [{"role": "system", "content": asked.system}, {"role": "user", "content": asked.input(data)}]
        content = await self._ask(asked, messages, asking)
        try:
            guess = asked.answer(content)
        except UnusableAnswerError as error:
            said = f"That does not satisfy the schema ({error}). Answer with the corrected JSON object alone."
            messages += [{"role": "assistant", "content": content}, {"role": "user", "content": said}]
            content = await self._ask(asked, messages, asking)
            try:
                guess = asked.answer(content)
            except UnusableAnswerError as again:
                await asking.set_aside([_set_aside(asked, task, content, again)])
                return Failed(f"the answer of {asked.name} {asked.version} does not satisfy its schema twice: {again}")
        dimensions = {**earlier, **guess, ASKED: {**questions, asked.name: question}}
        reading = asking.reading(task)
        event = reading.profile(asked.source, "INSTAGRAM", handle, handle, {}, dimensions, stream=LANGUAGE_MODEL)
        return Found(asked.source, [event])

    async def _earlier(self, asked: Prompt, handle: str, asking: Asking) -> dict[str, Any]:
        rows = await asking.stored.rows(EVENTS, "profile_id", [handle], source=asked.source)
        try:
            found = json.loads(str(rows[handle]["dimensions"])) if handle in rows else {}
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    async def _ask(self, asked: Prompt, messages: Sequence[Mapping[str, str]], asking: Asking) -> str:
        size = sum(len(each["content"].encode()) for each in messages)
        charge = Charge(source=SOURCE, bucket="tokens", units=size // _BYTES_A_TOKEN + asked.max_tokens)
        schema = {"name": asked.name, "schema": dict(asked.schema)}
        body = {
            "model": self.settings.language_model,
            "messages": [dict(each) for each in messages],
            "max_tokens": asked.max_tokens,
            "temperature": 0,
            "response_format": {"type": "json_schema", "json_schema": schema},
        }

        def build(credential: Credential) -> Request:
            return Request(
                url=f"{self.settings.language_model_url}/chat/completions",
                method="POST",
                headers={"authorization": f"Bearer {credential.secret}"},
                body=body,
            )

        document = (await asking.calls.ask(charge, _RULES, build)).document
        return str(part(items(document, "choices")[0], "message", "content"))


def _set_aside(asked: Prompt, task: Task, content: str, error: UnusableAnswerError) -> Item:
    return Item(
        LANGUAGE_MODEL,
        error.reason,
        content.encode("utf-8", "replace"),
        path="$",
        message=str(error),
        key=task.entities[0],
        origin=f"prompt {asked.name} {asked.version}, request {task.request_id}",
    )
