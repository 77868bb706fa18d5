"""A version of a compiled function for each kind of caller: Python never calls one that has no way in for it."""

from pathlib import Path

import pytest
from tests.arch.jit.mini import Mini
from tests.arch.jit.test_apart import BETWEEN, LINES, LONG

BOTH = """\
from mini.arch.callee import callee
from mini.arch.caller import {order}
ran = {{f.__name__: f(5) for f in ({order})}}
print(ran["callee"] + ran["between"], sum(f.loaded for f in (callee, between)))
"""
ADDRESS = """\
import ctypes
from mini.arch.callee import callee
from mini.arch.jit import address
for_python = callee(5)
called = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)(address(callee, 'int64(int64)'))(5)
if not callee(5) == for_python == called:
    raise SystemExit("The ways in differ.")
print(called, callee.loaded)
"""


@pytest.fixture
def mini(tmp_path: Path) -> Mini:
    mini = Mini(tmp_path)
    lines = "\n".join(f"    x = (x ^ (x >> 3)) + {n}" for n in range(LINES))
    (mini.arch / "callee.py").write_text(LONG.format(lines=lines))
    (mini.arch / "caller.py").write_text(BETWEEN)
    return mini


def test_python_and_kernels_call_the_same_function(mini: Mini) -> None:
    first, then = "callee, between", "between, callee"
    answer, hits = mini.fork(BOTH.format(order=first))
    assert hits == 0
    assert mini.fork(BOTH.format(order=then))[0] == answer
    for order in (first, then):
        assert mini.fork(BOTH.format(order=order)) == (answer, 2)  # nothing is compiled by turns


def test_what_kernels_alone_call_has_no_way_in(mini: Mini) -> None:
    mini.fork()
    [inner] = (path for path in mini.files() if path.name.startswith("between."))
    [outer] = (path for path in mini.files() if path.name.startswith("caller."))
    assert b"_ZN7cpython" not in inner.read_bytes()
    assert b"_ZN7cpython" in outer.read_bytes()
    assert not any(b"cfunc." in path.read_bytes() for path in (inner, outer))


def test_an_address_has_a_version_of_its_own(mini: Mini) -> None:
    answer, _ = mini.fork(ADDRESS)
    assert mini.fork(ADDRESS) == (answer, 2)
    assert len([path for path in mini.files() if path.name.startswith("callee.")]) == 2
