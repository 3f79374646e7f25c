"""The parsed dbt project, taken over by servers of the tests' own instead of parsed again for each of them.

dbt keeps what it has parsed with a checksum of the connection and parses everything again, 14 seconds of processor,
when only the port is another. Nothing in the project reads host, port or user, so the tests give the kept parse the
checksum of the connection that reads it. The database stands in the names of tables and nowhere else: there the tests
write that of the connection. Whatever else differs, as files or dbt's version, dbt finds itself.
"""

from __future__ import annotations

import json
import os
import pprint
import shutil
import subprocess
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stir.settings import Settings

SHARED = Path(__file__).resolve().parents[1] / ".stir" / "test-manifests"
"""Where the tests of this checkout keep all manifests, and the newest parse."""


def share_manifests(state_dir: Path) -> None:
    """Let the checkout of a state folder keep its manifests where the tests' others do."""
    own = state_dir.absolute() / "dbt" / "manifests"
    if not own.exists():
        for folder in (own.parent, SHARED):
            folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # another pytest has just done it
            own.symlink_to(SHARED, target_is_directory=True)


def offer_parse(target: Path) -> None:
    """Let all tests of this checkout begin with the parse in a target folder, unless they have one."""
    from stir.transform.project import PARSED

    own = SHARED / f"{PARSED}.{os.getpid()}"
    SHARED.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # made visible as a whole
        os.link(shutil.copy2(target / PARSED, own), SHARED / PARSED)
    own.unlink()


def take_parse(
    settings: Settings, variables: Mapping[str, object] | None = None, *, folder: Path | None = None
) -> None:
    """Put the project's parse where dbt looks for that of these settings, unless there is one.

    Args:
        variables: what dbt will be given as `--vars`, of those that nothing reads before a model's SQL is compiled.
        folder: what dbt will be given as `--target-path`.
    """
    from stir.transform.environment import dbt_environment
    from stir.transform.project import PARSED, fresh_manifest

    target = (folder or settings.state_dir.absolute() / "dbt" / "target") / PARSED
    if target.exists():
        return
    share_manifests(settings.state_dir)
    if not (SHARED / PARSED).exists():
        fresh_manifest(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", __file__, str(SHARED / PARSED), str(target), json.dumps(variables or {})]
    subprocess.run(command, env={**os.environ, **dbt_environment(settings)}, check=True)


def readdress(parsed: Path, target: Path, variables: dict[str, object]) -> None:
    """Copy a parse as that of these variables and of the connection in the environment.

    In a process of its own: dbt's flags are global.
    """
    from dbt.config.runtime import load_profile
    from dbt.contracts.files import FileHash
    from dbt.flags import set_from_args
    from dbt.version import __version__
    from dbt_common.context import set_invocation_context

    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=os.environ["DBT_PROFILES_DIR"]), {})
    profile = load_profile(os.environ["DBT_PROJECT_DIR"], {})
    connection = sorted(profile.credentials.connection_info())
    content = msgpack.unpackb(parsed.read_bytes(), strict_map_key=False)
    # As dbt.parser.manifest.ManifestLoader.build_manifest_state_check does.
    _rename(content, profile.credentials.schema)
    content["state_check"]["profile_hash"] = FileHash.from_contents(pprint.pformat(connection)).to_dict()
    words = [pprint.pformat(variables), "", "", str(__version__)]  # neither profile nor target is named in a command
    content["state_check"]["vars_hash"] = FileHash.from_contents("\x00".join(words)).to_dict()
    target.write_bytes(msgpack.packb(content))


def _rename(content: dict[str, Any], database: str) -> None:
    """Let the tables of a parse be in another database."""
    from dbt.adapters.clickhouse.relation import ClickHouseRelation

    before = content["sources"]["source.stir.warehouse.link_order_history"]["schema"]
    for kind in ("nodes", "sources", "unit_tests"):
        for node in content[kind].values():
            if node["schema"] == before or node["schema"].startswith(f"{before}_dbt_"):  # where failures would be kept
                node["schema"] = database + node["schema"].removeprefix(before)
            if node.get("relation_name") and node["schema"] == database:
                table = node.get("identifier") or node["alias"]
                node["relation_name"] = ClickHouseRelation.create(schema=database, identifier=table).render()


if __name__ == "__main__":
    readdress(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]))
