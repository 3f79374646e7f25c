"""Rules and model of the follower scorer against the same rules written plainly: pairs a second, memory, and ratios."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import click
from rich import box
from rich.console import Console
from rich.table import Table
from tests.unit.authenticity import plain
from tests.unit.authenticity.pairs import pairs

from stir.authenticity.listing import NameList, likeness
from stir.authenticity.samples import Sample
from stir.authenticity.scoring import Followers, Scorer, judge

RATE, RATIO, LISTED_RATIO, MEMORY = 60_000, 6, 400, 300_000_000
LISTED_NAMES = 35_183
CHUNK = 50_000
ROUNDS = 3
ONE_THREAD = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")}


@click.command()
@click.option("--pairs", "number", default=100_000, show_default=True, help="Pairs judged in both ways and compared.")
@click.option(
    "--edges", default=2_000_000, show_default=True, help="Edges of the run whose memory is measured; 0: none."
)
@click.option(
    "--tokens", default=40, show_default=True, help="Words that the plain form looks up in the list of names."
)
@click.option("--scorer", is_flag=True, hidden=True)
def bench(number: int, edges: int, tokens: int, scorer: bool) -> None:
    """Print rates in processor seconds of one core; leave with 1 if a promise is broken or a value differs."""
    if scorer:
        score_edges(edges)
        return
    handles, names = pairs(number)
    batched = min(seconds(lambda: judge(handles, names)) for _ in range(ROUNDS))
    started = time.process_time()
    wanted = [plain.judge(handle, name) for handle, name in zip(handles, names, strict=True)]
    plainly = time.process_time() - started
    found = judge(handles, names)
    same = (
        found.similarity.tolist() == [each.similarity for each in wanted]
        and found.verdict.tolist() == [each.final for each in wanted]
        and found.texts.name_letters == [each.cleaned_name for each in wanted]
    )
    listed, listed_plainly = look_up(found.texts.name_letters, number, tokens)
    table = Table("what", "plain, pairs/s", "batched, pairs/s", "ratio", box=box.SIMPLE_HEAD)
    table.add_row(f"rules, {number:,} pairs", *figures(number, plainly, batched))
    table.add_row(f"names list of {LISTED_NAMES:,}", *figures(number, listed_plainly, listed))
    table.add_row("rules and names list", *figures(number, plainly + listed_plainly, batched + listed))
    console = Console(highlight=False, width=120)
    console.print(table)
    console.print(f"all similarities and verdicts are {'the same to the last bit' if same else 'NOT the same'}")
    rate, ratio = number / batched, plainly / batched
    kept = same and rate >= RATE and ratio >= RATIO and listed_plainly / listed >= LISTED_RATIO
    if edges:
        kept &= report_memory(console, edges)
    console.print(f"promised: {RATE:,} pairs/s, {RATIO}x, {LISTED_RATIO}x with the list, {MEMORY // 10**6} MB")
    if not kept:
        console.print("a promise is broken")
        sys.exit(1)


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of a call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def figures(number: int, plainly: float, batched: float) -> tuple[str, str, str]:
    return f"{number / plainly:,.0f}", f"{number / batched:,.0f}", f"{plainly / batched:,.1f}x"


def look_up(names: list[str], number: int, tokens: int) -> tuple[float, float]:
    """Seconds of looking up all names in a list: batched, and plainly as extrapolated from some of the words."""
    dice = random.Random(3)  # noqa: S311  (made-up names)
    parts = ["an", "ra", "vi", "ka", "me", "shi", "lo", "dev", "pri", "su", "ti", "ga", "no", "ya", "be", "ul"]
    listing = NameList("".join(dice.choices(parts, k=dice.randint(2, 5))) for _ in range(10 * LISTED_NAMES))
    listing = NameList(dice.sample(listing.names, LISTED_NAMES))
    # Not all names are alike in life: three in four get letters of their own.
    varied = [name + "".join(dice.choices("abcdefghij", k=3)) if dice.random() < 0.1 else name for name in names]
    batched = seconds(lambda: listing.scores(varied))
    words = [word for name in varied for word in {*name.split()[:1], *name.split()[-1:]}]
    chosen = dice.sample(words, min(tokens, len(words)))
    each = seconds(lambda: [max(likeness(word, name) for name in listing.names) for word in chosen]) / len(chosen)
    return batched, each * len(words)


def score_edges(edges: int) -> None:
    """Score so many edges in chunks, as the job does, and print seconds and bytes."""
    scorer = Scorer.shipped()
    spent, done = 0.0, 0
    while done < edges:
        size = min(CHUNK, edges - done)
        handles, names = pairs(size, seed=done)
        creators = [str(place // 400) for place in range(size)]
        started = time.process_time()
        samples: dict[str, Sample] = {}
        for creator, name, handle in zip(creators, names, handles, strict=True):
            samples.setdefault(creator, Sample("IN")).add([name], [handle])
        scorer.score(Followers(creators, creators, handles, names), samples)
        spent += time.process_time() - started
        done += size
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(spent, used)


def report_memory(console: Console, edges: int) -> bool:
    """Whether a run over all edges, in a process of its own, stays within the memory that is promised."""
    command = [sys.executable, "-P", __file__, "--scorer", "--edges", str(edges)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=ONE_THREAD).stdout.split()
    spent, used = float(said[0]), int(said[1])
    console.print(
        f"rules, model and reasons of {edges:,} edges in chunks of {CHUNK:,}: {spent:.0f} processor seconds, "
        f"{edges / spent:,.0f} edges/s, {used / 1e6:.0f} MB at most"
    )
    return used <= MEMORY


if __name__ == "__main__":
    bench()
