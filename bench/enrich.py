"""Enrichment: what the language model says of profiles against the world's known truth, by field, with two error rates.

The model is a stand-in that knows the truth and errs as often as it is set to: what the pipeline adds or loses between
the question and the record shows as a difference to that rate. The peer is the most frequent value for everybody.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bench.contenders.quota_units import Counting
from stir import connections
from stir.collector.flows import flow_table
from stir.collector.prompts import prompt
from stir.collector.protocol import Complete, Failed, Outcome, Task
from stir.collector.settings import CollectorSettings
from stir.ingest.quarantine import Item
from stir.local import ensure_services, stop_services
from stir.settings import Settings, load_settings
from stir.world import WorldParameters, make
from stir.world.standins.language_model import LanguageModelStandIn
from stir.world.standins.server import StandIn

FIELDS = {
    "refresh_instagram_gpt_data_gender_location_language": ("gender", "city", "country", "languages"),
    "refresh_instagram_gpt_data_base_category_language_topics": ("category", "languages"),
}
VERSION = "v0.12"
UNKNOWN = "Unknown"
TRUTH = """
select
    account.first_handle as handle, creator.full_name as name, creator.gender as gender, creator.city as city,
    world_country_name(creator.country) as country, creator.language as languages, creator.category as category
from world.creator as creator
inner join world.account as account on account.creator = creator.creator and account.platform = 'INSTAGRAM'
order by creator.creator
"""
Person = Mapping[str, str]


@dataclass(frozen=True)
class Rates:
    """How often the stand-in says another value, says that it does not know, breaks the schema once, and twice."""

    wrong: float
    unknown: float
    broken: float = 0.1
    broken_twice: float = 0.2


@dataclass
class Model:
    """The stand-in's answers: the truth, but as often as the rates say something else."""

    people: Mapping[str, Person]
    rates: Rates
    chance: random.Random
    broken: set[tuple[str, str]] = field(default_factory=set)

    def __call__(self, name: str, shown: Mapping[str, Any]) -> str:
        """The text of an answer."""
        handle = str(shown["handle"])
        again = (name, handle) in self.broken
        if self.chance.random() < (self.rates.broken_twice if again else self.rates.broken):
            self.broken.add((name, handle))
            return '{"gender": "a person"'
        fields = prompt(f"refresh_instagram_gpt_data_{name}", VERSION).schema["required"]
        return json.dumps({each: self._say(each, self.people[handle]) for each in fields})

    def _say(self, name: str, person: Person) -> Any:
        if name not in person:
            return [] if name == "topics" else UNKNOWN
        draw = self.chance.random()
        value = person[name]
        if draw < self.rates.wrong:
            others = sorted({each[name] for each in self.people.values()} - {value})
            value = self.chance.choice(others)
        elif draw < self.rates.wrong + self.rates.unknown:
            value = UNKNOWN
        return [value] if name == "languages" else value


