"""The ssh transport through a real sshd: cut, orphaned, begun twice, killed, stopped, under eight readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from stir import connections
from stir.errors import StirError
from stir.local.machine.process import wait_until
from stir.publish import STEPS, PublishState, begin, publish, verify
from stir.publish.load import ssh, ssh_job
from stir.publish.progress import UNWATCHED
from stir.publish.session import writer
from stir.settings import Settings

from .failpoints import At
from .faulty_s3 import Fault, faulty_s3
from .left_overs import BOARD, generations, left_overs, once
from .postgres_host import PostgresHost


@pytest.fixture(autouse=True)
def _nothing_stays_on_the_host(host: PostgresHost) -> Iterator[None]:
    if any(host.jobs.iterdir()):  # a failed test has left a job, which is not this test's failure
        ssh.Host(host.settings).run(ssh_job.stop_script(str(host.jobs), "*"))
    yield
    assert list(host.jobs.iterdir()) == []
    assert host.loaders() == []


def exported(through: Settings, run_id: str) -> PublishState:
    return STEPS["export"](through, begin(through, "leaderboard", run_id=once(run_id)), UNWATCHED)


def finished(through: Settings, state: PublishState) -> None:
    """The rest of the run publishes."""
    for step in ("index", "verify", "swap", "tidy"):
        state = STEPS[step](through, state, UNWATCHED)
    assert state.outcome == "published"
    assert verify(through, BOARD).mart_is_published


def loaded_tables(place: Settings, state: PublishState) -> int:
    with writer(place, "prod") as connection:
        found = connection.execute(
            "select count(*) from pg_tables where schemaname = 'stir' and starts_with(tablename, %s)",
            [BOARD.stored_name(state.token)],
        ).fetchone()
    return found[0] if found else 0


def slow(seconds: float) -> Fault:
    def answer(number: int, body: bytes) -> tuple[int, bytes]:
        time.sleep(seconds)
        return 206, body

    return answer


@pytest.mark.faults(0)
def test_control_without_a_fault(host: PostgresHost, version: int) -> None:
    publication = publish(host.settings, BOARD)
    assert publication.outcome == "published"
    assert verify(host.settings, BOARD).mart_is_published
    log = host.log()
    assert host.settings.s3.password not in log
    assert "X-Amz-Signature" not in log


@pytest.mark.faults(16)
def test_cut_sessions_do_not_stop_the_job(host: PostgresHost, version: int) -> None:
    cuts: list[int] = []

    def cut(point: str) -> None:
        if point == "remote job started":
            threading.Timer(0.1, lambda: cuts.append(host.cut_sessions())).start()
            threading.Timer(0.5, lambda: cuts.append(host.cut_sessions())).start()

    with faulty_s3(host.settings, slow(1.0)) as (proxied, server):
        assert publish(proxied, BOARD, observer=At(cut)).outcome == "published"
    assert len(cuts) == 2
    assert server.reads == 1, "the job ran once"


@pytest.mark.long  # test_four_at_once_are_one_job joins a job, test_a_dead_runs_job_... leaves an orphan
@pytest.mark.faults(16)
def test_an_orphan_is_joined_by_the_retry_and_loads_once(host: PostgresHost, version: int) -> None:
    def die(point: str) -> None:
        if point == "remote job started":
            raise KeyboardInterrupt

    with faulty_s3(host.settings, slow(1.5)) as (proxied, server):
        state = exported(proxied, "orphan")
        with pytest.raises(KeyboardInterrupt):
            STEPS["load"](proxied, state, At(die))
        assert [process.username() for process in host.loaders()] != ["root"]
        finished(proxied, STEPS["load"](proxied, state, UNWATCHED))
        assert server.reads == 1


@pytest.mark.faults(16)
def test_four_at_once_are_one_job(host: PostgresHost, version: int) -> None:
    with faulty_s3(host.settings, slow(1.0)) as (proxied, server):
        state = exported(proxied, "four")
        with ThreadPoolExecutor(4) as callers:
            begun = [callers.submit(ssh.load, proxied, state, UNWATCHED) for _ in range(4)]
            results = [each.result() for each in begun]
        assert {result.loaded for result in results} == {results[0].loaded}
        assert (loaded_tables(proxied, state), server.reads) == (1, 1)
        finished(proxied, results[0])


@pytest.mark.faults(16)
def test_whose_job_another_one_saw_through_and_tidied_up_is_content(host: PostgresHost, version: int) -> None:
    quicker: list[PublishState] = []
    begun: list[str] = []

    def overtake(point: str) -> None:
        if point == "remote job started" and not begun:
            begun.append(point)
            quicker.append(ssh.load(proxied, state, UNWATCHED))

    with faulty_s3(host.settings, slow(0.2)) as (proxied, server):
        state = exported(proxied, "overtaken")
        slower = ssh.load(proxied, state, At(overtake))
        assert [slower] == quicker
        assert (loaded_tables(proxied, state), server.reads) == (1, 1)
        finished(proxied, slower)


@pytest.mark.faults(16)
def test_a_job_that_was_killed_is_begun_again(host: PostgresHost, version: int) -> None:
    killed: list[int] = []
    done = threading.Event()

    def kill(point: str) -> None:
        if point == "remote job started" and not killed:
            assert wait_until(lambda: bool(host.loaders()), seconds=120, give_up=lambda: False)
            for process in host.loaders():
                for member in [process.parent(), process, *process.children(recursive=True)]:
                    if member:
                        killed.append(member.pid)
                        member.kill()
            done.set()

    def answer(number: int, body: bytes) -> tuple[int, bytes]:
        done.wait(120)
        return 206, body

    with faulty_s3(host.settings, answer) as (proxied, _):
        assert publish(proxied, BOARD, observer=At(kill)).outcome == "published"
    assert killed
    assert verify(host.settings, BOARD).intact


@pytest.mark.faults(15)
def test_a_download_that_dies_loads_nothing(host: PostgresHost, version: int) -> None:
    before = generations(host.settings)[-1]
    with faulty_s3(host.settings, lambda number, body: None) as (proxied, _):
        state = exported(proxied, "half a part")
        with pytest.raises(StirError, match=r"the host could not load leaderboard: curl: .*readers keep"):
            STEPS["load"](proxied, state, UNWATCHED)
        assert loaded_tables(proxied, state) == 0
        STEPS["tidy"](proxied, state, UNWATCHED)
    assert generations(host.settings)[-1] == before


@pytest.mark.faults(17)
def test_a_job_that_takes_too_long_is_stopped_with_all_it_began(
    host: PostgresHost, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "TIMEOUT", 1.0)
    with faulty_s3(host.settings, slow(60.0)) as (proxied, _):  # it is stopped long before
        state = exported(proxied, "too long")
        with pytest.raises(StirError, match="took longer than 1 s and was stopped"):
            STEPS["load"](proxied, state, UNWATCHED)
        assert host.loaders() == []
        assert loaded_tables(proxied, state) == 0
        STEPS["tidy"](proxied, state, UNWATCHED)


@pytest.mark.faults(16)
def test_a_dead_runs_job_is_ended_by_the_next_run(host: PostgresHost, version: int) -> None:
    def die(point: str) -> None:
        if point == "remote job started":
            raise KeyboardInterrupt

    with faulty_s3(host.settings, slow(60.0)) as (proxied, _):
        state = exported(proxied, "dead")
        with pytest.raises(KeyboardInterrupt):
            STEPS["load"](proxied, state, At(die))
        assert publish(host.settings, BOARD, take_over=True).outcome == "published"
        with writer(host.settings, "prod") as connection:
            connection.execute("update stir.run set expires_at = now() where run_id = %s", [state.run_id])
        assert publish(host.settings, BOARD, force=True).outcome == "published"
    assert left_overs(host.settings) == []


def test_an_unknown_host_key_and_a_dead_host_are_refused_in_one_line(
    host: PostgresHost, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh, "ATTEMPTS", 1)
    stranger = host.folder / "strangers"
    stranger.write_text("")
    unknown = host.settings.model_copy(update={"ssh_known_hosts": stranger})
    with pytest.raises(StirError, match=r"does not answer: Server .* not found in known_hosts.*STIR_SSH_KNOWN_HOSTS"):
        ssh.Host(unknown).run("true")
    away = host.settings.model_copy(update={"ssh_url": "ssh://stir@127.0.0.1:1"})
    with pytest.raises(StirError, match=r"does not answer.*stir@127\.0\.0\.1:1"):
        ssh.Host(away).run("true")
    with pytest.raises(StirError, match="no PostgreSQL host to log in to is configured"):
        ssh.Host(host.settings.model_copy(update={"ssh_url": None}))


def test_the_account_is_no_superuser_anywhere(host: PostgresHost, version: int) -> None:
    user = ssh.Host(host.settings).run("id -u; id -un").split()
    assert user[0] != "0"
    with connections.postgres(host.settings) as connection:
        assert connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)
    assert psutil.Process(host.daemon.pid).is_running()
