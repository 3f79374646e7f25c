"""`stir score`: judges whether the followers of creators are authentic."""

from __future__ import annotations

import asyncio
import logging

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stir.cli.score_fit import fit_command, labels_command
from stir.cli.score_quality import evaluate_command, explain_command
from stir.cli.stopping import stops_by_signal

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@click.group()
def score() -> None:
    """Judge whether the followers of creators are authentic, by their names and handles."""


@score.command("run")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that score at once.")
@click.option(
    "--creator", "creators", multiple=True, metavar="ID", help="Score the followers of this Instagram profile only."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be scored.")
def run_command(workers: int, creators: tuple[str, ...], dry_run: bool) -> None:
    """Score every collected follower that has no score yet, and estimate the creators' shares.

    A run that is killed loses nothing: the next one goes on. Several runs at once share the creators out.
    """
    from stir.authenticity import job
    from stir.cli.working import running_services

    settings = running_services(("clickhouse", "postgres"))
    if dry_run:
        todo = job.plan(settings, creators)
        _out.print(f"would score {todo.edges:,} followers of {len(todo.creators):,} creators")
        return
    with _bar() as progress:
        task = progress.add_task("followers", total=None)

        def show(done: int, planned: int) -> None:
            progress.update(task, completed=done, total=planned)

        summary = job.run(settings, creators=creators, workers=workers, progress=show)
    _out.print(
        f"run {summary.run_id}: scored {summary.edges:,} followers in {summary.chunks:,} chunks,"
        f" estimated the shares of {summary.creators:,} creators",
        soft_wrap=True,
    )


@score.command("request")
@click.option("--creator", "creators", multiple=True, metavar="ID", help="Ask for this Instagram profile only.")
def request_command(creators: tuple[str, ...]) -> None:
    """Ask workers to score: one message in the stream `score_creators` for each creator that needs it.

    A message counts once the broker has confirmed it. Repeated requests do no harm.
    """
    from stir.authenticity import job, request_queue
    from stir.cli.sink import broker_of
    from stir.cli.working import running_services

    settings = running_services(("clickhouse", "postgres", "broker"))
    wanted = creators or [each.creator_id for each in job.plan(settings).creators]

    async def send() -> None:
        async with broker_of(settings) as broker:
            await request_queue.ask(broker, wanted)

    asyncio.run(send())
    _out.print(f"asked for {len(wanted):,} creators in the stream {request_queue.STREAM}")


@score.command("worker")
@click.option("--once", is_flag=True, help="End when no request waits.")
def worker_command(once: bool) -> None:
    """Score the creators that the stream `score_creators` asks for, until Ctrl-C or SIGTERM.

    A message is acknowledged once its creator has nothing left to score. Several workers may run at once.
    """
    from stir.authenticity.request_queue import Worker
    from stir.cli.sink import broker_of
    from stir.cli.working import running_services

    settings = running_services(("clickhouse", "postgres", "broker"))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")

    async def work() -> int:
        async with broker_of(settings) as broker:
            worker = Worker(settings, broker)
            with stops_by_signal(worker.stop):
                await worker.run(once=once)
            return worker.done

    _out.print(f"answered {asyncio.run(work()):,} requests")


for _command in (evaluate_command, explain_command, fit_command, labels_command):
    score.add_command(_command)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)
