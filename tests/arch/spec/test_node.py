import pytest

from bankside.arch.spec import ConfigError
from bankside.arch.spec.node import describe, from_plain, item_names
from bankside.arch.spec.reader import read_text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[{name: a}, {name: b}]", ["a", "b"]),
        ("[{level: a}, {level: b}]", ["a", "b"]),
        ("[{name: a, level: x}, {name: b, level: x}]", ["a", "b"]),
        ("[{name: a}, {name: a}]", ["0", "1"]),
        ("[{name: a}, {level: b}]", ["0", "1"]),
        ("[{name: 1}, {name: 2}]", ["0", "1"]),
        ("[a, b]", ["0", "1"]),
        ("[]", []),
    ],
)
def test_items_are_addressed_by_name_or_index(text: str, names: list[str]) -> None:
    items = read_text(text, "f", []).value
    assert isinstance(items, list)
    assert item_names(items) == names


def test_named_items_answer_to_their_index_too() -> None:
    node = read_text("[{name: a}, {name: b, v: 1}]", "f", [])
    by_name, by_index = node.child("b"), node.child("1")
    assert by_name is by_index is not None
    assert node.child("2") is None and node.child("c") is None and node.child("9" * 5000) is None


@pytest.mark.parametrize(
    ("value", "description"),
    [
        ({}, "a block of keys"),
        ([], "a list"),
        (None, "nothing"),
        (True, "true"),
        ("x", "the text 'x'"),
        ("x" * 100, f"the text '{'x' * 57}...'"),
        (3, "the number 3"),
        (2.5, "the number 2.5"),
        (b"", "a bytes"),
    ],
)
def test_describe(value: object, description: str) -> None:
    assert describe(value) == description


def test_plain_data_goes_round() -> None:
    data = {"a": [1, 2.5, None, True, "x"], "b": {"c": []}}
    assert from_plain(data, "d").plain() == data
    assert from_plain({1: (2,)}, "d").plain() == {"1": [2]}
    with pytest.raises(ConfigError, match=r"^d: a set cannot stand in a configuration\.$"):
        from_plain({"a": {1, 2}}, "d")
