"""A provider that a YAML file describes: where it is, how to log in, how answers are checked, paged and read.

docs/collect.md describes the file. No code is in it: paths name members, and texts in braces are replaced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stir.collector.chain import Asking, Pass, Result
from stir.collector.faults import AnsweredError, Fault, Kind
from stir.collector.http import Answer, Request
from stir.collector.paging import Page, read_pages
from stir.collector.protocol import Charge, Credential, Task, Usage
from stir.collector.reading import count, moment, text
from stir.collector.records import Found, Reading, Record
from stir.errors import StirError
from stir.ingest.streams import stream
from stir.scrape_queue.flows import FLOWS

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
_MOMENTS = ("event_timestamp", "publish_time", "updated_at", "created_at", "timestamp")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limit(_Part):
    """At most `count` in `seconds`, or in a Pacific day; shared by the calls of the source or of one credential."""

    count: int = Field(ge=1)
    seconds: float | None = Field(None, gt=0)
    scope: Literal["source", "credential"] = "credential"


class Check(_Part):
    """What an answer of status 200 must and must not hold: some providers tell errors and limits under 200."""

    has: list[str] = []
    lacks: list[str] = []
    limit: list[str] = []


class Paging(_Part):
    """Where the token of the next page stands, and the parameter that asks for it."""

    next: str
    parameter: str
    most: int = Field(10_000, ge=1)


class Records(_Part):
    """What becomes of each element of the answer.

    Attributes:
        items: path to the element or the list of them; empty for the whole answer.
        stream: where the records go.
        fields: member of the record to path in the element; a member may hold a mapping of paths itself. `=text` is
            that text, in which {entity} and parameters of the request are replaced.
    """

    items: str = ""
    stream: str
    fields: dict[str, str | dict[str, str]]


class Endpoint(_Part):
    """How one flow is asked for."""

    path: str
    method: Literal["GET", "POST"] = "GET"
    parameters: dict[str, str] = {}
    body: dict[str, Any] | None = None
    gone: list[int] = [404]
    is_authority: bool = False
    paging: Paging | None = None
    records: list[Records]


class Provider(_Part):
    """The whole file."""

    name: Name
    url: str = Field(pattern=r"^https?://[^@?]+$")
    source: str
    headers: dict[str, str] = {}
    parameters: dict[str, str] = {}
    needs_credential: bool = True
    limits: list[Limit] = []
    check: Check = Check()
    flows: dict[str, Endpoint]


def load_providers(folder: Path | None) -> list[Provider]:
    """The providers of a folder, by the names of their files.

    Raises:
        StirError: a file is not valid; the line names the place in it.
    """
    if folder is None:
        return []
    if not folder.is_dir():
        raise StirError(
            "the folder of providers does not exist", where=str(folder), do="correct STIR_COLLECT_PROVIDERS"
        )
    found = [_load(path) for path in sorted(folder.glob("*.yaml"))]
    for name in {each.name for each in found}:
        if sum(each.name == name for each in found) > 1:
            raise StirError(f"two providers are called {name!r}", where=str(folder), do="rename one of them")
    return found


def _load(path: Path) -> Provider:
    try:
        provider = Provider.model_validate(yaml.safe_load(path.read_text()))
    except yaml.YAMLError as error:
        raise StirError(f"the file is no YAML: {error}", where=path.name) from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise StirError(f"{place or 'the file'}: {first['msg']}", where=path.name, do="see docs/collect.md") from None
    for flow, endpoint in provider.flows.items():
        if flow not in FLOWS:
            raise StirError(f"there is no flow {flow!r}", where=path.name, do="docs/collect.md lists the flows")
        for each in endpoint.records:
            stream(each.stream)
    return provider


@dataclass(frozen=True)
class _Rules:
    provider: Provider
    endpoint: Endpoint

    def fault(self, answer: Answer) -> Fault | None:
        """The fault of an answer, by its status and then by its body."""
        kind = f"an answer of {answer.status}"
        if answer.status in self.endpoint.gone:
            return Fault(Kind.GONE if self.endpoint.is_authority else Kind.STRANGER, f"{self.provider.name}: {kind}")
        if answer.status == 429 or answer.status >= 500:
            return Fault(Kind.BUSY if answer.status == 429 else Kind.HICCUP, kind, answer.retry_after())
        if answer.status in (401, 403):
            return Fault(Kind.CREDENTIAL, kind)
        if answer.status != 200:
            return Fault(Kind.REFUSED, kind)
        check = self.provider.check
        # Texts first: a body that tells a limit in plain words is no JSON.
        if any(text_in(answer, each) for each in sorted(check.limit, key=lambda each: not each.startswith("~"))):
            return Fault(Kind.LIMIT, "a limit that is reported under 200")
        if any(at(answer.document, each) is not None for each in check.lacks):
            return Fault(Kind.REFUSED, "an error that is reported under 200")
        if missing := [each for each in check.has if at(answer.document, each) is None]:
            return Fault(Kind.HICCUP, f"the answer lacks {missing[0]}")
        return None

    def usage(self, answer: Answer) -> Usage | None:
        """Nothing: the file's limits count."""
        return None


