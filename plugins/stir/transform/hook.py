"""Runs dbt in the project folder, without copying it, writing into it or parsing it twice.

The stock hook copies the project for every task. Here only dbt's target folder is temporary, and the parse is read
from the pre-parsed project (`partial_parse.msgpack`), which the first task after a change of the project renews.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airflow_dbt_python.hooks.dbt import DbtHook
from airflow_dbt_python.utils.env import update_environment

from stir.settings import Settings
from stir.transform.dbt_process import collect_rarely
from stir.transform.inputs import check_inputs_first
from stir.transform.lineage import NodeListener
from stir.transform.project import parsed_project, renew

STALE_SECONDS = 24 * 3600


class InPlaceDbtHook(DbtHook):  # type: ignore[misc]
    """Runs dbt in the project folder with a temporary target folder.

    `label` becomes the log_comment of every statement. `keep_target` is called with the target folder when dbt has
    ended, successfully or not, before the folder goes.
    """

    def __init__(self, settings: Settings, label: str, keep_target: Callable[[Path], None]) -> None:
        super().__init__()
        self.settings, self.label = settings, label
        self.keep_target = keep_target
        self._lineage = NodeListener(settings)

    def get_dbt_task_config(self, command: str, **options: Any) -> Any:
        """The configuration of a dbt command under the project's flags, dbt's own defaults among them.

        The stock configuration leaves most behaviour flags empty, which dbt takes for "off": the same project would
        parse differently here than on the command line.
        """
        from dbt.config.project import read_project_flags
        from dbt_common.helper_types import WarnErrorOptionsV2

        config = super().get_dbt_task_config(command, **options)
        for name, value in vars(read_project_flags(config.project_dir, config.profiles_dir)).items():
            if getattr(config, name, None) in (None, {}):
                setattr(config, name, value)
        # dbt's command line always sets these. Without them a test that only warns ends in an error.
        if getattr(config, "warn_error_options", None) in (None, {}):
            config.warn_error_options = WarnErrorOptionsV2(error=[])
        # The stock default is to report, which writes profiles/.user.yml.
        config.send_anonymous_usage_stats = False
        return config

    def setup_dbt_logging(self, debug: bool | None) -> None:
        """The stock hook calls this between parsing and running: the moment to label the connections.

        Earlier, in the profile, a label that differs by task would make the pre-parsed project useless.
        """
        from dbt.adapters.factory import FACTORY
        from dbt_common.events.event_manager_client import get_event_manager

        super().setup_dbt_logging(debug)
        get_event_manager().callbacks.append(self._lineage)
        check_inputs_first()
        for adapter in FACTORY.adapters.values():
            credentials = adapter.config.credentials
            credentials.custom_settings = {**(credentials.custom_settings or {}), "log_comment": self.label}

    @contextmanager
    def dbt_directory(self, config: Any, env_vars: dict[str, str] | None = None, **_: Any) -> Iterator[str]:
        """Yield a temporary folder whose `target/` is dbt's target folder."""
        collect_rarely()
        parsed = parsed_project(self.settings)
        folder = _work_folder(parsed.parent / "tasks")
        target = folder / "target"
        config.target_path = str(target)
        config.log_path = str(folder)
        config.partial_parse = True
        config.partial_parse_file_path = str(parsed)
        try:
            with update_environment(env_vars):
                yield str(folder)
        finally:
            self._lineage.close()  # a task's process ends without the interpreter's farewell
            try:
                # A parse made with --vars would make every task without them parse again.
                if not config.vars:
                    renew(parsed, target)
                self.keep_target(target)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _work_folder(parent: Path) -> Path:
    """Create a folder, and remove folders that killed tasks left behind more than a day ago."""
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.iterdir():
        if time.time() - left.stat().st_mtime > STALE_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(dir=parent))
