"""Look-ups as runs: what is read, how rows lie on channels, and what a gather costs."""

from typing import Any

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.run.simulate import simulate

FAST = (
    "memories.ddr.controller={policy: frfcfs-rowhit, depth: 64}",
    "memories.ddr.address=[row, bank, bank_group, column, channel]",
)


def run(machine: str, *settings: str, **options: int) -> dict[str, Any]:
    shape = {"tables": 2, "rows": 100_000, "dim": 64, "batch": 4, "pooling": 40} | options
    return simulate(build("embedding", **shape), load_machine(machine, list(settings))).to_dict()


def test_each_rank_reads_the_rows_of_its_tables_and_no_more() -> None:
    """256 B are four bursts of 64 B, and the number of a row is 4 B; a row that is chosen by chance is another of the
    DRAM."""
    result = run("axdimm", *FAST)
    assert result["bandwidth"]["dram"]["bytes_read"] == 2 * 4 * 40 * (256 + 4)
    activations = result["energy"]["parts_j"]["activation"]
    twice = run("axdimm", *FAST, batch=8)
    assert twice["bandwidth"]["dram"]["bytes_read"] == 2 * 2 * 4 * 40 * (256 + 4)
    assert twice["energy"]["parts_j"]["activation"] == pytest.approx(2 * activations, rel=0.05)
    assert run("axdimm", *FAST)["time_fs"] == result["time_fs"]


def test_columns_are_dealt_where_ranks_are_left_over() -> None:
    """One table over two ranks: half of a row at each, and whole sums without an exchange."""
    one, two = run("axdimm", *FAST, tables=1, batch=8), run("axdimm", *FAST)
    assert one["mapping"]["operators"][0]["split"] == {"tables": 1, "columns": 2}
    assert one["bandwidth"]["dram"]["bytes_read"] == two["bandwidth"]["dram"]["bytes_read"]


def test_rows_in_one_row_of_the_dram_are_opened_once() -> None:
    spread, together = run("axdimm"), run("axdimm", FAST[1])
    assert together["energy"]["parts_j"]["activation"] < 0.5 * spread["energy"]["parts_j"]["activation"]


def test_a_row_reaches_as_many_channels_as_it_has_bursts() -> None:
    """4 bursts of 64 B on the many channels of a GPU: padding is the last burst of a channel, not a stripe a row."""
    result = run("xpu-h100", tables=4, batch=64)
    assert result["bandwidth"]["dram"]["bytes_read"] <= 1.3 * 4 * 64 * 40 * (256 + 4)


@pytest.mark.parametrize("dim", [640, 644, 1024, 1280, 1284])
def test_a_row_of_more_bursts_than_channels_is_read_once(dim: int) -> None:
    """On the 80 channels of a GPU of bursts of 32 B a row of 640 numbers takes one burst of each; one of 644 takes a
    second one of one of them, and no more."""
    result = run("xpu-h100", tables=1, batch=64, dim=dim)
    wanted = 64 * 40 * (-(-dim * 4 // 32) * 32 + 4)
    assert result["bandwidth"]["dram"]["bytes_read"] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize(
    ("machine", "told"),
    [("hbf-pnm", "rows are looked up in DRAM, and memory hbf is none"), ("sram-lpu", "none")],
)
def test_what_is_no_dram_is_refused(machine: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        run(machine)
