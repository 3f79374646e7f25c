"""`stir sbom`: prints the software bill of materials of an image, from its lock file."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import click

from stir import __version__
from stir.errors import StirError
from stir.settings import PROJECT_DIR

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?==(?P<version>[^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def components(lock: str) -> Iterator[dict[str, object]]:
    """The packages of a lock file as components of CycloneDX, with the hashes of every file that may be installed."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if found := _PIN.match(entry):
            name = re.sub(r"[-_.]+", "-", found["name"]).lower()
            purl = f"pkg:pypi/{name}@{found['version']}"
            yield {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": found["version"],
                "purl": purl,
                "hashes": [{"alg": "SHA-256", "content": each} for each in _HASH.findall(entry)],
            }


def bill(lock: str) -> dict[str, object]:
    """The bill as CycloneDX 1.6. The same lock file gives the same bill, serial number included."""
    found = {str(each["bom-ref"]): each for each in components(lock)}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, lock)}",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "bom-ref": "stir", "name": "stir", "version": __version__},
        },
        "components": [found[name] for name in sorted(found)],
        "dependencies": [{"ref": "stir", "dependsOn": sorted(found)}],
    }


@click.command()
@click.option(
    "--lock",
    type=click.Path(dir_okay=False, path_type=Path),
    default=PROJECT_DIR / "requirements" / "production.lock",
    help="The lock file; by default that of the production image.",
)
def sbom(lock: Path) -> None:
    """Print the software bill of materials of an image (CycloneDX, JSON), from its lock file."""
    try:
        text = lock.read_text(encoding="utf-8")
    except OSError as error:
        raise StirError(f"the lock file cannot be read: {error.strerror}", where=str(lock)) from None
    found = bill(text)
    if not found["components"]:
        raise StirError("the file holds no pinned package", where=str(lock), do="name a lock file")
    click.echo(json.dumps(found, indent=2))
