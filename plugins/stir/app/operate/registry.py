"""The operators' sections: one line each. Whoever adds a page writes a module with a router and adds its line here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass

from fastapi import FastAPI


@dataclass(frozen=True)
class Section:
    """A section of the operators' pages: its path, its name in the navigation, and the module with its `router`."""

    path: str
    words: str
    module: str


SECTIONS = (
    Section("/operate", "Pipelines", "stir.app.operate.pages.pipelines"),
    Section("/operate/generations", "Generations", "stir.app.operate.pages.generations"),
    Section("/operate/quarantine", "Quarantine", "stir.app.operate.pages.quarantine"),
    Section("/operate/streams", "Streams", "stir.app.operate.pages.streams"),
    Section("/operate/collections", "Costs", "stir.app.operate.pages.costs"),
    Section("/operate/jobs", "Jobs", "stir.app.operate.pages.jobs"),
    Section("/operate/audit", "Audit log", "stir.app.operate.pages.audit"),
)


def install(application: FastAPI) -> None:
    """Add the operators' pages to the application."""
    for module in ("stir.app.operate.pages.session", *(section.module for section in SECTIONS)):
        application.include_router(importlib.import_module(module).router)
