"""Scores the followers that have no score yet, creator by creator.

At least once: what was not written when a run was killed has no score, so the next run finds it. Idempotent: a score
is replaced by its key (creator, follower, version of the rules), and a chunk that is sent twice in a run carries the
same token. Workers, of one command or of several, hold the creators that they score, so that none is scored twice.
"""

from __future__ import annotations

import multiprocessing
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import cache

from stir.authenticity import rules
from stir.authenticity.edges import CHUNK, Unfinished, Versions, Warehouse
from stir.authenticity.runs import Runs
from stir.authenticity.scoring import Scorer
from stir.errors import StirError
from stir.settings import Settings

PACK_CREATORS = 500
"""Most creators that a worker holds at once; PostgreSQL's table of locks has some thousands of places."""
PACK_SAMPLE = 200_000
"""Most followers, scored or not, of the creators of a pack: their names are in memory together."""
BOUNDARIES = ("begun", "held", "scored", "noted", "shared", "done")
"""Between any two of these a run may be killed."""

Reached = Callable[[str], None]
Progress = Callable[[int, int], None]
"""Called with the followers that were scored so far, and how many were planned."""


@dataclass(frozen=True)
class Plan:
    """What a run has to do."""

    creators: tuple[Unfinished, ...]

    @property
    def edges(self) -> int:
        """Followers to score."""
        return sum(each.unscored for each in self.creators)

    def packs(self, workers: int = 1) -> Iterator[list[str]]:
        """Creators in packs that a worker holds together: of at most a chunk, and none larger than a worker's part."""
        most = min(CHUNK, -(-self.edges // workers))
        pack: list[Unfinished] = []
        for each in self.creators:
            full = sum(one.unscored for one in pack) + each.unscored > most
            wide = sum(one.sample for one in pack) + each.sample > PACK_SAMPLE
            if pack and (full or wide or len(pack) == PACK_CREATORS):
                yield [one.creator_id for one in pack]
                pack = []
            pack.append(each)
        if pack:
            yield [one.creator_id for one in pack]


@dataclass(frozen=True)
class ScoreSummary:
    """What a run did. `creators` counts those whose share was estimated."""

    run_id: str
    planned: int
    edges: int
    chunks: int
    creators: int


@dataclass(frozen=True)
class _Done:
    edges: int
    chunks: int
    creators: int


def plan(settings: Settings, creators: Sequence[str] = ()) -> Plan:
    """What a run would do now, for all creators or those named.

    Raises:
        clickhouse_connect.driver.exceptions.DatabaseError: the warehouse was not built, or the server is away.
    """
    return Plan(tuple(Warehouse(settings, versions(scorer())).unfinished(creators)))


def run(
    settings: Settings,
    *,
    creators: Sequence[str] = (),
    workers: int = 1,
    progress: Progress = lambda done, planned: None,
    reached: Reached = lambda boundary: None,
) -> ScoreSummary:
    """Score everything that has no score of the present versions, then the creators' shares.

    Args:
        creators: only these profiles; all if none is named.
        workers: processes that score at once.
        reached: called at each boundary; of a single worker only.

    Raises:
        StirError: there are no workers, or ClickHouse does not show what it was told to keep.
    """
    if workers < 1:
        raise StirError(f"{workers} workers cannot score", where="--workers", do="give 1 or more")
    todo, run_id = plan(settings, creators), uuid.uuid4().hex
    made_with = versions(scorer())
    with Runs.open(settings) as runs:
        runs.begin(
            run_id,
            rules=made_with.rules,
            model=made_with.model,
            names=scorer().names.version,
            workers=workers,
            edges=todo.edges,
            creators=len(todo.creators),
        )
        reached("begun")
        total = _Done(0, 0, 0)
        packs = list(todo.packs(workers))
        many = min(workers, len(packs))
        work = _in_processes(settings, run_id, packs, many) if many > 1 else _here(settings, run_id, packs, reached)
        for done in work:
            total = _Done(total.edges + done.edges, total.chunks + done.chunks, total.creators + done.creators)
            progress(total.edges, todo.edges)
        runs.finish(run_id)
        reached("done")
    return ScoreSummary(run_id, todo.edges, total.edges, total.chunks, total.creators)


@cache
def scorer() -> Scorer:
    """The scorer of this process."""
    return Scorer.shipped()


def versions(scorer: Scorer) -> Versions:
    """What a scorer's rows bear."""
    return Versions(rules.V1, scorer.model.version if scorer.model else 0)


def _here(settings: Settings, run_id: str, packs: Sequence[list[str]], reached: Reached) -> Iterator[_Done]:
    for pack in packs:
        yield _work(settings, run_id, pack, reached)


def _in_processes(settings: Settings, run_id: str, packs: Sequence[list[str]], workers: int) -> Iterator[_Done]:
    # NumPy's threads would take the cores of the other workers.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting, rest = set[Future[_Done]](), iter(packs)
        try:
            while True:
                for pack in rest:
                    waiting.add(pool.submit(_work, settings, run_id, pack))
                    if len(waiting) > workers:
                        break
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for each in done:
                    yield each.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _work(settings: Settings, run_id: str, pack: list[str], reached: Reached = lambda boundary: None) -> _Done:
    """Score one pack of creators, as far as no other worker holds them."""
    warehouse = Warehouse(settings, versions(scorer()))
    edges = chunks = 0
    with Runs.open(settings) as runs, runs.held(pack) as creators:
        reached("held")
        last = ("", "")
        while creators:
            # Asked only now that nobody else scores them: another worker may have been faster.
            followers, handles = warehouse.unscored(creators)
            if not len(followers):
                break
            first = (followers.creator_ids[0], followers.follower_ids[0])
            if first == last:
                raise StirError(
                    f"the score of follower {first[1]} of {first[0]} was written and is not there",
                    where="ClickHouse, ds.creator_followers_fake_analysis",
                    do="see whether the table is stir's own (`./stir contracts ds.creator_followers_fake_analysis`)",
                )
            last = first
            warehouse.write(run_id, followers, handles, scorer())
            reached("scored")
            runs.note(run_id, edges=len(followers), chunks=1, creators=0)
            reached("noted")
            edges, chunks = edges + len(followers), chunks + 1
        if creators:
            warehouse.write_shares(run_id, creators, scorer())
            reached("shared")
            runs.note(run_id, edges=0, chunks=0, creators=len(creators))
    return _Done(edges, chunks, len(creators))
