"""Faults that the sample machine cannot have."""

from typing import Annotated, Any, Self

import jsonschema
import pytest
from pydantic import Field, field_validator, model_validator

from bankside.arch.spec import (
    ConfigError,
    FieldError,
    FieldsError,
    Reference,
    Spec,
    from_dict,
    from_text,
    json_schema,
    unsourced,
)


class Odd(Spec):
    word: Annotated[str, Field(pattern="^[a-z]+$")] = "a"
    ratio: Annotated[float, Field(gt=0, lt=1)] = 0.5
    even: Annotated[int, Field(multiple_of=2, ge=2)] = 2
    pair: tuple[int, str] = (1, "x")
    three: Annotated[tuple[int, ...], Field(max_length=3)] = ()
    some: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    either: int | bool | list[str] = 0

    @field_validator("word")
    @classmethod
    def _known(cls, word: str) -> str:
        if word == "assert":
            raise AssertionError("the word is refused.")
        if word == "config":
            raise ConfigError(["one.", "two."])
        return word

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.even == 4:
            raise FieldsError([FieldError("whole."), FieldError("part.", "pair")])
        return self


@pytest.mark.parametrize(
    ("key", "value", "sentences"),
    [
        ("word", "A", ["word: string should match pattern '^[a-z]+$', but got the text 'A'."]),
        ("word", "assert", ["word: the word is refused."]),
        ("word", "config", ["word: one.", "word: two."]),
        ("ratio", 0, ["ratio: must be above 0.0, but is 0."]),
        ("ratio", 1, ["ratio: must be below 1.0, but is 1."]),
        ("ratio", float("nan"), ["ratio: input should be a finite number, but got the number nan."]),
        ("even", 3, ["even: must be a multiple of 2, but is 3."]),
        ("even", 0, ["even: must be at least 2, but is 0."]),
        ("even", 4, [" whole.", "pair: part."]),
        ("pair", [1], ["pair: has too few entries: 1."]),
        ("pair", [1, 2], ["pair.1: expected text, but got the number 2."]),
        ("three", {"value": [1, 2, 3, 4]}, ["three: must have at most 3 entries, but has 4."]),
        ("some", [], ["some: must have at least 1 entry, but has 0."]),
        ("some", ["x"], ["some.0: expected a whole number, but got the text 'x'."]),
        ("three", [1, 2, 3, 4], ["three: must have at most 3 entries, but has 4."]),
        (
            "either",
            "x",
            ["either: expected a whole number or true or false or a list, but got the text 'x'."],
        ),
        ("either", ["x", 1], ["either.1: expected text, but got the number 1."]),
    ],
)
def test_rare_sentences(key: str, value: Any, sentences: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        from_dict({key: value}, Odd)
    assert caught.value.errors == [f"<dict>:{'' if one[0] == ' ' else ' '}{one}" for one in sentences]


def test_fixed_pairs_have_a_schema() -> None:
    validator = jsonschema.Draft202012Validator(json_schema(Odd))
    assert validator.is_valid({"pair": [1, {"value": "x", "source": "y"}]})
    assert not validator.is_valid({"pair": ["x", 1]})


def test_lists_of_numbers_need_a_source() -> None:
    assert unsourced(from_text("{three: [1, 2], word: x, pair: [1, y]}", Odd)) == ["three", "pair"]
    assert unsourced(from_text("{three: {value: [1, 2], source: z}}", Odd)) == []


class Nested(Spec):
    inner: "Annotated[Nested, Reference('devices')] | None" = None


def test_references_do_not_nest_without_end(shipped: Any) -> None:
    (shipped / "devices" / "self.yaml").write_text("inner: self\n")
    with pytest.raises(ConfigError, match="references are nested more than 4 deep"):
        from_text("inner: self", Nested)


def test_many_known_words_are_not_all_listed() -> None:
    class Wide(Spec):
        __annotations__ = {f"key{n}": int for n in range(30)}

    with pytest.raises(ConfigError, match=r"allowed: key0, key1, .*, key19, \.\.\.\.$"):
        from_dict({"z" * 200: 1, **{f"key{n}": 1 for n in range(30)}}, Wide)
