"""Serves the metrics to Prometheus. Every scrape reads the records again, one scrape at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from stir.errors import StirError
from stir.observability.families import FAMILIES, Family, Sample
from stir.observability.readings import parts
from stir.settings import Settings

_log = logging.getLogger(__name__)

Parts = Mapping[str, Callable[[], Iterable[Sample]]]


class Records(Collector):
    """Collects the samples of all parts. A part that cannot be read has `stir_read_ok` 0; the others are served."""

    def __init__(self, readers: Parts) -> None:
        self._readers = readers
        self._one_at_a_time = threading.Lock()

    def describe(self) -> Iterator[Metric]:
        """The metrics without values, so that registering this reads nothing."""
        return (_metric(family) for family in FAMILIES.values())

    def collect(self) -> Iterator[Metric]:
        """The metrics with their current values."""
        with self._one_at_a_time:
            found = {name: _metric(family) for name, family in FAMILIES.items()}
            for part, read in self._readers.items():
                readable = True
                try:
                    samples = list(read())
                except Exception as error:
                    readable, samples = False, []
                    first = (str(error).strip() or type(error).__name__).splitlines()[0]
                    _log.warning("metrics of %s could not be read: %s", part, first[:200])
                for sample in (*samples, Sample("stir_read_ok", (part,), readable)):
                    found[sample.name].add_metric(list(sample.labels), float(sample.value))
        yield from found.values()


def _metric(family: Family) -> GaugeMetricFamily | CounterMetricFamily:
    kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
    return kind(family.name, family.help, labels=list(family.labels))


def registry(settings: Settings) -> CollectorRegistry:
    """A registry with all metrics of these settings' servers, and nothing of this process."""
    found = CollectorRegistry()
    found.register(Records(parts(settings)))
    return found


def exposition(settings: Settings) -> str:
    """All metrics once, in Prometheus' text format."""
    return generate_latest(registry(settings)).decode()


def serve(settings: Settings, host: str, port: int) -> threading.Thread:
    """Serve the metrics at http://host:port/metrics, from a thread that goes on until the process ends.

    Raises:
        StirError: the address is taken or not this machine's.
    """
    try:
        _, thread = start_http_server(port, host, registry(settings))
    except OSError as error:
        raise StirError(
            f"the exporter cannot listen: {error.strerror or error}", where=f"{host}:{port}", do="name another --port"
        ) from None
    return thread
