import pytest

from bankside.arch.spec.scalars import plain_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-12", -12),
        ("+3", 3),
        ("0", 0),
        ("0x1F", 31),
        ("0o17", 15),
        ("1e3", 1000.0),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("5.", 5.0),
        ("0.25", 0.25),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_core_schema(text: str, value: object) -> None:
    read = plain_scalar(text)
    assert read == value and type(read) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "y",
        "12:30:45",
        "2026-11-21",
        "1_000",
        "0b11",
        "1 GHz",
        "hbm.vault",
        "e3",
        ".",
    ],
)
def test_what_yaml_1_1_would_misread_is_text(text: str) -> None:
    assert plain_scalar(text) == text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("012", "012 begins with a zero; write it without, or in quotes if it is a name."),
        ("-012.5", "-012.5 begins with a zero; write it without, or in quotes if it is a name."),
        (".inf", ".inf is not a finite number."),
        (".nan", ".nan is not a finite number."),
        ("1e400", "1e400 is too large for a double."),
        ("9223372036854775808", "9223372036854775808 does not fit 64 bits."),
        ("9" * 9000, "9" * 37 + "... does not fit 64 bits."),
        ("0x1" + "0" * 16, "0x10000000000000000 does not fit 64 bits."),
    ],
)
def test_refused_numbers(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        plain_scalar(text)
    assert str(caught.value) == sentence
