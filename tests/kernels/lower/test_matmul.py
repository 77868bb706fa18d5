"""Matrix products on machines: folding, bounds, bandwidths, scratchpads, pins and units."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import bankside as bs
import bankside.validation
from bankside.arch.machine.machine import Core, Machine, load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.formats import FORMATS
from bankside.kernels.mapping.pin import PinSpec
from bankside.kernels.operators import Kernel, MatMul, Phase, Windows

SERIAL = Path(bankside.validation.__file__).parent / "bbs_2024" / "machine.yaml"
MACHINES = ("hybrid-3d", "xpu-a100", "tpu-like")
SHAPES = ((1, 300, 520), (7, 1000, 333), (130, 257, 640))
ANOMALY = 1.02  # refreshes meet another phase of the train, and the mapper promises no more than this


def time_s(machine: Machine, m: int, n: int, k: int, **more: Any) -> float:
    return bs.simulate(bs.kernel("gemm", m=m, n=n, k=k, format="bf16"), machine, **more).time_s


def without_provenance(result: bs.Result) -> str:
    document = {name: value for name, value in result.document.items() if name != "provenance"}
    return json.dumps(document, sort_keys=True)


def copied_bytes(core: Core, shape: tuple[int, int, int], split: dict[str, int]) -> int:
    """What lands in the nodes' memories of an operand that each has a share of and all need."""
    m, n, k = shape
    if split.get("k", 1) > 1:
        return 0
    shared_byte = 2 * k * (n if split.get("m", 1) > 1 else m)
    if split.get("m", 1) == 1 and shared_byte <= core.cores * core.spec.sram.size / 2:
        return 0
    return math.prod(split.values()) * round(shared_byte * (core.nodes - 1) / core.nodes)


