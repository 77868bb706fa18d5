"""Files of compiled code: damaged ones are compiled again and replaced, and processes share them."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.arch.jit.mini import Mini

DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "garbled": lambda path: path.write_bytes(os.urandom(path.stat().st_size)),
    "of another function": lambda path: shutil.copy(next(path.parent.glob("callee*")), path),
}


def test_s3_a_damaged_file_is_compiled_again_and_replaced(mini: Mini) -> None:
    assert mini.fork() == (36, 0)
    [caller] = (path for path in mini.files() if path.name.startswith("caller"))
    for kind, damage in DAMAGES.items():
        sound = caller.read_bytes()
        damage(caller)
        assert caller.read_bytes() != sound
        assert mini.fork() == (36, 0), kind
    assert mini.fork() == (36, 1)


def test_what_is_read_needs_nothing_that_compiles(mini: Mini) -> None:
    """Half of the time of a warm command went into numba's compiler, and a BLAS that no kernel calls."""
    compiles = "int('numba.np.arraymath' in sys.modules)"
    program = f"import sys\nfrom mini.arch.caller import caller\nprint(caller(5), {compiles})"
    assert mini.run(program) == (36, 1)
    assert mini.run(program) == (36, 0)


def test_s3_on_a_full_disk_all_runs_end_right_and_nothing_is_left(mini: Mini) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    options = {"preexec_fn": full}
    assert mini.run(options=options, PYTHONDONTWRITEBYTECODE="1") == (36, 0)
    assert [path.name for path in mini.cache.rglob("*") if path.is_file()] == ["lock"]
    assert mini.fork() == (36, 0)
    assert mini.run(options=options) == (36, 1)  # what is there is read


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root writes everywhere")
def test_s3_an_unwritable_folder_is_read(mini: Mini) -> None:
    assert mini.fork() == (36, 0)
    [folder] = mini.cache.iterdir()
    folder.chmod(0o500)
    try:
        assert mini.fork() == (36, 1)
        mini.files()[0].parent.chmod(0o700)
        for path in mini.files():
            path.unlink()
        folder.chmod(0o500)
        assert mini.fork() == (36, 0)
    finally:
        folder.chmod(0o700)


def test_s3_processes_that_start_together_compile_once(mini: Mini) -> None:
    processes = [mini.start() for _ in range(3)]
    results = [process.communicate(timeout=120) for process in processes]
    assert sorted(out.split() for out, _ in results) == [["36", "0"], ["36", "1"], ["36", "1"]], results


DAMAGED = """\
import os, random
from pathlib import Path
import numba.np.arraymath  # once, for all processes
from mini.arch.chain import last

draw = random.Random(1)
files = sorted(Path(os.environ["BANKSIDE_CACHE"]).rglob("*.code"))
flips = truncations = 0
for turn in range({turns}):
    for number, path in enumerate(files):
        data = bytearray(path.read_bytes())
        if (turn + number) % 11 == 0:
            del data[draw.randrange(len(data)):]
            truncations += 1
        else:
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
            flips += 1
        path.write_bytes(data)
    child = os.fork()
    if child == 0:
        os._exit(0 if (last(5), last.loaded) == ({answer}, 0) else 3)
    status = os.waitpid(child, 0)[1]
    if status != 0:
        raise SystemExit(f"turn {{turn}}: {{status}}")
print(last(5), last.loaded, flips, truncations)
"""


@pytest.mark.parametrize(
    ("functions", "turns"), [(2, 11), pytest.param(20, 110, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_s3_two_thousand_flipped_bits_and_two_hundred_truncations(
    mini: Mini, functions: int, turns: int
) -> None:
    """Over the files of functions that call one another, all damaged at once before each process."""
    text = "from mini.arch.jit import kernel\n\n@kernel\ndef f0(x):\n    return x\n"
    answer = 5
    for n in range(1, functions):
        text += f"\n@kernel\ndef f{n}(x):\n    return f{n - 1}(x) * 3 + {n}\n"
        answer = answer * 3 + n
    (mini.arch / "chain.py").write_text(f"{text}\nlast = f{functions - 1}\n")
    once = "from mini.arch.chain import last; print(last(5), last.loaded)"
    assert mini.fork(once) == (answer, 0)
    assert len(mini.files()) == functions
    process = mini.start(DAMAGED.format(turns=turns, answer=answer), OPENBLAS_NUM_THREADS="1")
    out, err = process.communicate(timeout=1800)
    damaged = functions * turns
    assert (err, out.split()) == ("", [str(answer), "1", str(damaged * 10 // 11), str(damaged // 11)])


@pytest.mark.slow
def test_s3_six_cold_processes_take_at_most_twice_what_one_takes(tmp_path: Path) -> None:
    words = ["run", "gemv", "--m", "256", "--k", "256", "--machine", "aim", "--json", "-"]

    def spent_s(count: int) -> float:
        environment = os.environ | {"BANKSIDE_CACHE": str(tmp_path / str(count))}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "bankside", *words]
        processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(count)]
        outputs = {process.communicate(timeout=600)[0] for process in processes}
        assert len(outputs) == 1 and outputs != {b""}
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert spent_s(6) <= 2 * spent_s(1)
