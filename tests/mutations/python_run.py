"""Run the unit tests of a module against each of its mutants.

Nothing is written: a fork of this process imports the mutant in place of the module, and ends with pytest's exit code.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from tests.mutations.python_mutants import Mutant, compile_mutant, find_mutants

from stir.errors import StirError
from stir.settings import PROJECT_DIR

LIST = Path(__file__).with_name("python.toml")
SECONDS = 120
"""A mutant whose tests take longer never ends, and counts as noticed."""
FAILED = {int(pytest.ExitCode.TESTS_FAILED), int(pytest.ExitCode.INTERRUPTED)}
"""A test is red, or the module cannot be imported any more."""
OURS = ("stir", "tests", "test_", "conftest", "__main__", "_pytest.assertion")


@dataclass(frozen=True)
class Subject:
    """A module, which of its functions are mutated (all, if none is named) and the files of its unit tests."""

    path: str
    tests: tuple[str, ...]
    functions: frozenset[str] = frozenset()

    @property
    def module(self) -> str:
        """Its dotted name."""
        return ".".join(Path(self.path).relative_to("plugins").with_suffix("").parts)

    @property
    def source(self) -> str:
        """What is mutated."""
        return (PROJECT_DIR / self.path).read_text(encoding="utf-8")

    def mutants(self) -> list[Mutant]:
        """Each change that is tried."""
        return list(find_mutants(self.source, self.path, self.module, self.functions))


class MutantFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from code of ours."""

    def __init__(self, module: str, code: CodeType) -> None:
        self._module, self._code = module, code

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """The module's spec, and no other's."""
        return (
            importlib.machinery.ModuleSpec(name, self, origin=self._code.co_filename) if name == self._module else None
        )

    def exec_module(self, module: ModuleType) -> None:
        """Run the mutant."""
        module.__file__ = str(PROJECT_DIR / self._code.co_filename)
        exec(self._code, module.__dict__)  # noqa: S102  (our own source with one change)


def read_subjects() -> list[Subject]:
    """The list that is kept in python.toml."""
    entries = tomllib.loads(LIST.read_text(encoding="utf-8"))["module"]
    return [Subject(entry["path"], tuple(entry["tests"]), frozenset(entry.get("functions", ()))) for entry in entries]


def run_mutants(work: Sequence[tuple[Subject, Mutant]], processes: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant as its tests end, and whether they noticed it."""
    waiting = list(work)[::-1]
    running: dict[int, Mutant] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                subject, mutant = waiting.pop()
                running[_fork(subject.tests, (subject.module, compile_mutant(subject.source, mutant)))] = mutant
            pid, status = os.wait()
            mutant = running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if code > 0 and code not in FAILED:
                raise StirError(f"pytest ended with {code} on {mutant.place}", do="run its tests by themselves")
            yield mutant, code != 0
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def prepare(subjects: Sequence[Subject]) -> None:
    """Import what the tests import of others' packages, once for all forks.

    Raises:
        StirError: the tests are red without any mutant.
    """
    files = tuple(sorted({file for subject in subjects for file in subject.tests}))
    read_end, write_end = os.pipe()
    pid = _fork(files, None, write_end)
    os.close(write_end)
    with os.fdopen(read_end) as stream:
        names = json.loads(stream.read() or "[]")
    _, status = os.waitpid(pid, 0)
    if status:
        raise StirError("the unit tests are red without any mutation", do=f"run `./stir test unit` and mend {files}")
    for name in names:
        if not name.startswith(OURS):
            with contextlib.suppress(Exception):
                importlib.import_module(name)


def _fork(files: Sequence[str], mutant: tuple[str, CodeType] | None, report: int | None = None) -> int:
    """A process that runs these tests; its id."""
    if pid := os.fork():
        return pid
    code = 70
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.alarm(SECONDS if mutant else 0)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        sys.dont_write_bytecode = True
        if mutant:
            sys.meta_path.insert(0, MutantFinder(*mutant))
            for name in [name for name in sys.modules if name == mutant[0] or name.startswith("stir.publish")]:
                del sys.modules[name]
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *files]))
        if report is not None:
            with os.fdopen(report, "w") as handle:
                json.dump(sorted(sys.modules), handle)
    finally:
        os._exit(code)
