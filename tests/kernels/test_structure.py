"""Operators are told apart in the tables of the layers alone."""

import ast
from pathlib import Path

import bankside.kernels
from bankside.kernels.operators import Attention, MatMul, RowWise

ROOT = Path(bankside.kernels.__file__).resolve().parent
OPERATORS = {kind.__name__ for kind in (Attention, MatMul, RowWise)}


def test_8_nothing_branches_on_what_an_operator_is() -> None:
    found = []
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
            asks = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "isinstance"
            )
            compares = isinstance(node, ast.Compare | ast.MatchClass)
            if (asks or compares) and names & OPERATORS:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not found
