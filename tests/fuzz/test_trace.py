"""Any bytes are a trace or are refused in sentences that name lines of the file; nothing else comes out."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import ConfigError, load
from bankside.trace.request_trace import TOLD, read_trace

SETTINGS = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WORD = st.sampled_from(
    ["LD", "ST", "R", "W", "READ", "WRITE", "0x40", "64", "ff", "0x", "x", "-1", "0,0,1,2,3,4", "0,,0", "1,2,3", "#",
     "9" * 30, "0x" + "f" * 13, "²", "\x1c", "\x00", "é", "1.5", ","]
)  # fmt: skip
GAP = st.sampled_from([" ", "\t", "  ", "\r", "\x0b"])


@cache
def device(name: str) -> Standard:
    return compile_standard(load(name, "devices", DeviceSpec).spec)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    lines = [draw(GAP).join(draw(st.lists(WORD, max_size=4))) for _ in range(draw(st.integers(0, 30)))]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("name", ["ddr4-2400", "hbm3"])
@SETTINGS
@given(data=st.one_of(texts(), st.binary(max_size=300)))
def test_any_bytes_are_read_or_refused(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / "t"
    path.write_bytes(data)
    standard = device(name)
    try:
        (trace,) = read_trace(path, standard)
    except ConfigError as error:
        assert 1 <= len(error.errors) <= TOLD + 1
        lines = data.count(b"\n") + 1
        for sentence in error.errors:
            place = re.fullmatch(rf"{re.escape(str(path))}(:(\d+))?: .*\.", sentence, re.DOTALL)
            assert place, sentence
            assert place[2] is None or 1 <= int(place[2]) <= lines
        return
    said = [
        line
        for line in re.split(b"\n", data)
        if line.strip(b" \t\v\f\r") and not line.strip().startswith(b"#")
    ]
    assert len(trace) == len(said)
    for channel in np.unique(trace.channel).tolist():
        mine = trace.requests(standard, channel)
        assert mine.row.max() < standard.rows and mine.column.max() < standard.columns
        assert mine.bank_group.max() < standard.ranks * standard.bank_groups
