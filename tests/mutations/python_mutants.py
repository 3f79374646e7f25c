"""Mutants of a Python module: copies of it in memory, each with one rule broken on purpose."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

OTHERS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
"""Each comparison and the one that takes its place."""
UNSEEN_KEYWORDS = {"strict", "frozen", "slots", "repr", "kw_only"}
"""Arguments that guard against a mistake of the programmer: no value depends on them."""


@dataclass(frozen=True)
class Mutant:
    """One change of one module; `index` and `variant` say which node of its tree, and what becomes of it."""

    path: str
    module: str
    line: int
    change: str
    index: int
    variant: int

    @property
    def place(self) -> str:
        """For the table."""
        return f"{self.path}:{self.line}"


def find_mutants(source: str, path: str, module: str, functions: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    """Every mutant of a source; of these functions only, if some are named."""
    tree = ast.parse(source)
    left_out = set(_left_out(tree))
    chosen = set(_inside(tree, functions)) if functions else None
    for index, node in enumerate(ast.walk(tree)):
        if node in left_out or (chosen is not None and node not in chosen):
            continue
        for variant, change in enumerate(_changes(node)):
            yield Mutant(path, module, getattr(node, "lineno", 0), change, index, variant)


def compile_mutant(source: str, mutant: Mutant) -> CodeType:
    """The code of the module with the change made."""
    tree = ast.parse(source)
    node = next(node for index, node in enumerate(ast.walk(tree)) if index == mutant.index)
    _break(node, mutant.variant)
    return compile(ast.fix_missing_locations(tree), mutant.path, "exec")


def _changes(node: ast.AST) -> list[str]:
    match node:
        case ast.Compare():
            return [f"{OTHERS[type(op)].__name__} for {type(op).__name__}" for op in node.ops]
        case ast.BoolOp():
            return ["or for and" if isinstance(node.op, ast.And) else "and for or"]
        case ast.UnaryOp(op=ast.Not()):
            return ["not dropped"]
        case ast.Constant(value=bool(flag)):
            return [f"{not flag} for {flag}"]
        case ast.Constant(value=int(number)):
            return [f"{number + 1} for {number}", f"{number - 1} for {number}"]
        case ast.Expr(value=ast.Call()):
            return [f"call dropped: {ast.unparse(node)[:60]}"]
    return []


def _break(node: ast.AST, variant: int) -> None:
    match node:
        case ast.Compare():
            node.ops[variant] = OTHERS[type(node.ops[variant])]()
        case ast.BoolOp():
            node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            node.operand = ast.UnaryOp(ast.Not(), node.operand)
        case ast.Constant(value=bool()):
            node.value = not node.value
        case ast.Constant(value=int(number)):
            node.value = number + (1, -1)[variant]
        case ast.Expr(value=ast.Call()):
            node.value = ast.Constant(None)
        case _:
            raise ValueError(f"{node} has no mutant")


def _left_out(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that no value depends on: annotations, decorators, and guards against a mistake of the programmer."""
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.FunctionDef():
                parts = [*node.decorator_list, node.returns]
            case ast.ClassDef():
                parts = [*node.decorator_list]
            case ast.AnnAssign() | ast.arg():
                parts = [node.annotation]
            case ast.keyword() if node.arg in UNSEEN_KEYWORDS:
                parts = [node.value]
        for part in parts:
            yield from ast.walk(part) if part else ()


def _inside(tree: ast.AST, functions: frozenset[str]) -> Iterator[ast.AST]:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in functions]
    missing = functions - {node.name for node in found}
    if missing:
        raise ValueError(f"there is no function {', '.join(sorted(missing))}")
    for node in found:
        yield from ast.walk(node)
