"""sqlfluff as it is configured, faster: `python -m tests.sql_lint lint models`, part of `./stir test lint`.

For each file sqlfluff runs all macros of the project again, a fifth of its time. They are the same for every file of a
configuration, so here they are run once for each. What is reported is the same; `sqlfluff lint` goes on to work.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

from sqlfluff.cli.commands import cli
from sqlfluff.core.templaters.jinja import JinjaTemplater

_load = JinjaTemplater._get_env_context


def load_macros_once() -> None:
    """Let templaters take over the context of an earlier file that has the same configuration."""
    loaded: dict[str, dict[str, Any]] = {}

    def context(templater: JinjaTemplater, fname: Any, config: Any, env: Any) -> dict[str, Any]:
        key = repr((templater.config_pairs(), config and config.get_section(("templater",))))
        if key not in loaded:
            loaded[key] = _load(templater, fname, config, env)
        return dict(loaded[key])  # the templater adds to it what this file does not define

    JinjaTemplater._get_env_context = context  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    # Parsed statements are many objects without cycles, so it hardly pays to look for these.
    gc.set_threshold(100_000, 50, 100)
    load_macros_once()
    sys.exit(cli())
