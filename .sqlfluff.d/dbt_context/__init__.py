"""What dbt puts into a template beyond ref and source, for sqlfluff's jinja templater (`.sqlfluff`, library_path).

Without it the linter would skip, silently, every model that asks for a var with structure, a moment or `modules`.
"""

import datetime
import os
import re
import types
from pathlib import Path

import pytz
import yaml

_VARS = yaml.safe_load((Path(__file__).resolve().parents[2] / "dbt_project.yml").read_text())["vars"]


def _raise_compiler_error(message: str) -> None:
    raise ValueError(message)


def var(name: str, default: object = None) -> object:
    """A var of dbt_project.yml."""
    return _VARS.get(name, default)


def env_var(name: str, default: str = "") -> str:
    """A variable of the environment."""
    return os.environ.get(name, default)


def run_query(_: str) -> types.SimpleNamespace:
    """What a question to the server answers: yes."""
    return types.SimpleNamespace(rows=[[1]])


def local_md5(_: str) -> str:
    """A hash of a text."""
    return ""


modules = types.SimpleNamespace(datetime=datetime, re=re, pytz=pytz)
exceptions = types.SimpleNamespace(raise_compiler_error=_raise_compiler_error)
run_started_at = datetime.datetime(2026, 6, 15, tzinfo=datetime.UTC)
execute = True
model = types.SimpleNamespace(name="", config=types.SimpleNamespace(materialized="table"), columns={})
"""The model that is rendered: of no name, so that nothing which a model has by its name is asked for."""