@dataclass(frozen=True)
class ProviderStep:
    """A provider as a source of a flow."""

    provider: Provider
    flow: str

    @property
    def source(self) -> str:
        """The provider's name."""
        return self.provider.name

    @cached_property
    def _endpoint(self) -> Endpoint:
        return self.provider.flows[self.flow]

    async def answer(self, tasks: Sequence[Task], asking: Asking) -> Mapping[int, Result]:
        """What the provider says of each entity."""
        return {task.request_id: await self._answer(task, asking) for task in tasks}

    async def _answer(self, task: Task, asking: Asking) -> Result:
        found, reading = Found(self.provider.source), asking.reading(task)
        for entity in task.entities:
            try:
                found.add(await self._entity(task, entity, reading, asking, found))
            except AnsweredError as error:
                if error.fault.kind != Kind.STRANGER or len(task.entities) == 1:
                    raise
                found.notes.append(f"not found: {entity}")
        return found if found.records else Pass(f"{self.provider.name} knows nothing of it")

    async def _entity(self, task: Task, entity: str, reading: Reading, asking: Asking, found: Found) -> list[Record]:
        endpoint, rules = self._endpoint, _Rules(self.provider, self._endpoint)
        charge = Charge(source=self.provider.name, bucket="calls", entity=entity)
        values = {name: str(value) for name, value in task.params.items() if isinstance(value, str | int)}
        values["entity"] = entity

        async def fetch(token: str) -> Page[Record]:
            def build(credential: Credential) -> Request:
                known = {**values, "secret": credential.secret, "account": credential.account}
                asked = {**self.provider.parameters, **endpoint.parameters}
                params = {name: filled(value, known) for name, value in asked.items()}
                if token and endpoint.paging:
                    params[endpoint.paging.parameter] = token
                return Request(
                    url=self.provider.url.rstrip("/") + filled(endpoint.path, known, quoted=True),
                    method=endpoint.method,
                    params=params,
                    headers={name: filled(value, known) for name, value in self.provider.headers.items()},
                    body=endpoint.body,
                )

            document = (await asking.calls.ask(charge, rules, build)).document
            made = [record for each in endpoint.records for record in self._records(each, document, values, reading)]
            following = at(document, endpoint.paging.next) if endpoint.paging else None
            return Page(made, "" if following in (None, "", False) else str(following))

        listed = await read_pages(fetch, endpoint.paging.most if endpoint.paging else 1_000_000)
        found.complete, found.failure = found.complete and listed.complete, found.failure or listed.failure
        return listed.items

    def _records(self, described: Records, document: Any, values: Mapping[str, str], reading: Reading) -> list[Record]:
        found = at(document, described.items) if described.items else document
        elements = found if isinstance(found, list) else [found] if found is not None else []
        return [self._record(described, each, values, reading) for each in elements]

    def _record(self, described: Records, element: Any, values: Mapping[str, str], reading: Reading) -> Record:
        body: dict[str, Any] = {}
        for name, path in described.fields.items():
            if isinstance(path, str):
                value = read(element, path, values)
                body[name] = found.isoformat() if name in _MOMENTS and (found := moment(value)) else value
            else:
                body[name] = {
                    ours: value for ours, at in path.items() if (value := read(element, at, values)) is not None
                }
        contract = stream(described.stream).contract
        known = {field.name for field in contract.fields}
        if "event_id" in known and body.get("event_id") is None:
            about = body.get("shortcode") or body.get("profile_id") or str(sorted(body.items()))
            body["event_id"] = reading.event_id(self.provider.source, str(about))
        for name, given in (("source", self.provider.source), ("event_timestamp", reading.moment.isoformat())):
            if name in known and body.get(name) is None:
                body[name] = given
        if reading.arrival and "insert_timestamp" in known:
            body["insert_timestamp"] = reading.arrival.isoformat()
        return Record(described.stream, {name: value for name, value in body.items() if value is not None})


def at(document: Any, path: str) -> Any:
    """What stands under a path of members and places, such as `data.0.id`; None where one is missing."""
    for name in path.split("."):
        if isinstance(document, Mapping):
            document = document.get(name)
        elif isinstance(document, list) and (place := count(name)) is not None and place < len(document):
            document = document[place]
        else:
            return None
    return document


def read(element: Any, path: str, values: Mapping[str, str]) -> Any:
    """The value of a path, or the text after `=`."""
    return filled(path[1:], values) if path.startswith("=") else at(element, path)


def filled(template: str, values: Mapping[str, str], *, quoted: bool = False) -> str:
    """The text with {names} replaced; others stay as they are."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe="") if quoted else value)
    return template


def text_in(answer: Answer, path: str) -> bool:
    """Whether an answer has a member (a path) or, after `~`, a text anywhere in its body."""
    if path.startswith("~"):
        return path[1:].encode() in answer.body
    return text(at(answer.document, path)) is not None
