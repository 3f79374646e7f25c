"""The sink keeps the equation: what was confirmed is in the table, in quarantine or waiting, and nothing is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time

import pytest
from pydantic import SecretStr

from stir import connections
from stir.ingest import audit, quarantine
from stir.ingest import batch as batches
from stir.ingest.broker import Broker, Incoming
from stir.ingest.broker.nats import NatsBroker
from stir.ingest.messages import NDJSON
from stir.ingest.records import Checker
from stir.ingest.sink import Sink
from stir.ingest.streams import Stream
from stir.local import Supervisor, ensure_services
from stir.settings import Settings

from .flow import (
    STREAM,
    TABLE,
    Program,
    event,
    landed,
    line,
    nothing_waits,
    publish,
    publish_events,
    run_sink,
    set_aside,
    sink_program,
    waiting,
    with_broker,
)
from .rabbitmq import RabbitMq


@pytest.fixture(autouse=True)
def empty(own: Settings) -> None:
    """Nothing in the table, in quarantine and in the broker."""
    connections.clickhouse(own).command(f"truncate table {TABLE}")
    with quarantine.connect(own) as connection:
        connection.execute("truncate ingest.quarantine, ingest.stream_batch")
    assert waiting(own) == 0


def test_one_bad_record_of_a_thousand_goes_to_quarantine_and_the_others_of_two_months_into_the_table(
    own: Settings,
) -> None:
    records = [event(n, event_timestamp=f"2026-0{4 + n % 2}-11T00:00:00Z") for n in range(1000)]
    records[500]["platform"] = "MYSPACE"
    publish(own, [b"\n".join(map(line, records))], content_type=NDJSON)
    run_sink(own, nothing_waits(own))
    assert landed(own) == {f"e-{n}": 1 for n in range(1000) if n != 500}
    assert set_aside(own) == {"unknown_value": 1}
    with quarantine.connect(own) as connection:
        [kept] = quarantine.entries(own, connection, bodies=True)
    assert (kept.stream, kept.key, json.loads(kept.body or b"")) == (STREAM, "e-500", records[500])


def test_a_row_that_only_clickhouse_refuses_is_found_and_set_aside(own: Settings) -> None:
    client = connections.clickhouse(own)
    client.command(f"alter table {TABLE} add constraint only_here check event_id != 'e-77'")
    try:
        publish_events(own, range(200))
        run_sink(own, nothing_waits(own))
    finally:
        client.command(f"alter table {TABLE} drop constraint only_here")
    assert landed(own) == {f"e-{n}": 1 for n in range(200) if n != 77}
    assert set_aside(own) == {"refused_by_clickhouse": 1}


def test_the_same_id_with_another_body_is_written_too_for_staging_to_judge(own: Settings) -> None:
    publish(own, [line(event(1)), line(event(1, metrics='{"followers": 5}')), line(event(1))])
    run_sink(own, nothing_waits(own))
    assert set(landed(own)) == {"e-1"}
    found = connections.clickhouse(own).query(f"select distinct metrics from {TABLE}").result_columns[0]
    assert len(found) == 2


STEPS = {
    "before the records are checked": (batches, "read"),
    "before the rows are inserted": (batches, "insert_isolating"),
    "between the insert and the quarantine": (batches, "set_aside"),
    "between the quarantine and the note": (audit, "record"),
    "between the note and the acknowledgement": (NatsBroker, "ack"),
}


def die(settings: Settings, step: str) -> None:
    """Run a sink that ends as by `kill -9` at a step of its first batch."""
    place, name = STEPS[step]
    setattr(place, name, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    run_sink(settings, lambda: False)


def test_a_sink_that_is_killed_at_any_step_leaves_its_batch_to_the_next_one_and_adds_nothing_twice(
    own: Settings,
) -> None:
    bad = [line({"event_id": f"bad-{n}"}) for n in range(5)]
    publish(own, [b"\n".join([*(line(event(n)) for n in range(100)), *bad])], content_type=NDJSON)
    for step in STEPS:
        killed = multiprocessing.get_context("fork").Process(target=die, args=(own, step))
        killed.start()
        killed.join(300)
        assert killed.exitcode == -signal.SIGKILL, step
        assert waiting(own) == 1, step
    run_sink(own, nothing_waits(own))
    assert landed(own) == {f"e-{n}": 1 for n in range(100)}
    with quarantine.connect(own) as connection:
        assert {each.key for each in quarantine.entries(own, connection)} == {f"bad-{n}" for n in range(5)}
    [held] = audit.holdings(own, {})
    assert (held.written, held.in_table, held.missing) == (100, 100, 0)


def test_an_unknown_version_and_an_unknown_contract_go_to_quarantine(own: Settings) -> None:
    publish(own, [line(event(1, _schema_version="9.0.0")), line(event(2, _schema="events.post_log_events"))])
    publish(own, [line(event(3, _schema_version="1.0.0"))])

    async def by_header(connection: Broker) -> None:
        await connection.publish(STREAM, line(event(4)), headers={"Stir-Schema-Version": "7.7.7"})

    with_broker(own, by_header)
    run_sink(own, nothing_waits(own))
    assert landed(own) == {"e-3": 1}
    assert set_aside(own) == {"schema_not_found": 3}


HOSTILE = {
    "nothing": b"",
    "no text": b"\xff\xfe\x00",
    "a NUL byte": b"\x00",
    "NUL in a name": b'{"a\\u0000": 1, "a\\u0000": 2}',
    "half a character": line(event("x")).replace(b"ytapi", b"\\ud83d"),
    "the same name twice": b'{"event_id": "a", "event_id": "b"}',
    "NaN": line(event("x")).replace(b'"{}"', b"NaN").replace(b'"YOUTUBE"', b"NaN"),
    "too great a number": line(event("x")).replace(b'"YOUTUBE"', b"1e400"),
    "deep nesting": b'{"a":' * 100_000,
    "deep array": b"[" * 100_000,
    "a number of many digits": b'{"event_id": ' + b"9" * 50_000 + b"}",
    "half an object": line(event("x"))[:-9],
    "a large record": line(event("x", dimensions="x" * 2_000_000)),
    "no object": b"17",
    "text": b"hello, is this the right number?",
}


def test_no_body_ends_the_sink_and_each_is_set_aside(own: Settings) -> None:
    publish(own, HOSTILE.values())
    publish(own, [b"[" + line(event(1)) + b', {"event_id": NaN}, ' + line(event(2)) + b"]"])
    run_sink(own, nothing_waits(own))
    assert landed(own) == {"e-1": 1, "e-2": 1}
    assert sum(set_aside(own).values()) == len(HOSTILE) + 1
    assert set(set_aside(own)) <= {"undecodable", "not_utf8", "too_large", "impossible_number"}


def test_a_storm_of_equal_bad_records_is_one_entry_with_a_count_and_one_verdict_a_batch(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[int] = []
    check = Checker.judge
    monkeypatch.setattr(Checker, "judge", lambda *given: judged.append(1) or check(*given))  # type: ignore[func-returns-value]
    bad = line({"platform": "MYSPACE"})
    publish(own, [b"\n".join([bad] * 10_000)] * 4, content_type=NDJSON)
    run_sink(own, nothing_waits(own))
    with quarantine.connect(own) as connection:
        [kept] = quarantine.entries(own, connection)
    assert kept.times >= 40_000, "a message that came again before it was acknowledged counts again"
    assert len(judged) <= kept.times / 10_000


class Stumbling(Sink):
    """A sink with a fault: one kind of message cannot be handled."""

    def read(self, stream: Stream, messages: list[Incoming]) -> batches.Batch:
        if any(b"e-13" in message.body for message in messages):
            raise ZeroDivisionError("an error that nobody thought of")
        return super().read(stream, messages)


def test_a_message_that_cannot_be_handled_goes_to_quarantine_after_five_deliveries_and_holds_up_no_other(
    own: Settings,
) -> None:
    publish_events(own, range(40), each=1)
    run_sink(own, nothing_waits(own), kind=Stumbling)
    assert landed(own) == {f"e-{n}": 1 for n in range(40) if n != 13}
    with quarantine.connect(own) as connection:
        [kept] = quarantine.entries(own, connection)
    assert (kept.reason, kept.origin) == ("undecodable", "message delivered 5 times")
    assert "an error that nobody thought of" in kept.message


def test_two_sinks_share_a_stream(own: Settings) -> None:
    sinks = run_sink(
        own,
        nothing_waits(own),
        sinks=2,
        meanwhile=lambda: publish_events(own, range(4000), each=10),
    )
    assert landed(own) == {f"e-{n}": 1 for n in range(4000)}
    taken = [sink.metrics.messages.labels(STREAM)._value.get() for sink in sinks]
    assert sum(taken) == 400
    assert all(taken)


class Slow(Sink):
    """A sink whose reading takes its time, and which notes how many messages are in memory."""

    most = 0

    def read(self, stream: Stream, messages: list[Incoming]) -> batches.Batch:
        type(self).most = max(self.most, sum(map(len, self._holding.values())))
        time.sleep(0.2)
        return super().read(stream, messages)


def test_a_slow_sink_holds_two_batches_and_leaves_the_rest_to_the_broker(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stir.ingest.sink.BATCH_BYTES", 50_000)
    publish_events(own, range(6000), each=20)
    run_sink(own, nothing_waits(own), kind=Slow)
    assert landed(own) == {f"e-{n}": 1 for n in range(6000)}
    assert 0 < Slow.most <= 60


def kill(settings: Settings, name: str) -> None:
    """End a server as a crash would."""
    running = Supervisor(settings).service(name).process()
    assert running
    running.kill()
    running.wait(60)


@pytest.mark.parametrize(
    "name",
    # The test below kills PostgreSQL, too.
    ["clickhouse", pytest.param("postgres", marks=pytest.mark.long), "broker"],
)
def test_a_server_that_is_killed_while_the_sink_writes_costs_nothing_but_time(own: Settings, name: str) -> None:
    bad = [line({"event_id": f"bad-{n}"}) for n in range(10)]
    publish_events(own, range(500), each=5)
    publish(own, bad)

    def crash() -> None:
        kill(own, name)
        if name == "broker":
            ensure_services(own, ["broker"])
            return
        publish_events(own, range(500, 600))
        ensure_services(own, [name])

    run_sink(own, nothing_waits(own), meanwhile=crash)
    assert set(landed(own)) == {f"e-{n}" for n in range(500 if name == "broker" else 600)}
    assert len(set_aside(own)) == 1
    with quarantine.connect(own) as connection:
        assert len(quarantine.entries(own, connection)) == len(bad)


def test_nothing_is_acknowledged_while_the_quarantine_is_away(own: Settings) -> None:
    publish(own, [line({"event_id": "bad"})])
    kill(own, "postgres")
    tried: list[int] = []

    def tried_twice() -> bool:
        tried.append(waiting(own))
        return len(tried) > 10

    run_sink(own, tried_twice)
    assert set(tried) == {1}
    ensure_services(own, ["postgres"])
    run_sink(own, nothing_waits(own))
    assert sum(set_aside(own).values()) == 1


def test_a_sink_that_is_asked_to_end_writes_what_it_holds_and_ends_in_time(own: Settings) -> None:
    program = sink_program(own)
    try:
        publish_events(own, range(500))
        while waiting(own) == 0 and not landed(own):
            pass
        program.signal(signal.SIGTERM)
        assert program.end(180) == 0
    finally:
        program.close()
    run_sink(own, nothing_waits(own))
    assert landed(own) == {f"e-{n}": 1 for n in range(500)}


def test_a_wrong_password_of_the_broker_is_one_line(own: Settings) -> None:
    wrong = f"nats://stir:wrong@127.0.0.1:{own.broker.port}"
    program = Program(own, "sink", "--streams", STREAM, STIR_BROKER_URL=wrong)
    assert program.end() == 1
    [said] = program.said.decode().splitlines()
    assert "the broker refuses the password of `stir`" in said
    assert "wrong" not in said


def test_rabbitmq_carries_the_same_records(own: Settings, rabbit: RabbitMq) -> None:
    """Also a message of 64 MB, which JetStream does not take."""
    away = own.model_copy(update={"broker_url": SecretStr(rabbit.url)})
    publish_events(away, range(300), each=10)
    publish(away, [b"x" * 64_000_000])

    def done() -> bool:
        return len(landed(own)) == 300 and bool(set_aside(own))

    run_sink(away, done)
    assert set(landed(own)) == {f"e-{n}" for n in range(300)}
    assert set(set_aside(own)) == {"too_large"}


def test_the_audit_finds_each_record_and_says_which_are_lost(own: Settings) -> None:
    records = [event(n) for n in range(30)]
    records[3]["platform"] = "MYSPACE"
    publish(own, [b"\n".join(map(line, records))], content_type=NDJSON)
    run_sink(own, nothing_waits(own))
    publish(own, [line(event("later"))])

    [day] = audit.days(own)
    assert (day.stream, day.received, day.written, day.refused) == (STREAM, 30, 29, 1)
    [held] = audit.holdings(own, {STREAM: waiting(own)})
    assert (held.written, held.in_table, held.refused, held.in_quarantine, held.waiting) == (29, 29, 1, 1, 1)
    assert held.missing == 0

    connections.clickhouse(own).command(f"delete from {TABLE} where event_id in ('e-7', 'e-8')")
    with quarantine.connect(own) as connection:
        assert quarantine.forget(own, connection, "e-3") == 1
    [held] = audit.holdings(own, {})
    assert (held.refused, held.in_quarantine, held.missing) == (0, 0, 2)
    run_sink(own, nothing_waits(own))
