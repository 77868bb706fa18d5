"""Whatever stands in a configuration: a specification, or ConfigError with full sentences, and soon."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.arch.spec.sample import DEVICE, MACHINE, Device, Machine
from tests.calling import calls

from bankside.arch.spec import ConfigError, from_dict, from_text, json_schema, load

FRAGMENTS = [
    *"{}[]:,-?*&!|>%@`#'\"\n\t\r\\ .~",
    *("\x00", "\x85", "\u2028", "\ufeff", "\ud800", "µ", "😀"),
    *("- ", ": ", "&a ", "*a", "!!int ", "!x ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "? ", "|\n", ">-\n"),
    *(
        "extends: dev\n",
        "extends: ./m.yaml\n",
        "_source: x\n",
        "_confidence: read\n",
        "_replace: true\n",
        "value: 1",
    ),
    *(
        "1e999",
        "-1",
        "0",
        "012",
        "9" * 40,
        ".nan",
        ".inf",
        "0x",
        "1e-400 s",
        "null",
        "true",
        "no",
        "12:30:45",
    ),
    *("1 GHz", "-3 us", "2 KB", "3 //", "1e300 PiB", "W/mK", "[" * 40, "{a: " * 40, "a" * 3000),
]
MOST_CALLS = 20_000  # three times what any takes
VALIDATOR = jsonschema.Draft202012Validator(json_schema(Machine))
slowly = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@st.composite
def mangled(draw: st.DrawFn, text: str) -> str:
    """`text` after a few edits: pieces cut, repeated, moved, or set in between."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.sampled_from([0, 1, 1, 3, 10, 40])))
        piece = draw(
            st.one_of(
                st.sampled_from(FRAGMENTS), st.just(text[start:end] * 2), st.text(max_size=3), st.just("")
            )
        )
        text = text[:start] + piece + text[end:]
    return text


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1 GHz", "dev", "-1 s", "systolic", "extends", "0 B"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=5)
            | st.sampled_from(["name", "level", "value", "source", "extends", "_source", "device"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def paths(data: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the values of nested data stand."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [here, *(path for key, value in items for path in paths(value, (*here, key)))]


def judge(read: Callable[[], object]) -> bool:
    """Whether the read has a result; it ends soon, with one or with sentences."""
    sentences: list[str] = []

    def told() -> None:
        try:
            read()
        except ConfigError as error:
            sentences.extend(error.errors)
            assert sentences

    assert calls(told) < MOST_CALLS
    for sentence in sentences:
        assert sentence[-1] in ".?" and len(sentence) < 1500 and sentence.isprintable(), sentence[:2000]
        assert sentence.startswith(("m.yaml", "<dict>", "--set ", "configs/", "/")), sentence
    return not sentences


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one device, which stands for the package's configurations."""
    configs = tmp_path / "package" / "configs"
    (configs / "devices").mkdir(parents=True)
    (configs / "devices" / "dev.yaml").write_text(DEVICE)
    for module in ("library", "compose", "loading"):
        monkeypatch.setattr(f"bankside.arch.spec.{module}.CONFIGS", configs)
    return configs


@slowly
@given(mangled(MACHINE))
def test_mangled_text(text: str) -> None:
    judge(lambda: from_text(text, Machine, label="m.yaml"))


@slowly
@given(
    mangled("extends: dev\ntimings:\n  tRC: {value: 50, source: x, confidence: read}\n"),
    st.binary(max_size=2),
)
@example("extends: ./m.yaml\n", b"")
def test_mangled_files(tmp_path: Path, text: str, tail: bytes) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(text.encode(errors="surrogatepass") + tail)
    judge(lambda: load(path, "devices", Device))


@slowly
@given(st.data())
def test_any_value_in_any_place(data: st.DataObject) -> None:
    content = from_text(MACHINE, Machine).spec.model_dump(mode="json")
    where = data.draw(st.sampled_from(paths(content)[1:]))
    holder = content
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = data.draw(json_values)
    if judge(lambda: from_dict(content, Machine)):
        assert VALIDATOR.is_valid(content)  # S6: editors accept what the loader accepts


@slowly
@given(mangled("cores.pe.sram={size: 1 MiB}") | st.text(max_size=40))
def test_any_override(override: str) -> None:
    judge(lambda: from_text(MACHINE, Machine, [override], label="m.yaml"))


@slowly
@given(
    st.text(max_size=20)
    | st.sampled_from(["dev", "../dev", "/dev/zero", "dev.yaml", "\0.yaml", "a" * 9000 + "/"])
)
def test_any_reference(reference: str) -> None:
    try:
        load(reference, "devices", Device)
    except ConfigError as error:
        assert error.errors[0][-1] in ".?"
