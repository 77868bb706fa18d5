"""Long functions are compiled once and called where they are, also by code from files."""

from pathlib import Path

import pytest
from tests.arch.jit.mini import Mini

LINES = 120
LONG = """\
from mini.arch.jit import kernel


@kernel
def callee(x):
{lines}
    return x
"""
BETWEEN = """\
from mini.arch.callee import callee
from mini.arch.jit import kernel


@kernel
def between(x):
    return callee(x) + callee(x + 1)


@kernel
def caller(x):
    return between(x) + 1
"""


def callee(x: int) -> int:
    for n in range(LINES):
        x = (x ^ (x >> 3)) + n
    return x


ANSWER = callee(5) + callee(6) + 1


@pytest.fixture
def long(tmp_path: Path) -> Mini:
    """A long function, a short one that calls it twice, and one that calls that."""
    mini = Mini(tmp_path)
    lines = "\n".join(f"    x = (x ^ (x >> 3)) + {n}" for n in range(LINES))
    (mini.arch / "callee.py").write_text(LONG.format(lines=lines))
    (mini.arch / "caller.py").write_text(BETWEEN)
    return mini


def file_of(mini: Mini, name: str) -> Path:
    [found] = (path for path in mini.files() if path.name.startswith(f"{name}."))
    return found


def test_a_caller_holds_no_copy_of_a_long_function(long: Mini) -> None:
    assert long.fork() == (ANSWER, 0)
    sizes = {name: file_of(long, name).stat().st_size for name in ("callee", "between", "caller")}
    assert max(sizes["between"], sizes["caller"]) < 0.9 * sizes["callee"]
    assert long.fork() == (ANSWER, 1)


@pytest.mark.parametrize("lost", ["callee", "between", "caller"])
def test_whatever_file_is_lost_the_answer_is_right(long: Mini, lost: str) -> None:
    long.fork()
    file_of(long, lost).unlink()
    answer, _ = long.fork()
    assert answer == ANSWER
    assert long.fork() == (ANSWER, 1)


def test_a_long_function_compiled_anew_under_another_name_is_not_what_its_caller_knows(long: Mini) -> None:
    """Others compiled first in the process give it another symbol: the caller is compiled anew for that."""
    long.fork()
    file_of(long, "callee").unlink()
    before = "from mini.arch.jit import kernel\nfor n in range(5):\n    kernel(lambda x: x + 1)(n)\n"
    program = f"{before}from mini.arch.caller import caller\nprint(caller(5), 0)"
    assert long.fork(program)[0] == ANSWER
    assert long.fork()[0] == ANSWER
    assert long.fork() == (ANSWER, 1)


def test_a_long_function_is_called_from_outside_after_its_caller_and_before(long: Mini) -> None:
    for calls in ("callee(5) + caller(5)", "caller(5) + callee(5)"):
        for _ in range(2):
            program = f"from mini.arch.caller import callee, caller\nprint({calls}, 0)"
            assert long.fork(program)[0] == ANSWER + callee(5)
