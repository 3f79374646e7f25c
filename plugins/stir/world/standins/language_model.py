"""An OpenAI-compatible language model: `/chat/completions` and `/models`."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from stir.world.standins.server import Ask, Reply

Guess = Callable[[str, Mapping[str, Any]], str]
"""The text of an answer, for the name of the schema and what was shown of the profile."""


@dataclass
class LanguageModelStandIn:
    """The server."""

    guess: Guess
    tokens: Collection[str]

    def __call__(self, ask: Ask) -> Reply:
        """Answer one request."""
        if ask.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Reply({"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}}, 401)
        if ask.path.endswith("/models"):
            return Reply({"object": "list", "data": []})
        asked = ask.document
        shown = next(each["content"] for each in asked["messages"] if each["role"] == "user")
        content = self.guess(asked["response_format"]["json_schema"]["name"], json.loads(shown))
        size = len(ask.body) // 4
        return Reply(
            {
                "id": "chatcmpl-1",
                "object": "chat.completion",
                "choices": [
                    {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
                ],
                "usage": {"prompt_tokens": size, "completion_tokens": 50, "total_tokens": size + 50},
            }
        )