@dataclass
class Answers:
    """A sink that keeps the newest answer of each flow's prompt and handle, and a store that holds nothing."""

    said: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def publish(self, stream: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep them."""
        for record in records:
            self.said[str(record["profile_id"])] = dict(record["dimensions"])

    async def rows(self, table: str, column: str, values: Collection[str], *, source: str = "") -> Mapping[str, Any]:
        """Nobody was asked about before."""
        return {}


@dataclass(frozen=True)
class Interview:
    """What became of the questions of a flow: answers by handle, outcomes, and answers set aside."""

    said: Mapping[str, Mapping[str, Any]]
    outcomes: Counter[str]
    set_aside: int


async def ask(settings: Settings, flow: str, people: Mapping[str, Person], rates: Rates, seed: int) -> Interview:
    """Ask the stand-in about everybody, through the real flow."""
    sink, aside = Answers(), list[Item]()
    model = Model(people, rates, random.Random(seed))  # noqa: S311 - of a stand-in

    async def set_aside(items: Sequence[Item]) -> None:
        aside.extend(items)

    async with StandIn(LanguageModelStandIn(model, ["bench"])) as server:
        known = CollectorSettings(language_model_url=server.url)
        flows = flow_table(settings, collector=known, stored=sink, set_aside=set_aside)
        gate, outcomes = asyncio.Semaphore(8), Counter[str]()

        async def one(number: int, handle: str) -> None:
            data = {"handle": handle, "name": people[handle]["name"], "bio": ""}
            asked = Task(
                request_id=number,
                flow=flow,
                platform="INSTAGRAM",
                entities=(handle,),
                params={"handle": handle, "prompt_version": VERSION, "data": data},
            )
            async with gate:
                outcomes[_named((await flows[flow].run([asked], Counting(), sink))[number])] += 1

        await asyncio.gather(*(one(number, handle) for number, handle in enumerate(people)))
    return Interview(sink.said, outcomes, len(aside))


def _named(outcome: Outcome) -> str:
    if not isinstance(outcome, Complete | Failed):
        raise RuntimeError(str(outcome))
    return type(outcome).__name__


@dataclass(frozen=True)
class Accuracy:
    """Of those with an answer: how many are right, and how many say that they do not know."""

    answered: int
    right: int
    unknown: int

    @property
    def of_said(self) -> float:
        """The share of right values among those that were said."""
        return self.right / max(self.answered - self.unknown, 1)


def accuracy(said: Mapping[str, Mapping[str, Any]], people: Mapping[str, Person], name: str) -> Accuracy:
    """What was said of a field against the truth."""
    values = [(_first(said[handle].get(name)), people[handle][name]) for handle in said]
    return Accuracy(
        len(values),
        sum(value == truth for value, truth in values),
        sum(value in (None, UNKNOWN) for value, _ in values),
    )


def _first(value: Any) -> Any:
    return (value[0] if value else None) if isinstance(value, list) else value


def truth(settings: Settings, creators: int, seed: int) -> dict[str, Person]:
    """The people of a small world by handle."""
    make(settings, WorldParameters(creators=creators, days=2, seed=seed))
    with connections.clickhouse(settings) as client:
        return {str(row["handle"]): row for row in client.query(TRUTH).named_results()}


@click.command()
@click.option("--creators", default=400, show_default=True, type=click.IntRange(50))
@click.option("--seed", default=7, show_default=True)
def main(creators: int, seed: int) -> None:
    """Print the accuracy by field for a good model and for a poor one; fail where it is not the model's own."""
    console = Console(width=110)
    settings = ensure_services(load_settings(), ["clickhouse"])
    try:
        people = truth(settings, creators, seed)
        off = [
            name
            for rates in (Rates(wrong=0.05, unknown=0.1), Rates(wrong=0.3, unknown=0.2))
            for name in _report(console, settings, people, rates, seed)
        ]
    finally:
        stop_services(settings)
    if off:
        raise SystemExit(f"not the stand-in's own accuracy: {', '.join(off)}")


def _report(console: Console, settings: Settings, people: Mapping[str, Person], rates: Rates, seed: int) -> list[str]:
    """Print a table; the fields whose accuracy is more than four standard errors from the stand-in's."""
    title = f"a model that errs in {rates.wrong:.0%} and does not know in {rates.unknown:.0%} of {len(people)} profiles"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for heading in ("field", "answered", "not known", "right of said", "expected", "most frequent value", "ratio"):
        table.add_column(heading, justify="left" if heading == "field" else "right")
    expected, off, failed, aside = 1 - rates.wrong / (1 - rates.unknown), list[str](), 0, 0
    for flow, names in FIELDS.items():
        asked = asyncio.run(ask(settings, flow, people, rates, seed))
        for name in names:
            found = accuracy(asked.said, people, name)
            common = Counter(person[name] for person in people.values()).most_common(1)[0][1] / len(people)
            error = math.sqrt(expected * (1 - expected) / max(found.answered - found.unknown, 1))
            if abs(found.of_said - expected) > 4 * error:
                off.append(name)
            table.add_row(
                name,
                f"{found.answered / len(people):.1%}",
                f"{found.unknown / found.answered:.1%}",
                f"{found.of_said:.1%}",
                f"{expected:.1%}",
                f"{common:.1%}",
                f"{found.of_said / common:.1f}",
            )
        table.add_section()
        failed, aside = failed + asked.outcomes["Failed"], aside + asked.set_aside
        if asked.outcomes["Failed"] != asked.set_aside or asked.set_aside + len(asked.said) != len(people):
            off.append(f"answers of {flow}")
    console.print(table)
    console.print(f"{failed} answers broke their schema twice and failed; {aside} stand in quarantine")
    return off


if __name__ == "__main__":
    main()
