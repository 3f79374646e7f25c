"""The PostgreSQL host of a publish over ssh: Airflow's connection if there is one, else the settings."""

from __future__ import annotations

import pytest


def test_airflows_connection_names_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    from stir.dags.publish_step import with_ssh_connection
    from stir.settings import load_settings

    monkeypatch.setenv("STIR_SSH_URL", "ssh://own@settings.example")
    monkeypatch.setenv("AIRFLOW_CONN_STIR_POSTGRES_HOST", "ssh://loader@host.example:2222?key_file=%2Fkeys%2Floader")
    assert with_ssh_connection(load_settings()).ssh_url == "ssh://own@settings.example", (
        "transport stream needs no host"
    )
    monkeypatch.setenv("STIR_PUBLISH_TRANSPORT", "ssh")
    settings = with_ssh_connection(load_settings())
    assert settings.ssh_url == "ssh://loader@host.example:2222"
    assert str(settings.ssh_key_file) == "/keys/loader"
    monkeypatch.delenv("AIRFLOW_CONN_STIR_POSTGRES_HOST")
    assert with_ssh_connection(load_settings()).ssh_url == "ssh://own@settings.example"
