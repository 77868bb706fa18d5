from typing import Any

import pytest
import yaml

from bankside.arch.spec import ConfigError, reader
from bankside.arch.spec.errors import Complaint, Position
from bankside.arch.spec.node import Node
from bankside.arch.spec.reader import MAX_DEPTH, MAX_NODES, read_text, read_value


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers that PyYAML may bring must give the same."""
    if request.param == "libyaml" and not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml")
    monkeypatch.setattr(
        reader, "_PARSER", yaml.CSafeLoader if request.param == "libyaml" else yaml.SafeLoader
    )


def read(text: str) -> Node:
    complaints: list[Complaint] = []
    node = read_text(text, "f.yaml", complaints)
    assert complaints == []
    return node


def complaints_about(text: str) -> list[str]:
    complaints: list[Complaint] = []
    read_text(text, "f.yaml", complaints)
    return [str(complaint) for complaint in complaints]


def refusal_of(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read_text(text, "f.yaml", [])
    (sentence,) = caught.value.errors
    return sentence


def test_values_and_positions() -> None:
    node = read("a: 1\nb:\n  - x: 'no'\n    y: no\n  - 1 GHz\n")
    assert node.plain() == {"a": 1, "b": [{"x": "no", "y": "no"}, "1 GHz"]}
    assert node.at == ("f.yaml", 1, 1)
    b: Any = node.value
    assert (b["b"].key_at, b["b"].at) == (Position("f.yaml", 2, 1), Position("f.yaml", 3, 3))
    first = b["b"].value[0]
    assert first.place == ("f.yaml", 3, 5)
    assert first.value["y"].place == ("f.yaml", 4, 5)
    assert first.value["y"].at == ("f.yaml", 4, 8)


def test_columns_count_characters() -> None:
    assert read("é: 1\n{}".replace("\n{}", "")).at == ("f.yaml", 1, 1)
    node: Any = read("{µ: 1, b: 2}")
    assert node.value["b"].place == ("f.yaml", 1, 8)


def test_json_is_read() -> None:
    assert read('{"a": [1, 2.5, "x", true, null], "b": {"c": "\\u00b5"}}').plain() == {
        "a": [1, 2.5, "x", True, None],
        "b": {"c": "µ"},
    }


def test_keys_are_text() -> None:
    assert read("{1: a, true: b, 012: c, null: d}").plain() == {
        "1": "a",
        "true": "b",
        "012": "c",
        "null": "d",
    }


def test_aliases_are_copies_with_their_own_key() -> None:
    node: Any = read("a: &x {v: 1}\nb: *x\n")
    assert node.plain() == {"a": {"v": 1}, "b": {"v": 1}}
    assert node.value["b"].place == ("f.yaml", 2, 1)
    assert node.value["b"].value["v"].place == ("f.yaml", 1, 8)
    assert node.value["b"] is not node.value["a"]


@pytest.mark.parametrize(
    ("text", "complaints"),
    [
        ("a: 1\nb: 2\na: 3\n", ["f.yaml:3:1: the key 'a' stands here a second time (first in line 1)."]),
        (
            "a: 012\nb: .nan\n",
            [
                "f.yaml:1:4: 012 begins with a zero; write it without, or in quotes if it is a name.",
                "f.yaml:2:4: .nan is not a finite number.",
            ],
        ),
        (
            "a: !!python/object/apply:os.system ['x']\n",
            [
                "f.yaml:1:4: the tag tag:yaml.org,2002:python/object/apply:os.system is refused; "
                "tags have no use here."
            ],
        ),
        ("a: !!int '3'\n", ["f.yaml:1:4: the tag tag:yaml.org,2002:int is refused; tags have no use here."]),
        ("a: ! 3\n", ["f.yaml:1:4: the tag ! is refused; tags have no use here."]),
        ("a: &x {b: 1}\nc: {<<: *x}\n", ["f.yaml:2:5: merge keys (<<) are not read; use extends."]),
        ("%YAML 1.1\n---\na: 1\n", ["f.yaml:1:1: only YAML 1.2 without tag directives is read."]),
        ("%TAG ! tag:x,2026:\n---\na: 1\n", ["f.yaml:1:1: only YAML 1.2 without tag directives is read."]),
        ("a: 1\n---\nb: 2\n", ["f.yaml:2:1: a second document begins; a file holds one."]),
    ],
)
def test_what_is_refused_with_the_tree_still_readable(text: str, complaints: list[str]) -> None:
    assert complaints_about(text) == complaints


def test_half_a_character_is_refused() -> None:
    """libyaml finds no tree, PyYAML's own parser reads on."""
    try:
        assert complaints_about('a: "\\ud800"\n') == ["f.yaml:1:4: the text is not valid Unicode."]
    except ConfigError as error:
        assert error.errors == ["f.yaml:1:7: this is not YAML: found invalid Unicode character escape code."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "f.yaml: the file is empty."),
        ("# only a comment\n", "f.yaml: the file is empty."),
        ("a: *x\n", "f.yaml:1:4: the alias *x names nothing that stands before it."),
        ("a: &x [*x]\n", "f.yaml:1:8: the alias *x names nothing that stands before it."),
        ("? [a, b]\n: 1\n", "f.yaml:1:3: a key must be a single word."),
        ("*x : 1\n", "f.yaml:1:1: a key must be a single word."),
    ],
)
def test_what_leaves_no_tree(text: str, sentence: str) -> None:
    assert refusal_of(text) == sentence


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a: b: c\n", "f.yaml:1:5:", "needs quotes"),
        ("a:\n\tb: 1\n", "f.yaml:2:1:", "not tabs"),
        ("a: @x\n", "f.yaml:1:4:", "quote texts"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2:", ""),
        ("a: 1\n  b: 2\n", "f.yaml:2:", "indentation is wrong"),
        ("a: 'x\n", "f.yaml:2:1:", ""),
        ("a: \x01\n", "f.yaml", ""),
        ("a: \ud800\n", "f.yaml:", "Unicode"),
    ],
)
def test_broken_syntax(text: str, place: str, hint: str) -> None:
    sentence = refusal_of(text)
    assert sentence.startswith(place) and hint in sentence and sentence.endswith(".") and "\n" not in sentence


