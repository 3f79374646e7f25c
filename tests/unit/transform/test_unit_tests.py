"""Every mart has unit tests of its own: rows made by hand, and what has to become of them."""

from __future__ import annotations

from stir.transform.manifest import DbtManifest


def test_every_mart_has_a_unit_test(manifest: DbtManifest) -> None:
    tested = {test["model"] for test in manifest.raw["unit_tests"].values()}
    marts = {name for name, model in manifest.models.items() if model.node["path"].startswith("marts/")}

    assert len(marts) > 50
    assert sorted(marts - tested) == []


def test_a_unit_test_says_what_it_is_about(manifest: DbtManifest) -> None:
    tests = manifest.raw["unit_tests"].values()

    assert [test["name"] for test in tests if not test["given"] or not test["name"].islower()] == []
