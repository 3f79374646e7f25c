from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest

from stir.observability.exporter import Records
from stir.observability.families import FAMILIES, Sample


def test_a_part_that_cannot_be_read_is_a_metric_and_leaves_the_others_be() -> None:
    def away() -> Iterator[Sample]:
        yield Sample("stir_publish_rows", ("leaderboard", "prod"), 1)
        raise OSError("the server is away\nfor good")

    def there() -> Iterator[Sample]:
        yield Sample("stir_dbt_model_rows", ("mart_leaderboard",), 7)

    registry = CollectorRegistry()
    registry.register(Records({"publish_prod": away, "dbt": there}))
    text = generate_latest(registry).decode()
    assert 'stir_read_ok{part="publish_prod"} 0.0' in text
    assert 'stir_read_ok{part="dbt"} 1.0' in text
    assert 'stir_dbt_model_rows{model="mart_leaderboard"} 7.0' in text
    assert 'leaderboard",target' not in text  # half of a part would be taken for all of it


def test_registering_reads_nothing() -> None:
    def fail() -> Iterator[Sample]:
        raise AssertionError

    registry = CollectorRegistry()
    registry.register(Records({"dbt": fail}))
    assert [metric.name for metric in Records({}).collect()] == [name.removesuffix("_total") for name in FAMILIES]
