"""The search for creators by likeness among 100,000 names: the published index beside RapidFuzz in the process.

Both get the same names and the same mistyped questions in one run; printed are milliseconds, and how often the name
that was meant is among the first ten.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from statistics import quantiles

import click
import psycopg
from rapidfuzz import fuzz, process
from rich import box
from rich.console import Console
from rich.table import Table

from stir import connections
from stir.app.folding import as_tsquery, fold, grams_of, least_shared
from stir.cli.stages import Stages
from stir.local import ensure_services, stop_services
from stir.settings import load_settings

SEED = 7
CONSONANTS, VOWELS = "bcdfghjklmnprstvyz", ("a", "e", "i", "o", "u", "aa", "ee", "ai")
FIND = """
select found.handle
from bench_creator as found
cross join lateral (
    select count(*) as shared from unnest(found.search_grams) as own (gram) where own.gram = any(%(grams)s::text[])
) as alike
where array_to_tsvector(found.search_grams) @@ %(wanted)s::tsquery and alike.shared >= %(least)s
order by alike.shared desc, found.handle limit 10
"""
Search = Callable[[str], list[str]]


def make_names(number: int, draw: random.Random) -> list[tuple[str, str]]:
    """Different handles with names, of two to three syllables a word."""

    def word() -> str:
        return "".join(draw.choice(CONSONANTS) + draw.choice(VOWELS) for _ in range(draw.choice((2, 2, 3))))

    known: dict[str, str] = {}
    while len(known) < number:
        first, last = word(), word()
        known[f"{first}_{last}{draw.randrange(10_000)}"] = f"{first.title()} {last.title()}"
    return list(known.items())


def mistype(name: str, draw: random.Random) -> str:
    """A name with a letter left out, doubled or replaced, or two of them changed round."""
    place = draw.randrange(1, len(name) - 1)
    before, letter, after = name[:place], name[place], name[place + 1 :]
    return draw.choice(
        [before + after, before + letter + letter + after, f"{before}x{after}", before + after[0] + letter + after[1:]]
    )


def fill(connection: psycopg.Connection, names: Sequence[tuple[str, str]]) -> None:
    """A table as `creator` is, with the index that publishing builds."""
    connection.execute("create temporary table bench_creator (handle text, name text, search_grams text[])")
    with connection.cursor().copy("copy bench_creator from stdin") as copy:
        for handle, name in names:
            copy.write_row((handle, name, grams_of(handle, name)))
    connection.execute("create index on bench_creator using gin (array_to_tsvector(search_grams))")
    connection.execute("analyze bench_creator")


def measure(search: Search, questions: Sequence[tuple[str, str]]) -> tuple[float, float, float]:
    """Median and slowest twentieth in milliseconds, and the share of questions whose handle was among the first ten."""
    seconds, hits = [], 0
    for handle, question in questions:
        began = time.perf_counter()
        hits += handle in search(question)
        seconds.append(time.perf_counter() - began)
    cuts = quantiles(seconds, n=20)
    return 1000 * cuts[9], 1000 * cuts[18], hits / len(questions)


@click.command()
@click.option("--creators", default=100_000, show_default=True)
@click.option("--questions", default=200, show_default=True)
def main(creators: int, questions: int) -> None:
    """Ask both for the same mistyped handles."""
    draw, stages = random.Random(SEED), Stages()  # noqa: S311 - not a secret
    with stages.stage("services"):
        settings = ensure_services(load_settings())
    try:
        with connections.postgres(settings, autocommit=True) as connection:
            with stages.stage("names"):
                names = make_names(creators, draw)
                fill(connection, names)
            asked = [(handle, mistype(handle, draw)) for handle, _ in draw.sample(names, questions)]
            folded = [fold(f"{handle} {name}") for handle, name in names]

            def by_index(question: str) -> list[str]:
                grams = grams_of(question)
                values = {"grams": grams, "wanted": as_tsquery(grams), "least": least_shared(grams)}
                return [str(row[0]) for row in connection.execute(FIND, values)]

            def in_process(question: str) -> list[str]:
                found = process.extract(fold(question), folded, scorer=fuzz.partial_ratio, limit=10)
                return [names[place][0] for _, _, place in found]

            table = Table(title=f"stir bench search: {creators:,} creators, {questions} questions", box=box.SIMPLE_HEAD)
            for heading in ("search", "median ms", "95 % within ms", "found", "median / index"):
                table.add_column(heading, justify="left" if heading == "search" else "right")
            ours = measure(by_index, asked)
            # A scan of every name takes long: a tenth of the questions says enough of it.
            theirs = measure(in_process, asked[: max(20, questions // 10)])
            for name, (median, slow, share) in (("GIN index", ours), ("RapidFuzz in the process", theirs)):
                table.add_row(name, f"{median:.1f}", f"{slow:.1f}", f"{share:.0%}", f"{median / ours[0]:.1f}")
            Console(width=100).print(table)
    finally:
        stop_services(settings)


if __name__ == "__main__":
    main()
