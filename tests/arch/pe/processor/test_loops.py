"""Loops of a processor: instructions, bytes and laws of its DMA engine, by hand."""

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.pe.processor import loops
from bankside.arch.pe.processor.instructions import Pair
from bankside.arch.pe.processor.unit import Processor
from bankside.arch.spec import ConfigError
from bankside.arch.technology.process import load_process

WRAM = 64 << 10
INT32 = Pair("int32", (32, 32))


def dpu(*settings: str) -> Processor:
    unit = load_machine("upmem", list(settings)).primary.spec.processor
    assert unit is not None
    return unit


def test_a_product_has_its_instructions_and_reads_its_operands_once() -> None:
    unit = dpu()
    done = loops.product(unit, (1, 160, 256), INT32, WRAM)
    # two loads and addresses, a call of __mulsi3 with eleven bits, a sum, a branch
    assert unit.table("int32").macs(11) == 24
    assert done.instructions == 160 * (256 * 24 + unit.transfer)
    assert done.read_byte == 160 * 1024 + 1024
    assert done.time.total == pytest.approx(done.instructions, rel=0.02)


def test_a_left_operand_that_does_not_fit_is_read_with_every_row() -> None:
    unit = dpu()
    few, many = (loops.product(unit, (m, 16, 4096), INT32, WRAM) for m in (1, 4))
    assert few.read_byte == 17 * 16384
    assert many.read_byte == 16 * 16384 * 5


@pytest.mark.parametrize(
    ("format", "each"), [("int8", 4), ("int16", 14), ("int32", 24), ("int64", 140), ("fp32", 249)]
)
def test_instructions_of_a_multiply_accumulate(format: str, each: int) -> None:
    unit = dpu()
    bits = {"int8": 8, "int16": 16, "int32": 32, "int64": 64, "fp32": 32}[format]
    assert unit.mac_cycles((format,)) == pytest.approx(each, abs=1)
    one, two = (
        loops.product(unit, (1, rows, 512), Pair(format, (bits, bits)), WRAM).time.total
        for rows in (160, 320)
    )
    assert (two - one) / (160 * 512) == pytest.approx(unit.mac_cycles((format,)), rel=0.1)


def test_a_pair_takes_the_routine_of_its_wider_element() -> None:
    unit = dpu()
    for formats in (("int8", "int16"), ("int16", "int8")):
        assert (
            unit.mac_cycles(formats) == unit.mac_cycles(("int16",)) == int(unit.macs(Pair("int16", (16, 8))))
        )


def test_elements_of_less_than_a_byte_are_unpacked() -> None:
    """A shift and an extension of the sign more for each of them: int4 saves bytes and takes instructions."""
    table = dpu().table("int8")
    assert table.macs(4, Pair("int8", (8, 4))) == table.macs(4) + 2
    assert table.macs(4, Pair("int8", (4, 4))) == table.macs(4) + 4
    assert table.packed(4.0).summed == table.summed + 2
    assert table.packed(8.0) is table
    packed, plain = (loops.product(dpu(), (1, 160, 512), Pair("int8", (8, bits)), WRAM) for bits in (4, 8))
    assert packed.read_byte < plain.read_byte
    assert packed.time.total > 1.3 * plain.time.total


def test_published_loops_in_place() -> None:
    """Silicon: six instructions to add to an int32 where it lies, seven to an int64 (PrIM)."""
    unit = dpu()
    for name, published in (("int32", 6), ("int64", 7)):
        table = unit.table(name)
        assert sum(table.raised) - table.block + table.loop == published


def test_blocks_are_unrolled_where_the_program_holds_them() -> None:
    """128 elements of int64 in a block: four instructions each to scan and twice to add, of 4096."""
    unit = dpu()
    table = unit.table("int64")
    parts = (table.scanned, table.raised, table.raised)
    assert loops.written(unit, 64, *parts) == (4, 4, 4)
    assert loops.written(dpu("cores.dpu.vector.program=1535"), 64, *parts) == (7, 6, 6)
    assert loops.written(unit, 16, *(unit.table("int16").scanned,) * 3) == (6, 6, 6)