def test_depth_is_limited() -> None:
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert refusal_of("[" * 5000).endswith(f"nested more than {MAX_DEPTH} deep.")
    assert "nested" in refusal_of("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


@pytest.mark.parametrize("depth", [33, 999, 1000, 1001, 1024, 20_000])
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "[{b: "])
def test_a_depth_is_refused_with_one_sentence_whatever_the_parser_bears(opening: str, depth: int) -> None:
    assert refusal_of(opening * depth).endswith(f": blocks are nested more than {MAX_DEPTH} deep.")


def test_a_block_in_every_line_is_refused_at_the_first_that_is_too_deep() -> None:
    text = "\n".join(" " * depth + "a:" for depth in range(2000))
    assert (
        refusal_of(text)
        == f"f.yaml:{MAX_DEPTH + 1}:{MAX_DEPTH + 1}: blocks are nested more than {MAX_DEPTH} deep."
    )


def test_depth_counts_aliases() -> None:
    nested = "[" * 20 + "]" * 20
    assert "nested" in refusal_of(f"a: &x {nested}\nb: {'[' * 15}*x{']' * 15}\n")


def test_number_of_values_is_limited() -> None:
    read("[" + "1," * (MAX_NODES - 1) + "]")
    assert f"more than {MAX_NODES} values" in refusal_of("[" + "1," * MAX_NODES + "]")


def test_an_alias_bomb_is_refused_before_it_is_expanded() -> None:
    lines = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    assert f"more than {MAX_NODES} values, aliases expanded" in refusal_of("\n".join(lines))  # of 9^12


def test_command_line_values_have_the_option_as_their_place() -> None:
    node = read_value("{a: [1, x]}", "--set p={a: [1, x]}", [])
    assert node.plain() == {"a": [1, "x"]}
    deep: Any = node.value
    assert deep["a"].value[0].place == ("--set p={a: [1, x]}", 0, 0)


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_command_line_value_is_nothing(text: str) -> None:
    assert read_value(text, "--set p=", []).value is None


def test_command_line_values_that_cannot_be_read() -> None:
    with pytest.raises(
        ConfigError, match=r"^--set p=\[: '\[' is not a value; quote texts with special signs\.$"
    ):
        read_value("[", "--set p=[", [])
    complaints: list[Complaint] = []
    read_value("012", "--set p=012", complaints)
    assert [str(one) for one in complaints] == [
        "--set p=012: 012 begins with a zero; write it without, or in quotes if it is a name."
    ]
