"""Weights as units store them: bytes and cycles of runs follow from what the values are."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError
from bankside.kernels.catalog.catalog import build
from bankside.kernels.formats import Format
from bankside.kernels.operands.values import Values
from bankside.kernels.operators import MatMul
from bankside.kernels.run.checks import in_supported_formats
from bankside.kernels.run.simulate import simulate
from bankside.kernels.run.stored import as_stored

SHAPE = {"m": 512, "k": 1024, "format": "int8"}
STARTED = "cores.pe.launch=0 s"  # what starting takes hides the rest of short products


def bits(machine: str, *overrides: str, values: tuple[Values, ...] = ()) -> float:
    kernel, _ = as_stored(
        replace(build("gemv", **SHAPE), values=values), load_machine(machine, list(overrides))
    )
    (_, op), *_ = kernel.operators()
    assert isinstance(op, MatMul)
    return op.b.format.bits


def test_bits_of_a_weight_are_those_of_the_scheme() -> None:
    assert bits("base-die") == 8
    assert bits("base-die-uspe") == 5 == 0.625 * 8
    assert bits("base-die-bitmod") == 8
    assert bits("base-die-bitwave") == pytest.approx(6, abs=0.01)
    assert bits("base-die-bitwave", "cores.pe.matmul.pruned=0") == pytest.approx(8.2, abs=0.01)
    assert bits("base-die-uspe", "cores.pe.matmul.keep=1") == 3


def test_values_that_are_given_decide() -> None:
    small = np.random.default_rng(0).integers(-3, 4, (512, 1024))
    own = Values("gemv", "small.npy", digest="small", array=small)
    signs, kept = (
        (small < 0).reshape(-1, 8).any(axis=1),
        np.bitwise_or.reduce(np.abs(small).reshape(-1, 8), axis=1),
    )
    wanted = ((np.bitwise_count(kept) + signs) * 8 + 8).sum() / small.size
    assert bits("base-die-bitwave", values=(own,)) == pytest.approx(wanted, abs=1e-3)
    assert bits("base-die-bitwave", values=(Values("", "laplace"),)) <= 6


@pytest.mark.parametrize("machine", ["base-die-uspe", "attacc-bank-uspe"])
def test_kept_weights_save_bytes_and_time_at_the_tap(machine: str) -> None:
    kernel = build("gemv", m=4096, k=4096, format="int8")
    dense, sparse = (
        simulate(kernel, load_machine(machine, [f"cores.pe.matmul.keep={keep}", STARTED])).to_dict()
        for keep in (4, 2)
    )
    read = [each["bandwidth"]["dram"]["bytes_useful"] for each in (dense, sparse)]
    assert read[1] / read[0] == pytest.approx(0.625, rel=0.01)
    assert sparse["time_s"] < 0.8 * dense["time_s"]
    assert sparse["work"]["bytes_min"] < dense["work"]["bytes_min"]


def test_lanes_that_wait_are_charged_to_imbalance() -> None:
    machine = load_machine("base-die-bitwave", ["cores.pe.matmul.pruned=0", "cores.pe.matmul.cols=1"])
    result = simulate(build("gemm", m=64, n=2048, k=2048, format="int8"), machine).to_dict()
    stack = result["cycle_stack"]
    assert stack["imbalance"] > 0.05 * result["cycles"]["count"]
    assert any("drawn (gaussian, seed 0" in warning for warning in result["warnings"])


def test_values_that_nothing_depends_on_are_told() -> None:
    """A distribution for all weights, or for one operator, that no unit looks at would seem to have counted."""

    def unused(machine: str, *values: Values, **shape: object) -> list[str]:
        kernel = replace(build("gemv", **SHAPE | shape), values=values)
        return [note for note in as_stored(kernel, load_machine(machine))[1] if "is not used" in note]

    everything, own = Values("", "laplace", 3), Values("gemv", "llm")
    assert unused("base-die-bitwave", everything) == unused("base-die-bitwave", own) == []
    (alone,) = unused("base-die-bitwave", everything, own)
    assert "all weights that are not named" in alone
    assert "laplace" in alone
    assert len(unused("base-die", everything, own)) == 2
    assert len(unused("base-die-bitwave", own, format="bf16")) == 1
    assert len(unused("base-die-uspe", own)) == 1


def test_what_does_not_fit_the_weights_is_told() -> None:
    def told(machine: str, values: Values, **shape: object) -> str:
        kernel = replace(build("gemv", **SHAPE | shape), values=(values,))
        with pytest.raises(ConfigError) as caught:
            as_stored(kernel, load_machine(machine))
        return " ".join(caught.value.errors)

    ones = np.ones((512, 1024), dtype=np.int8)
    own = Values("gemv", "w.npy", digest="w", array=ones)
    assert "its operators with weights are gemv" in told("base-die-uspe", replace(own, label="mlp"))
    assert "has 4 values that are not zero, and 2:4 keeps 2" in told("base-die-uspe", own)
    assert "w.npy is 512x1024, and gemv has 512 outputs of 512 inputs" in told("base-die-uspe", own, k=512)
    assert "w.npy: groups of 4 weights of core pe do not divide the 1026 inputs of gemv" in told(
        "base-die-uspe", own, k=1026
    )
    wide = replace(own, array=ones.astype(np.int16) * 200)
    assert "from 200 to 200" not in told("base-die-bitwave", replace(wide, array=-wide.array * 2))


def halves() -> Values:
    """Outputs of which the first half need all columns, and the others two of magnitudes and that of the sign."""
    array = np.full((4096, 1024), 127, dtype=np.int8)
    array[2048:] = np.where(np.arange(1024) % 2, 3, -3)
    return Values("gemv", "halves.npy", digest="halves", array=array)


@pytest.mark.parametrize("machine", ["base-die-bitwave", "attacc-bank-bitwave"])
def test_uneven_weights_are_read_and_waited_for_where_they_lie(machine: str) -> None:
    kernel = replace(build("gemv", m=4096, k=1024, format="int8"), values=(halves(),))
    loaded = load_machine(machine, ["cores.pe.matmul.pruned=0", STARTED])
    result = simulate(kernel, loaded).to_dict()
    stored = 2048 * 128 * ((7 * 8 + 8) + (3 * 8 + 8)) // 8
    useful = result["bandwidth"]["dram"]["bytes_useful"]
    assert useful == pytest.approx(stored + (1024 if machine.startswith("base") else 0), rel=0.002)
    assert sum(result["stack_fs"].values()) == result["time_fs"]
    (half,) = kernel.values
    assert half.array is not None
    dealt = half.array.reshape(2, -1, 1024).transpose(1, 0, 2).reshape(4096, 1024)
    even = replace(kernel, values=(replace(half, digest="dealt", array=dealt),))
    shorter = simulate(even, loaded).to_dict()
    assert shorter["bandwidth"]["dram"]["bytes_useful"] == pytest.approx(useful, rel=1e-3)
    if machine.startswith("attacc"):  # whose channels have one half each
        assert shorter["time_s"] < 0.95 * result["time_s"]


def test_tiles_of_unequal_cores_are_charged_to_imbalance() -> None:
    loaded = load_machine("base-die-bitwave", ["cores.pe.matmul.pruned=0", "cores.pe.matmul.rows=16"])
    op = build("gemm", m=16, n=4096, k=1024, format="int8")
    mixed, order = halves(), np.random.default_rng(0).permutation(256)
    assert mixed.array is not None
    mixed = replace(
        mixed,
        label="gemm",
        digest="mixed",
        array=mixed.array.reshape(256, 16, 1024)[order].reshape(4096, 1024),
    )
    found = {}
    for name, values in (("halves", replace(mixed, digest="sorted", array=halves().array)), ("mixed", mixed)):
        result = simulate(replace(op, values=(values,)), loaded).to_dict()
        found[name] = result["cycle_stack"]["imbalance"] / result["cycles"]["count"]
    assert found["mixed"] > 0.02
    assert found["halves"] < found["mixed"]


def test_weights_that_groups_do_not_divide_lie_as_they_are() -> None:
    kernel, notes = as_stored(build("gemv", m=16, k=777, format="int8"), load_machine("base-die-uspe"))
    (_, op), *_ = kernel.operators()
    assert isinstance(op, MatMul) and op.b.format.bits == 8
    told = (
        "Groups of 4 weights of core pe do not divide the 777 inputs of gemv, whose weights lie as they are"
    )
    assert notes == [f"{told}: nothing is skipped."]


def placed(machine: str, weights: str, *overrides: str, values: tuple[Values, ...] = ()) -> Format:
    kernel = build("gemv", **SHAPE, weights_format=weights)
    found = load_machine(machine, list(overrides))
    kernel, _ = as_stored(replace(in_supported_formats(kernel, found)[0], values=values), found)
    (_, op), *_ = kernel.operators()
    assert isinstance(op, MatMul)
    return op.b.format


SPARTEN = "cores.pe.matmul={_replace: true, unit: bit-serial, scheme: sparten, rows: 16}"
EIE = "cores.pe.matmul={_replace: true, unit: bit-serial, scheme: eie, rows: 16}"


def test_zeros_anywhere_save_the_bytes_of_their_encoding_and_take_its_steps() -> None:
    bitmap, rows = placed("base-die", "int8_bitmap_d25"), placed("base-die", "int8_csr_d10")
    assert bitmap.bits == 8 * 0.25 + 1
    pointers = 513 * np.ceil(np.log2(512 * 1024 * 0.1 + 1)) / (512 * 1024)
    assert rows.bits == pytest.approx(0.1 * (8 + 10) + pointers, abs=1e-3)
    assert bitmap.conversion is not None and bitmap.conversion.to == "int8"
    assert bitmap.conversion.per_element == Fraction(1, 4)  # an operation for each value that is kept


def test_elements_that_read_an_encoding_skip_its_zeros() -> None:
    masked, runs = placed("base-die", "int8_bitmap_d25", SPARTEN), placed("base-die", "int8_rle_d25", EIE)
    for fmt, bits in ((masked, 0.25 * 8 + 1), (runs, 0.2525 * 12)):
        assert fmt.decided is not None and fmt.bits == pytest.approx(bits, rel=0.02)
    assert masked.decided is not None and masked.decided.lane_cycle == pytest.approx(128 * 0.25, rel=0.05)
    assert runs.decided is not None and runs.decided.round_cycle < 0.5
    other = placed("base-die", "int8_csr_d25", SPARTEN)
    assert other.decided is None and other.conversion is not None and other.conversion.to == "int8"


def test_zeros_of_a_file_are_counted() -> None:
    array = np.zeros((512, 1024), dtype=np.int8)
    array[:, ::4] = 1
    own = Values("gemv", "w.npy", digest="w", array=array)
    assert placed("base-die", "int8_bitmap_d25", values=(own,)).bits == 3
    assert placed("base-die", "int8_rle_d25", values=(own,)).bits == 0.25 * 12
    with pytest.raises(
        ConfigError, match=r"25\.00% of its values are not zero, and int8_bitmap_d50 keeps 50"
    ):
        placed("base-die", "int8_bitmap_d50", values=(own,))
    with pytest.raises(ConfigError, match="encodes weights; give it as weights_format"):
        build("gemv", m=512, k=1024, format="int8_bitmap_d25")
