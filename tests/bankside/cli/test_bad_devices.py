"""Device files that break their standard's own rules are refused in sentences, with file and line, all at once."""

from pathlib import Path
from typing import Any

import pytest

from bankside.arch.spec import path_of

BROKEN = """extends: ddr4-2400
family: DDR4
timings:
  tRAS: 60
  tFAW: 3
  tRFC: 12000
"""


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str, name: str = "broken.yaml") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize(
    "words",
    [
        ("show", "device"),
        ("unit", "dram", "--stream", "seq_rd_bgint", "--device"),
        ("trace", "requests.trace", "--device"),
    ],
    ids=lambda words: words[0],
)
def test_every_command_refuses_it_with_all_its_faults(
    refused: Any, file: Any, words: tuple[str, ...]
) -> None:
    path = file(BROKEN)
    assert refused(*words, path) == [
        f"{path}:4:3 timings.tRAS: tRAS is 60 tCK and tRC is 56 tCK, but a row is open for tRAS before its cycle tRC "
        "can end.",
        f"{path}:5:3 timings.tFAW: tRRD_S is 4 tCK and tFAW is 3 tCK, but four activations cannot fit a window that "
        "two do not fit.",
        f"{path}:6:3 timings.tRFC: tRFC is 12000 tCK and tREFI is 9364 tCK, but a refresh must end before the next "
        "one is due.",
    ]


def test_the_value_that_the_user_wrote_is_blamed(refused: Any, file: Any) -> None:
    path = file("extends: ddr4-2400\ntimings: {tRC: 30}\n")
    (told,) = refused("show", "device", path)
    assert told.startswith(f"{path}:2:11 timings.tRC: tRAS is 39 tCK and tRC is 30 tCK")
    (told,) = refused("show", "device", "ddr4-2400", "--set", "timings.tFAW=3")
    assert told.startswith("--set timings.tFAW=3: tRRD_S is 4 tCK and tFAW is 3 tCK")


def test_a_device_without_a_refresh_command(refused: Any, file: Any) -> None:
    lines = path_of("ddr4-2400", "devices").read_text().splitlines(keepends=True)
    kept = [line for line in lines if not (line.lstrip().startswith("- {level") and "REF" in line)]
    path = file("".join(kept))
    at = next(number for number, line in enumerate(kept, start=1) if line.startswith("family"))
    (told,) = refused("show", "device", path)
    assert told == (
        f"{path}:{at}:1 refresh: mode 'all_bank' needs the refresh command REF, but no constraint follows it."
    )


def test_rows_that_are_no_power_of_two_where_an_address_needs_them(
    refused: Any, bankside: Any, file: Any
) -> None:
    device = file("extends: ddr4-2400\nlevels: {row: 49152}\n")
    trace = file("LD 0x0\n", "requests.trace")
    words = ("trace", trace, "--device", device)
    assert bankside(*words).exit_code == 0  # the first field of an address may be of any size
    (told,) = refused(*words, "--address", "bank,row,column,bank_group")
    assert told == "address: 'row' has 49152 values; below the first field it must be a power of two."


def test_a_machine_whose_address_does_not_fit_its_device_is_told_the_line(file: Any) -> None:
    from bankside.arch.machine.machine import load_machine
    from bankside.arch.spec import ConfigError

    file("extends: hybrid-vault\nlevels: {row: 49152}\n", "rows.yaml")
    machine = file(
        "extends: hybrid-3d\nmemories:\n  hbm:\n    device: rows.yaml\n"
        "    address: [bank, row, column, bank_group, vault]\n",
        "machine.yaml",
    )
    with pytest.raises(ConfigError) as caught:
        load_machine(machine)
    assert caught.value.errors == [
        f"{machine}:5 memories.hbm.address: 'row' has 49152 values; below the first field it must be a power of two."
    ]
