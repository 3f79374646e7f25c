"""The prompts of the language model: versioned files that say what is asked, and what an answer must look like.

A version is never changed once it is in use: a changed prompt is a new version, and answers of both can be told apart.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

from stir.errors import StirError

FOLDER = Path(__file__).with_name("prompts")
PREFIX = "refresh_instagram_gpt_data_"
"""What the names of the flows begin with; the rest is the folder of the prompt."""


@dataclass(frozen=True)
class Prompt:
    """A prompt.

    Attributes:
        name: what is asked for, such as `base_gender`.
        source: name under which the events are known; staging reads by it.
        system: the instruction.
        inputs: members of the request's `data` that the model sees.
        schema: JSON Schema that an answer must satisfy.
        max_tokens: tokens of the longest answer.
    """

    name: str
    version: str
    source: str
    system: str
    inputs: tuple[str, ...]
    schema: Mapping[str, Any]
    max_tokens: int

    def input(self, data: Mapping[str, Any]) -> str:
        """What the model is shown of a profile, always in the same order."""
        shown = {name: data[name] for name in self.inputs if data.get(name)}
        return json.dumps(shown, ensure_ascii=False)

    def key(self, data: Mapping[str, Any]) -> str:
        """A hash of the version and the input: the same question is asked once."""
        return sha256(f"{self.name} {self.version} {self.input(data)}".encode()).hexdigest()[:32]

    def answer(self, content: str) -> dict[str, Any]:
        """The answer that a text is.

        Raises:
            UnusableAnswerError: it does not satisfy the schema.
        """
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            raise UnusableAnswerError("malformed_json", "the answer is no JSON") from None
        validator = jsonschema_rs.Draft202012Validator(dict(self.schema))
        faults = [
            f"{'.'.join(map(str, each.instance_path)) or '$'}: {_kind(each)}" for each in validator.iter_errors(found)
        ]
        if faults:
            raise UnusableAnswerError("unknown_value", "; ".join(faults[:5]))
        return dict(found)


class UnusableAnswerError(Exception):
    """An answer that does not satisfy the schema; `reason` is a word of stir.sources.reasons."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@cache
def prompt(flow: str, version: str) -> Prompt:
    """The prompt of a flow in a version.

    Raises:
        StirError: there is none.
    """
    name = flow.removeprefix(PREFIX)
    path = FOLDER / name / f"{version}.yaml"
    if not version.removeprefix("v").replace(".", "").isdigit() or not path.is_file():
        known = ", ".join(sorted(each.stem for each in (FOLDER / name).glob("*.yaml")))
        raise StirError(f"there is no prompt {name} of version {version!r}", do=f"known versions: {known}")
    said = yaml.safe_load(path.read_text())
    return Prompt(
        name=name,
        version=version,
        source=said["source"],
        system=said["system"],
        inputs=tuple(said["inputs"]),
        schema=said["schema"],
        max_tokens=said["max_tokens"],
    )


def _kind(error: jsonschema_rs.ValidationError) -> str:
    # The message of the error holds the value, which may be a text about a person.
    return type(error.kind).__name__.rpartition("_")[2]
