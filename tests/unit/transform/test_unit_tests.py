"""Every mart has unit tests of its own: rows made by hand, and what has to become of them."""

from __future__ import annotations

from pathlib import Path

from stir.transform.manifest import DbtManifest


def test_every_mart_has_a_unit_test(manifest: DbtManifest) -> None:
    tested = {test["model"] for test in manifest.raw["unit_tests"].values()}
    marts = {name for name, model in manifest.models.items() if model.node["path"].startswith("marts/")}

    assert len(marts) > 50
    assert sorted(marts - tested) == []


def test_a_unit_test_says_what_it_is_about(manifest: DbtManifest) -> None:
    tests = manifest.raw["unit_tests"].values()

    assert [test["name"] for test in tests if not test["given"] or not test["name"].islower()] == []


def test_unit_tests_stand_in_files_of_their_own_beside_their_model(manifest: DbtManifest) -> None:
    tests = manifest.raw["unit_tests"].values()
    models = manifest.models | manifest.intermediate
    described = {str(model.node["patch_path"]).partition("://")[2] for model in models.values()}
    files = {test["name"]: Path(test["original_file_path"]) for test in tests}

    assert [name for name, path in files.items() if not path.name.endswith("_unit_tests.yml")] == []
    assert [path for path in described if path.endswith("_unit_tests.yml")] == []
    assert [
        test["name"]
        for test in tests
        if files[test["name"]].parent != Path(models[test["model"]].node["original_file_path"]).parent
    ] == []