@pytest.mark.parametrize("tasklets", [16, 11, 1])
def test_a_sum_that_is_carried_waits_for_its_registers(tasklets: int) -> None:
    """Two cycles more, in a full pipeline and of one tasklet; no instruction more."""
    unit = f"cores.dpu.vector.tasklets={tasklets}"
    fast, slow = (
        loops.summed(dpu(unit, *setting), 65536, ("int64", 64.0))
        for setting in (("cores.dpu.vector.instructions.int64.carried=0",), ())
    )
    assert slow.instructions == fast.instructions
    assert (slow.time.total - fast.time.total) / 65536 == pytest.approx(2, rel=0.1)


def test_a_vector_sum_moves_three_vectors() -> None:
    unit = dpu()
    done = loops.elementwise(unit, "add", 2, 4096, ("int32", 32))
    assert (done.read_byte, done.written_byte) == (2 * 16384, 16384)
    assert done.instructions == 4096 * 9 + 16 * 3 * unit.transfer
    assert unit.reading(1024) == 77 + 512
    assert unit.writing(4096) == 2 * 61 + 2048


def test_barriers_keep_transfers_from_hiding() -> None:
    unit = dpu()
    fmt = ("int64", 64.0)
    scanned, raised = loops.scanned(unit, 65536, fmt).time, loops.raised(unit, 65536, fmt).time
    assert scanned.moving > 0.2 * scanned.total
    assert raised.waiting < 0.01 * raised.total


def test_a_selection_writes_what_it_keeps() -> None:
    unit = dpu()
    half, all_of_it = (loops.selected(unit, 65536, ("int64", 64.0), share) for share in (0.5, 1.0))
    assert (half.written_byte, all_of_it.written_byte) == (262144, 524288)
    assert half.time.total < all_of_it.time.total


def test_unique_elements_are_told_apart_by_halves() -> None:
    """A branch for the half that differs, two where none does; the last element goes on with the place of the next."""
    unit = dpu()
    fmt = ("int64", 64.0)
    half, none = (loops.unique(unit, 65536, fmt, share) for share in (0.5, 1 / 65536))
    blocks, hand = 512, unit.hand + loops.FOLLOWED + 2
    assert half.instructions == 65536 * (1 + 1.5 + 0.5 * 3) + blocks * (2 * unit.transfer + hand)
    assert none.instructions == pytest.approx(65536 * 3 + blocks * (2 * unit.transfer + hand), abs=3)
    assert (half.read_byte, half.written_byte) == (524288, 262144)
    assert loops.selected(unit, 65536, fmt, 0.5).time.total > half.time.total


def test_fewer_tasklets_than_the_pipeline_holds_take_longer() -> None:
    one, eleven, sixteen = (
        loops.product(dpu(f"cores.dpu.vector.tasklets={n}"), (1, 176, 64), INT32, WRAM).time.total
        for n in (1, 11, 16)
    )
    assert one == pytest.approx(11 * eleven, rel=0.1)
    assert sixteen == pytest.approx(eleven, rel=0.02)


def test_events_are_instructions_and_are_priced() -> None:
    unit, process = dpu(), load_process("dram-2y")
    assert unit.events(np.array([[1], [2], [3]]), ("int8", "int8")) == {"instruction": 24}
    assert unit.prices(process, "int8")["instruction"].count_j == unit.energy
    assert unit.area_m2(process, ()) == unit.area
    assert unit.can("product") and unit.can("histogram") and not unit.can("softmax")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("cores.dpu.vector.tasklets=25", "24"),
        ("cores.dpu.vector.instructions.int32={_replace: true, add: 1}", "say nothing of its multiply"),
        (
            "cores.dpu.formats=[int8, int4]",
            "int4 and has instructions for int8, int16, int32, int64, fp32 alone",
        ),
        ("cores.dpu.vector.block=4 KiB", "not 4096 B"),
        (
            "cores.dpu.vector.program=1",
            "the program memory holds 1 instructions, and a loop of products takes 324",
        ),
        ("cores.dpu.offload.push=3 B", "whole words of 8 B, not 3 B"),
        ("path.host.network.link.bandwidth=1 GB/s", "13.2 GB/s together, and the link to their host 1."),
        ("cores.dpu.vector.tasklets=0", "1"),
        ("cores.dpu.tap=mram.host", "tap a level inside the DRAM die"),
        ("cores.host.offload={rank: 64}", "offload"),
    ],
)
def test_7_bad_input_is_told_in_sentences(setting: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_machine("upmem", [setting])
    assert told in " ".join(caught.value.errors)
    assert all(error.endswith(".") for error in caught.value.errors)
