"""Files after an edit or a few that leave them readable: other numbers and words, lines gone, twice or elsewhere."""

import random
import re

NUMBERS = (
    "0", "1", "-1", "2", "3", "7", "16", "63", "1000", "65536", "2147483647", "2147483648", "4294967296",
    "9223372036854775807", "9223372036854775808", "1" + "0" * 30, "0.5", "-0.5", "1e-30", "1e9", "1e15", "1e30",
    "1e308", "1e999", "nan", "inf", ".nan", ".inf", "0x10", "1_000", "007",
)  # fmt: skip
WORDS = (
    "true", "false", "null", "~", "off", "[]", "{}", "''", "x", "tRCD", "burst", "bank", "host", "dram", "RD", "ACT",
    "fp8_e4m3", "1 GHz", "1 KiB", "1 us", "1 pJ", "0 s", "-1 W", "hbm3", "READ", "ST", "é", "#", "*a", "&a",
)  # fmt: skip
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|[-+]?[0-9][0-9a-fxA-F.eE+-]*")


def mutated(text: str, random_: random.Random) -> str:
    """A text after one to three edits."""
    for _ in range(random_.choice((1, 1, 1, 2, 3))):
        text = random_.choice((_number, _number, _number, _word, _line, _swap, _scale))(text, random_)
    return text


def edited_bytes(text: str, random_: random.Random) -> str:
    """A binary file, each character a byte, after one to three edits: as a text's, or bytes that are others, gone or
    too many, or its end cut off."""
    for _ in range(random_.choice((1, 1, 1, 2, 3))):
        at = random_.randrange(len(text) + 1)
        match random_.randrange(5):
            case 0:
                text = text[:at]
            case 1:
                text = text[:at] + chr(random_.randrange(256)) + text[at + 1 :]
            case 2:
                text = text[:at] + text[at + 1 :]
            case 3:
                text = text[:at] + chr(random_.randrange(256)) + text[at:]
            case _:
                text = random_.choice((_number, _word, _swap))(text, random_)
    return text


def _tokens(text: str, digits: bool | None) -> list[re.Match[str]]:
    found = list(TOKEN.finditer(text))
    if digits is None:
        return found
    return [token for token in found if token[0][0].isalpha() != digits]


def _replace(text: str, token: re.Match[str], word: str) -> str:
    return text[: token.start()] + word + text[token.end() :]


def _number(text: str, random_: random.Random) -> str:
    tokens = _tokens(text, True)
    return _replace(text, random_.choice(tokens), random_.choice(NUMBERS)) if tokens else text


def _scale(text: str, random_: random.Random) -> str:
    """A number that is larger or smaller by a few powers of ten."""
    tokens = [token for token in _tokens(text, True) if token[0].isdecimal()]
    if not tokens:
        return text
    token = random_.choice(tokens)
    power = random_.randint(1, 6)
    value = int(token[0][:30]) * 10**power if random_.random() < 0.5 else int(token[0][:30]) // 10**power
    return _replace(text, token, str(value))


def _word(text: str, random_: random.Random) -> str:
    tokens = _tokens(text, None)
    if not tokens:
        return text
    other = random_.choice(tokens)[0] if random_.random() < 0.5 else random_.choice(WORDS)
    return _replace(text, random_.choice(tokens), other)


def _line(text: str, random_: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    if not lines:
        return text
    at = random_.randrange(len(lines))
    taken = lines[at]
    match random_.randrange(3):
        case 0:
            del lines[at]
        case 1:
            lines.insert(random_.randrange(len(lines) + 1), taken)
        case _:
            lines[at] = taken.replace(" ", "\t" if random_.random() < 0.3 else "  ", 1)
    return "".join(lines)


def _swap(text: str, random_: random.Random) -> str:
    tokens = _tokens(text, None)
    if len(tokens) < 2:
        return text
    first, second = sorted(random_.sample(tokens, 2), key=lambda token: token.start())
    text = _replace(text, second, first[0])
    return _replace(text, first, second[0])
