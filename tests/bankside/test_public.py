import resource
import subprocess
import sys

import pytest

import bankside as bs

HEAVY = "{'numba', 'llvmlite'}"


def test_public_names_are_there_and_others_are_not() -> None:
    assert bs.kernel("gemv", m=64, k=64).macs == 64 * 64
    assert set(bs.__all__) <= set(dir(bs))
    with pytest.raises(AttributeError, match="no attribute 'frobnicate'"):
        _ = bs.frobnicate  # type: ignore[attr-defined]


def test_bad_input_raises_one_kind_of_error() -> None:
    with pytest.raises(bs.ConfigError, match="m is 0"):
        bs.kernel("gemv", m=0, k=64)


@pytest.mark.parametrize(
    ("words", "times"),
    [
        (["--help"], 3),
        (["list", "machines"], 3),
        (["run", "--help"], 5),
        (["list", "units"], 5),
        (["schema", "machine"], 6),
        (["--version"], 2),
    ],
)
def test_s8_what_only_informs_starts_at_once_and_compiles_nothing(words: list[str], times: int) -> None:
    """Within so many times what the libraries of the command line alone take to start: about 0.4 s for three."""
    program = (
        "import sys\n"
        f"sys.argv = ['bankside', *{words!r}]\n"
        "from bankside.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    if end.code:\n        raise\n"
        f"heavy = {HEAVY} & set(sys.modules)\n"
        "if heavy:\n    raise SystemExit(heavy)\n"
    )
    libraries = "import typer, yaml, pydantic.fields, rich.table"
    # one after the other, so that both find the machine as busy
    assert any(times * _spent_s(libraries) > _spent_s(program) for _ in range(3))


def _spent_s(program: str) -> float:
    """Processor time of a Python program that says nothing in colour and ends well."""
    before_s = _children_cpu_s()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    return _children_cpu_s() - before_s


def _children_cpu_s() -> float:
    """Processor time of all children so far: unlike wall time, others on the machine hardly change it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_import_bankside_imports_nothing_heavy() -> None:
    program = (
        "import sys, bankside; "
        f"sys.exit(len(({HEAVY} | {{'numpy', 'pydantic', 'typer'}}) & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
