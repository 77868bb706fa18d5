"""Who may know what inside kernels: no circle of imports, and operators are told apart in the tables of the layers
alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import bankside.kernels
from bankside.kernels.operators import Attention, MatMul, RowWise

ROOT = Path(bankside.kernels.__file__).resolve().parent
PREFIX = "bankside.kernels"
OPERATORS = {kind.__name__ for kind in (Attention, MatMul, RowWise)}
MOST_ARGUMENTS = 8
TREES = {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.rglob("*.py")}


def module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join((PREFIX, *(parts[:-1] if parts[-1] == "__init__" else parts)))


def imported(tree: ast.AST) -> Iterator[str]:
    """Modules of kernels, wherever the import stands: deferred ones and those for type checking too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(PREFIX):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith(PREFIX))


def test_8_no_modules_import_each_other_in_a_circle() -> None:
    known = {module(path): path for path in TREES}
    graph = {
        name: {to for to in imported(TREES[path]) if to in known} - {name} for name, path in known.items()
    }
    while leaves := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in leaves:
            del graph[name]
    assert not graph


def test_8_nothing_branches_on_what_an_operator_is() -> None:
    found = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            asks = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "isinstance"
            )
            compares = isinstance(node, ast.Compare | ast.MatchClass)
            if (asks or compares) and names & OPERATORS:
                found.append(f"{path}:{node.lineno}")
    assert not found


def test_8_no_function_takes_more_than_it_can_be_read_with() -> None:
    many = []
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                of = node.args
                every = [*of.posonlyargs, *of.args, *of.kwonlyargs]
                count = len([each for each in every if each.arg not in ("self", "cls")])
                if count > MOST_ARGUMENTS:
                    many.append(f"{path}:{node.lineno}: {count}")
    assert not many