def test_clusters_share_a_read_of_the_cache_and_each_core_its_own_wires() -> None:
    """4 x 33 blocks of 64 x 128: the rows on the chip go to 33, the larger panels of columns to four."""
    pin = PinSpec(operator="gemm", tile={"m": 64, "n": 128}, blocks={"k": 1})
    kernel = bs.kernel("gemm", m=256, n=4224, k=512, format="bf16")
    a, b = 256 * 512 * 2, 4224 * 512 * 2
    for multicast in (1, 2):
        machine = load_machine("xpu-h100", [f"path.host.cache.multicast={multicast}"])
        events = bs.simulate(kernel, machine, mapping=[pin]).document["events"]["delivery.host"]
        assert events["delivered_byte"] == 33 * a + 3 * b
        assert events["served_byte"] == 33 * a + (4 // multicast - 1) * b


@pytest.mark.parametrize("name", ["hybrid-3d", "tpu-like"])
@pytest.mark.parametrize("shape", SHAPES)
def test_folded_and_unfolded_give_the_same_document(name: str, shape: tuple[int, int, int]) -> None:
    kernel = bs.kernel("gemm", m=shape[0], n=shape[1], k=shape[2], format="bf16")
    machine = load_machine(name)
    folded = bs.simulate(kernel, machine)
    assert without_provenance(folded) == without_provenance(bs.simulate(kernel, machine, fold=False))
    assert without_provenance(folded) == without_provenance(bs.simulate(kernel, machine))


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("shape", SHAPES)
def test_t1_t3_bytes_cross_once_and_no_result_beats_its_bound(name: str, shape: tuple[int, int, int]) -> None:
    kernel = bs.kernel("gemm", m=shape[0], n=shape[1], k=shape[2], format="bf16")
    result = bs.simulate(kernel, load_machine(name)).document
    assert result["bound"]["fraction"] <= 1
    dram = result["bandwidth"]["dram"]
    assert dram["bytes_useful"] >= 2 * shape[1] * shape[2]
    split = result["mapping"]["operators"][0]["split"]
    copied = copied_bytes(load_machine(name).primary, shape, split)
    assert dram["bytes_written"] == 2 * shape[0] * shape[1] + copied
    assert dram["bytes_read"] >= dram["bytes_useful"]
    assert all(cycles >= 0 for cycles in result["cycle_stack"].values())
    assert sum(result["cycle_stack"].values()) == result["cycles"]["count"]


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("shape", SHAPES)
def test_t4_more_scratchpad_is_not_slower(name: str, shape: tuple[int, int, int]) -> None:
    core = load_machine(name).primary.name
    sizes = ("16 KiB", "64 KiB", "256 KiB", "1 MiB")
    times = [
        time_s(load_machine(name, [f"cores.{core}.sram.size={size}", "power_limit=null"]), *shape)
        for size in sizes
    ]
    assert all(after <= ANOMALY * before for before, after in pairwise(times)), times


@pytest.mark.parametrize("shape", SHAPES)
def test_t4_more_bandwidth_is_not_slower(shape: tuple[int, int, int]) -> None:
    rates = ("0.5 TB/s", "1 TB/s", "5 TB/s", "80 TB/s")
    times = [
        time_s(load_machine("sram-lpu", [f"memories.sram.sram.bandwidth={rate}"]), *shape) for rate in rates
    ]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("name", MACHINES)
def test_t5_twice_the_depth_takes_about_twice_as_long(name: str) -> None:
    core = load_machine(name).primary.name
    machine = load_machine(name, [f"cores.{core}.launch=0 s", f"cores.{core}.floor.product=0 s"])
    one, two = (time_s(machine, 512, 2048, k) for k in (8192, 16384))
    assert 1.8 < two / one < 2.1


def entry(unit: str, m: int = 4, **more: Any) -> PinSpec:
    cores, tile = {"batch": 1, "m": 1, "n": 1}, {"m": m, "n": 256, "k": 64}
    return PinSpec(operator="gemm", cores=cores, tile=tile, unit=unit, **more)


def test_skinny_products_run_on_lanes_arrays_or_both_whichever_is_faster() -> None:
    """A vault's array takes 32 cycles for each 1024 weights whatever the rows; the lanes take 16 for each row."""
    machine = load_machine("hybrid-3d", ["cores.pe.launch=0 s", "cores.pe.clock=50 MHz"])
    found = {}
    for m in (1, 2, 16, 64, 65):
        kernel = bs.kernel("gemm", m=m, n=16 * 256, k=512, format="bf16")
        result = bs.simulate(kernel, machine)
        found[m] = result.document["mapping"]["operators"][0]["unit"]
        for unit in ("matrix", "vector"):
            pin = entry(unit, min(m, 32))
            assert result.time_s <= ANOMALY * bs.simulate(kernel, machine, mapping=[pin]).time_s
    assert found[1] == found[2] == "both"
    assert found[65] == "matrix"


def test_both_units_share_the_columns_of_a_tile() -> None:
    skewed = "cores.pe.sram.layout=skewed"  # no conflicts of banks between the units' cycles
    machine = load_machine("hybrid-3d", ["cores.pe.launch=0 s", "cores.pe.clock=50 MHz", skewed])
    kernel = bs.kernel("gemm", m=1, n=16 * 256, k=512, format="bf16")
    array, lanes, both = (
        bs.simulate(kernel, machine, mapping=[entry(unit, 1)]).time_s for unit in ("matrix", "vector", "both")
    )
    assert (
        both < 0.8 * lanes
    )  # three strips of columns on the array, 160 columns on the lanes: 192 cycles, not 256
    assert lanes < array


def test_a_result_s_mapping_is_a_pin_that_gives_the_same_result() -> None:
    for name in MACHINES:
        machine, kernel = load_machine(name), bs.kernel("gemm", m=48, n=700, k=900, format="bf16")
        result = bs.simulate(kernel, machine)
        pins = [PinSpec(**each) for each in result.document["mapping"]["operators"]]
        assert without_provenance(bs.simulate(kernel, machine, mapping=pins)) == without_provenance(result)


def test_both_units_are_refused_to_many_rows_only_and_many_rows_to_both_units_only() -> None:
    machine = load_machine("hybrid-3d")
    for rows, units in ((64, ("both", "matrix", "vector")), (128, ("matrix", "vector"))):
        kernel = bs.kernel("gemm", m=rows, n=256, k=256, format="bf16")
        for unit in units:
            ran = bs.simulate(kernel, machine, mapping=[entry(unit, 32)]).document["mapping"]["operators"][0]
            assert ran["unit"] == unit
    kernel = bs.kernel("gemm", m=65, n=256, k=256, format="bf16")
    with pytest.raises(ConfigError, match="which products of up to 64 rows may, but this has 65"):
        bs.simulate(kernel, machine, mapping=[entry("both", 32)])


def test_pins_that_cannot_be_are_refused_in_sentences() -> None:
    machine, kernel = load_machine("hybrid-3d"), bs.kernel("gemm", m=128, n=16384, k=4096, format="bf16")
    big = PinSpec(
        operator="gemm", cores={"batch": 1, "m": 2, "n": 1}, tile={"m": 128, "n": 512, "k": 512}, unit="both"
    )
    with pytest.raises(ConfigError) as caught:
        bs.simulate(kernel, machine, mapping=[big])
    assert [error.split(" ", 5)[-1] for error in caught.value.errors] == [
        "wants 1 x 2 x 1 = 2 cores, but a node of core pe has 1.",
        "needs 1,310,720 B for two buffers and the sums of its tile of 64 x 512 x 512, but the scratchpad of core pe "
        "has 262,144 B.",
        "splits tiles over both units, which products of up to 64 rows may, but this has 128.",
    ]
    for pin, sentence in (
        (PinSpec(operator="gem"), "The mapping pins 'gem', but kernel gemm has the operators gemm."),
        (PinSpec(operator="gemm", tile={"m": 1, "n": 1, "x": 1}), "has tile.x; tile has m, n, k."),
        (entry("cube"), "names the unit 'cube'; a matrix product runs on matrix, vector or both."),
    ):
        with pytest.raises(ConfigError) as caught:
            bs.simulate(kernel, machine, mapping=[pin])
        assert sentence in str(caught.value)


def test_a_convolution_reads_its_image_once_and_elements_take_its_windows() -> None:
    machine, int8 = load_machine(str(SERIAL)), FORMATS["int8"]
    windows, pins = Windows(28, 28, 64, 3, 1, 1), (PinSpec(operator="conv", tile={"m": 112}),)
    documents = []
    for rows in (windows, None):
        op = MatMul.of("conv", (1, 784, 64, 576), "weights", (int8,) * 3, windows=rows)
        kernel = Kernel("test", {}, int8, (Phase(1, (op,)),))
        documents.append(bs.simulate(kernel, machine, mapping=pins).document)
    weights, image, out = 576 * 64, 784 * 64, 784 * 64
    reads = [document["bandwidth"]["dram"]["bytes_read"] for document in documents]
    assert reads == [7 * weights + image, 7 * weights + 9 * image]
    passes = 784 * 576 * (64 // 32) + weights * (784 // 16)
    assert [document["events"]["pe.sram"]["sram_read"] for document in documents] == [passes + out] * 2
