"""What the sink and the door say of themselves to Prometheus."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
ROWS = (1, 10, 100, 1_000, 2_000, 5_000, 10_000, 20_000)


class SinkMetrics:
    """Counters of one sink."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        by_stream = ["stream"]

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"stir_sink_{name}", text, [*by_stream, *labels], registry=self.registry)

        self.messages = counter("messages", "Messages taken from the broker.")
        self.redelivered = counter("redelivered_messages", "Messages that the broker had delivered before.")
        self.records = counter("records", "Records in those messages.")
        self.inserted = counter("inserted_rows", "Rows written to ClickHouse; rows under a known token count again.")
        self.quarantined = counter("quarantined_records", "Records put into quarantine.", "reason")
        self.emptied = counter("emptied_values", "Values that broke the contract and were emptied.", "reason")
        self.acknowledged = counter("acknowledged_messages", "Messages acknowledged to the broker.")
        self.retries = counter("retries", "Batches tried again because a server failed.", "server")
        self.batch_rows = Histogram(
            "stir_sink_batch_rows", "Rows in a batch.", by_stream, buckets=ROWS, registry=self.registry
        )
        self.write_seconds = Histogram(
            "stir_sink_write_seconds",
            "Seconds from a whole batch to its acknowledgement.",
            by_stream,
            buckets=SECONDS,
            registry=self.registry,
        )
        self.held = Gauge("stir_sink_held_batches", "Batches in memory.", by_stream, registry=self.registry)
        self.backlog = Gauge(
            "stir_stream_backlog_messages", "Messages that wait in the broker.", by_stream, registry=self.registry
        )
        self.oldest = Gauge(
            "stir_stream_oldest_seconds", "Age of the oldest message that waits.", by_stream, registry=self.registry
        )
        self.broker_up = Gauge("stir_broker_up", "Whether the broker answers.", registry=self.registry)

    def page(self) -> tuple[bytes, str]:
        """The metrics as Prometheus reads them, and their media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST


class DoorMetrics:
    """Counters of one door."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "stir_door_requests", "Requests by stream and status.", ["stream", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "stir_door_request_seconds",
            "Seconds until the answer.",
            ["stream"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.accepted = Counter(
            "stir_door_accepted_records", "Records that the broker confirmed.", ["stream"], registry=self.registry
        )
        self.refused = Counter(
            "stir_door_refused_records",
            "Records that broke their contract.",
            ["stream", "reason"],
            registry=self.registry,
        )

    def page(self) -> tuple[bytes, str]:
        """The metrics as Prometheus reads them, and their media type."""
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
