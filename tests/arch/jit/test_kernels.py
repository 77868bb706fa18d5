from pathlib import Path

import pytest
from tests.arch.jit.mini import Mini


def test_s5_an_edited_callee_in_another_file_is_seen(mini: Mini) -> None:
    assert mini.fork() == (36, 0)
    assert mini.fork() == (36, 1)  # the second process starts warm
    mini.callee(body="x * CONSTANT", constant=8)
    assert mini.fork() == (41, 0)
    mini.callee(body="x + CONSTANT", constant=8)
    assert mini.fork() == (14, 0)
    mini.callee(body="x * CONSTANT", constant=7)
    assert mini.fork() == (36, 1)  # back on a former branch: still warm


def test_bounds_checks_have_their_own_cache(mini: Mini) -> None:
    assert mini.fork() == (36, 0)
    assert mini.run(NUMBA_BOUNDSCHECK="1") == (36, 0)
    assert mini.run(NUMBA_BOUNDSCHECK="1") == (36, 1)


def test_code_from_sources_that_the_folder_does_not_know_is_not_kept(mini: Mini, tmp_path: Path) -> None:
    elsewhere = "import sys; from mini.arch.jit import kernel\n"
    (tmp_path / "own.py").write_text(elsewhere + "@kernel\ndef caller(x):\n    return x * 3\n")
    program = "from own import caller; print(caller(5), caller.loaded)"
    assert mini.fork(program) == (15, 0)
    assert mini.fork(program) == (15, 0)
    assert mini.files() == []


def test_interpreted_it_is_plain_python_and_needs_no_folder(mini: Mini) -> None:
    program = "from mini.arch.caller import caller; print(caller(5), hasattr(caller, 'loaded') + 0)"
    assert mini.run(program, NUMBA_DISABLE_JIT="1") == (36, 0)
    assert not mini.cache.exists()


@pytest.mark.parametrize("damage", ["home is a file", "home is open to all"])
def test_without_a_folder_each_process_compiles_for_itself(mini: Mini, damage: str) -> None:
    if damage == "home is a file":
        mini.cache.write_text("")
    else:
        mini.cache.mkdir()
        mini.cache.chmod(0o777)
    assert mini.fork() == (36, 0)
    assert mini.fork() == (36, 0)
    assert mini.files() == []
