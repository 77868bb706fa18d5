from typing import Any

import pytest

from bankside.arch.spec.merge import merge, without_marks
from bankside.arch.spec.node import Node
from bankside.arch.spec.reader import read_text


def tree(text: str, label: str = "f") -> Node:
    return read_text(text, label, [])


def merged(base: str, own: str) -> Any:
    return merge(tree(base, "base"), tree(own, "own")).plain()


@pytest.mark.parametrize(
    ("base", "own", "result"),
    [
        ("{a: 1, b: 2}", "{b: 3, c: 4}", {"a": 1, "b": 3, "c": 4}),
        ("{a: {b: 1, c: 2}}", "{a: {c: 3}}", {"a": {"b": 1, "c": 3}}),
        ("{a: {b: 1}}", "{a: 2}", {"a": 2}),
        ("{a: 2}", "{a: {b: 1}}", {"a": {"b": 1}}),
        ("{a: 2}", "{a: }", {"a": None}),
        ("{a: [1, 2]}", "{a: [3]}", {"a": [3]}),
        ("{a: [1, 2]}", "{a: []}", {"a": []}),
        ("{a: []}", "{a: [{name: x}]}", {"a": [{"name": "x"}]}),
        (
            "{d: [{name: x, v: 1}, {name: y, v: 2}]}",
            "{d: [{name: z, v: 4}, {name: y, v: 3}]}",
            {"d": [{"name": "x", "v": 1}, {"name": "y", "v": 3}, {"name": "z", "v": 4}]},
        ),
        (
            "{d: [{name: x, v: 1}, {name: y, v: 2}]}",
            "{d: [{name: x}, {name: z}, {name: y, v: 3}]}",
            {"d": [{"name": "x", "v": 1}, {"name": "z"}, {"name": "y", "v": 3}]},
        ),
        (
            "{d: [{level: bank, v: 1}]}",
            "{d: [{level: bank, w: 2}]}",
            {"d": [{"level": "bank", "v": 1, "w": 2}]},
        ),
        # items that are not told apart by their names are no named list
        (
            "{d: [{level: bank, v: 1}, {level: bank, v: 2}]}",
            "{d: [{level: bank}]}",
            {"d": [{"level": "bank"}]},
        ),
        ("{d: [{name: x, v: 1}]}", "{d: [{name: x}, 2]}", {"d": [{"name": "x"}, 2]}),
        ("{a: {b: 1, c: 2}}", "{a: {_replace: true, c: 3}}", {"a": {"c": 3}}),
        ("{a: 1}", "{n: {_replace: true, c: 3}}", {"a": 1, "n": {"c": 3}}),
        ("{d: [{name: x, v: 1}]}", "{d: [{name: x, _replace: true, w: 2}]}", {"d": [{"name": "x", "w": 2}]}),
    ],
)
def test_merge(base: str, own: str, result: Any) -> None:
    assert merged(base, own) == result


def test_every_value_keeps_its_place() -> None:
    node: Any = merge(tree("a: 1\nb: {c: 2, d: 3}\n", "base"), tree("b:\n  c: 4\n", "own"))
    assert node.value["a"].place == ("base", 1, 1)
    assert node.value["b"].place == ("own", 1, 1)
    assert node.value["b"].value["c"].place == ("own", 2, 3)
    assert node.value["b"].value["d"].place == ("base", 2, 11)


def test_marks_are_taken_off_everywhere() -> None:
    assert without_marks(tree("{_replace: true, a: [{_replace: true, b: 1}]}")).plain() == {"a": [{"b": 1}]}
