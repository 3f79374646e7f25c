"""`stir score`: judges whether the followers of creators are authentic."""

from __future__ import annotations

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from stir.cli.score_quality import evaluate_command, explain_command, fit_command

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


@click.group()
def score() -> None:
    """Judge whether the followers of creators are authentic, by their names and handles."""


@score.command("run")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes that score at once.")
@click.option("--creator", default="", metavar="ID", help="Score the followers of this Instagram profile only.")
@click.option("--dry-run", is_flag=True, help="Only say what would be scored.")
def run_command(workers: int, creator: str, dry_run: bool) -> None:
    """Score every collected follower that has no score yet, and estimate the creators' shares.

    A run that is killed loses nothing: the next one goes on. Several runs at once share the creators out.
    """
    from stir.authenticity import job
    from stir.cli.working import running_services

    settings = running_services(("clickhouse", "postgres"))
    if dry_run:
        todo = job.plan(settings, creator)
        _out.print(f"would score {todo.edges:,} followers of {len(todo.creators):,} creators")
        return
    with _bar() as progress:
        task = progress.add_task("followers", total=None)

        def show(done: int, planned: int) -> None:
            progress.update(task, completed=done, total=planned)

        summary = job.run(settings, creator=creator, workers=workers, progress=show)
    _out.print(
        f"run {summary.run_id}: scored {summary.edges:,} followers in {summary.chunks:,} chunks,"
        f" estimated the shares of {summary.creators:,} creators",
        soft_wrap=True,
    )


for _command in (evaluate_command, explain_command, fit_command):
    score.add_command(_command)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)
