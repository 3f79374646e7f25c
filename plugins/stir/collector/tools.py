"""The tools of a real worker: the flows over the sources, and the broker."""

from __future__ import annotations

from stir.collector.flows import flow_table
from stir.collector.limits import documented
from stir.collector.process import Tools
from stir.collector.sink import open_sink
from stir.settings import Settings


def real_tools(settings: Settings) -> Tools:
    """The flows over the real sources, and the broker of the settings."""
    return Tools(flow_table(settings), lambda: open_sink(settings), documented())
