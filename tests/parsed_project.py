"""The parsed dbt project, taken over by servers of the tests' own instead of parsed again for each of them.

dbt keeps what it has parsed with a checksum of the connection and parses everything again, 14 seconds of processor,
when only the port is another. Nothing in the project reads host, port or user, so the tests give the kept parse the
checksum of the connection that reads it. Whatever else differs, as files, variables or dbt's version, dbt finds itself.
"""

from __future__ import annotations

import os
import pprint
import shutil
import subprocess
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgpack  # type: ignore[import-untyped]

if TYPE_CHECKING:
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


def take_parse(settings: Settings) -> None:
    """Put the project's parse where dbt looks for that of these settings, unless there is one."""
    from stir.transform.environment import dbt_environment
    from stir.transform.project import PARSED, fresh_manifest

    target = settings.state_dir.absolute() / "dbt" / "target" / PARSED
    if target.exists():
        return
    share_manifests(settings.state_dir)
    if not (SHARED / PARSED).exists():
        fresh_manifest(settings)
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", __file__, str(SHARED / PARSED), str(target)]
    subprocess.run(command, env={**os.environ, **dbt_environment(settings)}, check=True)


def readdress(parsed: Path, target: Path) -> None:
    """Copy a parse as that of the connection in the environment. In a process of its own: dbt's flags are global."""
    from dbt.config.runtime import load_profile
    from dbt.contracts.files import FileHash
    from dbt.flags import set_from_args
    from dbt_common.context import set_invocation_context

    set_invocation_context(os.environ)
    set_from_args(Namespace(PROFILES_DIR=os.environ["DBT_PROFILES_DIR"]), {})
    profile = load_profile(os.environ["DBT_PROJECT_DIR"], {})
    connection = sorted(profile.credentials.connection_info())
    content = msgpack.unpackb(parsed.read_bytes(), strict_map_key=False)
    # As dbt.parser.manifest.ManifestLoader.build_manifest_state_check does.
    content["state_check"]["profile_hash"] = FileHash.from_contents(pprint.pformat(connection)).to_dict()
    target.write_bytes(msgpack.packb(content))


if __name__ == "__main__":
    readdress(*map(Path, sys.argv[1:]))
