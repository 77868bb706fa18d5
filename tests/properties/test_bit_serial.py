"""Bit-serial schemes against oracles that take their operands digit by digit, on random tensors."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from tests.oracles import (
    bit_columns,
    bit_serial,
    bitmod_pe,
    group_balance,
    group_lengths,
    nm_serial,
    unstructured_pe,
)
from tests.oracles.lane_groups import Served, dot_products, total_cycles
from tests.oracles.scheme_products import PRODUCTS

from bankside.arch.pe.bit_serial import queues
from bankside.arch.pe.bit_serial.frame import framed
from bankside.arch.pe.bit_serial.frame_spec import Frame
from bankside.arch.pe.bit_serial.measure import measure
from bankside.arch.pe.bit_serial.scheme import Setting
from bankside.arch.pe.bit_serial.schemes import SCHEMES

TENSORS = 1000
SERIAL_LENGTH = {"twos-complement": "pattern", "sign-magnitude": "sign-magnitude"}

Oracle = Callable[[Setting, Any, Any, bool], Served]


class Drawn(NamedTuple):
    setting: Setting
    values: np.ndarray
    vector: np.ndarray
    signed: bool


def _loom(s: Setting, a: Any, b: Any, signed: bool) -> Served:
    rule = SERIAL_LENGTH[s.encoding]
    return group_lengths.loom(
        a, b, bits=s.bits, group=s.group, rule=rule, signed=signed, fully_connected=s.once
    )


ORACLES: dict[str, Oracle] = {
    "bit-parallel": lambda s, a, b, u: bit_serial.bit_parallel(a, b, group=s.group),
    "stripes": lambda s, a, b, u: bit_serial.stripes(a, b, bits=s.bits, group=s.group, signed=u),
    "essential": lambda s, a, b, u: bit_serial.essential(
        a, b, bits=s.bits, group=s.group, encoding=s.encoding, signed=u
    ),
    "pragmatic": lambda s, a, b, u: bit_serial.pragmatic(
        a, b, bits=s.bits, group=s.group, shift_bits=s.shift_bits, encoding=s.encoding, signed=u
    ),
    "laconic": lambda s, a, b, u: bit_serial.laconic(
        a, b, bits=s.bits, group=s.group, encoding=s.encoding, signed=u
    ),
    "shapeshifter": lambda s, a, b, u: group_lengths.shapeshifter(
        a, b, bits=s.bits, group=s.group, rule=SERIAL_LENGTH[s.encoding], signed=u
    ),
    "loom": _loom,
    "bitfusion": lambda s, a, b, u: group_lengths.bit_fusion(
        a, b, bits=s.bits, other_bits=s.other_bits, group=s.group
    ),
    "bitwave": lambda s, a, b, u: bit_columns.bitwave(
        a, b, bits=s.bits, group=s.group, encoding=s.encoding, signed=u
    ),
    "bitvert": lambda s, a, b, u: bit_columns.bitvert(a, b, bits=s.bits, group=s.group),
    "bitmod": lambda s, a, b, u: bitmod_pe.bitmod(a, b, bits=s.bits, group=s.group),
    "anda": lambda s, a, b, u: bit_columns.anda(a, b, mantissa_bits=s.bits, group=s.group),
    "nm-serial": lambda s, a, b, u: nm_serial.nm_serial(
        a, b, n=s.keep, m=s.group, mask="bitmap" if s.bitmap else "index", port_words=s.port or None
    ),
    "sparten": lambda s, a, b, u: unstructured_pe.sparten(a, b, group=s.group),
}
"""u: whether the tensors have a sign."""

WITHOUT_SIGN = {"stripes", "essential", "pragmatic", "laconic", "shapeshifter", "loom", "bitwave"}
"""Whose oracles read words without a sign too."""


def draws(name: str) -> Iterator[Drawn]:
    """Random tensors for a scheme: of all widths, groups and encodings, with and without a sign, sparse and dense."""
    generator = np.random.default_rng(sum(map(ord, name)))
    known = SCHEMES[name].encodings or ("twos-complement",)
    for trial in range(TENSORS):
        bits = int(generator.integers(3, 9))
        group = int(generator.choice([1, 2, 4, 8, 16]))
        if name == "bitmod":
            group = int(generator.choice([8, 32, 128]))
        rows, columns = int(generator.integers(1, 3)), group * int(generator.integers(1, 3))
        if name in ("laconic", "loom"):  # whose oracles go through all pairs of bits
            rows, columns = 1, group
        signed = trial % 2 == 0 or name not in WITHOUT_SIGN
        encoding = known[trial % len(known)]
        low = 1 - (1 << (bits - 1)) if signed else 0
        end = 1 << (bits - 1) if signed else 1 << bits
        values = generator.integers(low, end, (rows, columns))
        values[generator.random(values.shape) < generator.choice([0, 0.5, 0.9])] = 0
        setting = Setting(
            bits=bits, group=group, encoding=encoding, shift_bits=int(generator.integers(0, 5)), other_bits=bits,
            keep=int(generator.integers(1, group + 1)), bitmap=trial % 3 == 0, port=int(generator.integers(0, 4)),
            once=trial % 5 == 0,
        )  # fmt: skip
        if name == "nm-serial":
            kept = np.argsort(generator.random((rows, columns // group, group)), axis=2) < setting.keep
            values *= kept.reshape(values.shape)
        yield Drawn(setting, values, generator.integers(low, end, columns), signed)


@pytest.mark.parametrize("name", ORACLES)
def test_every_scheme_takes_the_cycles_of_its_oracle_and_computes_what_numpy_does(name: str) -> None:
    for setting, values, vector, signed in draws(name):
        served = ORACLES[name](setting, values.tolist(), vector.tolist(), signed)
        other = np.broadcast_to(vector, values.shape) if SCHEMES[name].both else None
        found = measure(SCHEMES[name], setting, values, other)
        assert found.work.tolist() == served.cycles, (setting, values)
        assert found.cycles == sum(map(sum, served.cycles))
        assert PRODUCTS[name](setting, values, vector).tolist() == (values @ vector).tolist()
        assert dot_products(served) == (values @ vector).tolist()


def test_columns_in_memory() -> None:
    for setting, values, _, signed in draws("bitwave"):
        if setting.encoding == "sign-magnitude" and signed:
            stored = measure(SCHEMES["bitwave"], setting, values).stored_bits
            told = bit_columns.bitwave_stored_bits(values.tolist(), bits=setting.bits, group=setting.group)
            assert stored == sum(map(sum, told))


def test_lanes_side_by_side() -> None:
    generator = np.random.default_rng(8)
    for _ in range(TENSORS):
        work = generator.integers(0, 9, generator.integers(1, 8, 2))
        side, fetch = int(generator.integers(1, 6)), int(generator.integers(0, 9))
        ahead = int(generator.integers(0, 4))
        if len(work) > 1:
            told = total_cycles(work.tolist(), columns=side, runahead=ahead, fetch_cycles=fetch)
            assert framed(work, Frame(side, ahead, fetch)) == told
        flat, overhead = work.reshape(1, -1), int(generator.integers(0, 3))
        widths = flat[0].tolist()
        assert framed(flat, Frame(side)) == group_balance.unordered(widths, lanes=side).cycles
        assert (
            framed(flat, Frame(side, balance="sorted"))
            == group_balance.sorted_groups(widths, lanes=side).cycles
        )
        told = group_balance.dispatched(widths, lanes=side, overhead=overhead).cycles
        assert framed(flat, Frame(side, balance="dynamic", overhead=overhead)) == told


def test_queues_and_clusters() -> None:
    generator = np.random.default_rng(9)
    for _ in range(TENSORS // 4):
        rows, columns = int(generator.integers(1, 60)), int(generator.integers(1, 10))
        weights = generator.integers(-3, 4, (rows, columns))
        weights[generator.random(weights.shape) < generator.choice([0, 0.5, 0.95])] = 0
        activations = generator.integers(0, 3, columns)
        elements, depth = int(generator.integers(1, 6)), int(generator.integers(1, 5))
        told = unstructured_pe.eie(weights.tolist(), activations.tolist(), pes=elements, fifo_depth=depth)
        assert told.product == (weights @ activations).tolist()
        assert queues.eie_cycles(weights != 0, activations != 0, elements, depth) == told.cycles
        work, kept = generator.integers(1, 90, (rows, 2)), (weights != 0).sum(axis=1)
        for values in (None, kept):
            wanted = unstructured_pe.sparten_cluster_cycles(
                work.tolist(), units=elements, nonzeros=None if values is None else values.tolist()
            )
            assert queues.clustered(work.sum(axis=1), elements, values) == wanted
