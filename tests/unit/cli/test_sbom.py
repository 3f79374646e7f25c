from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from stir.cli.sbom import bill, sbom
from stir.errors import StirError
from stir.settings import PROJECT_DIR

LOCK = """\
backports-zstd==1.8.0 ; python_version < "3.14" \\
    --hash=sha256:{} \\
    --hash=sha256:{}
psycopg[binary]==3.3.9 \\
    --hash=sha256:{}
    # via -r requirements/core.in
""".format("a" * 64, "b" * 64, "c" * 64)


def test_each_pin_is_a_component_with_the_hashes_of_its_files() -> None:
    found = json.loads(json.dumps(bill(LOCK)))
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.6")
    assert [each["purl"] for each in found["components"]] == ["pkg:pypi/backports-zstd@1.8.0", "pkg:pypi/psycopg@3.3.9"]
    assert [len(each["hashes"]) for each in found["components"]] == [2, 1]
    assert found["dependencies"] == [{"ref": "stir", "dependsOn": [each["purl"] for each in found["components"]]}]
    assert bill(LOCK) == bill(LOCK)


def test_the_bill_of_the_image_lists_every_pin_of_its_lock_file() -> None:
    lock = PROJECT_DIR / "requirements" / "production.lock"
    printed = json.loads(CliRunner().invoke(sbom).stdout)
    pins = {line.split(" ")[0] for line in lock.read_text().splitlines() if "==" in line.split(" ")[0]}
    assert len(printed["components"]) == len(pins) > 100
    assert all(each["hashes"] for each in printed["components"])


def test_a_file_without_pins_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").write_text("# nothing\n")
    with pytest.raises(StirError, match="no pinned package"):
        CliRunner().invoke(sbom, ["--lock", str(tmp_path / "none")], catch_exceptions=False)
