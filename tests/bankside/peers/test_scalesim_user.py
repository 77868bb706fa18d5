"""SCALE-Sim's USER mode: measured rows of its release 3.0.0, and a walk over sets of addresses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracles.scalesim_user import simulate

from bankside.arch.pe.systolic.fold import DATAFLOWS
from bankside.peers.operand_srams.convolution import Convolution
from bankside.peers.scalesim import total_cycles
from bankside.peers.scalesim_user import COUNTS, PRODUCT, user_counts

# measured: dataflow, rows, cols, M, N, K; KiB of each SRAM; words per cycle of the ports; stalls; words of input,
# weights and result that cross them
MEASURED = [
    (("is", 8, 8, 1, 256, 256), 16, (8, 32, 16), 3838, (2048, 262144, 8192)),
    (("ws", 32, 32, 64, 128, 256), 4, (2, 2, 2), 259485, (524288, 524288, 65537)),
    (("ws", 32, 8, 128, 64, 32), 8, (4, 4, 4), 0, (4096, 2048, 8195)),
    (("os", 8, 8, 64, 64, 64), 2, (32, 32, 32), 1768, (131072, 188416, 4127)),
    (("is", 32, 32, 97, 89, 83), 2, (64, 16, 4), 4650, (89088, 89088, 25904)),
]

# measured: dataflow, rows, cols; KiB of the SRAMs; words per cycle of the ports; height, width, filter rows and
# columns, channels, filters, stride; stalls; words of input, weights and result that cross the ports
MEASURED_CONVOLUTIONS = [
    (("ws", 8, 4), (1, 2, 2), (1, 1, 10), (14, 8, 3, 3, 8, 20, 1), 42290, (46592, 2048, 12960)),
    (("ws", 4, 4), (2, 1, 2), (2, 2, 10), (10, 9, 3, 2, 8, 8, 1), 4298, (12288, 384, 6144)),
    (("os", 8, 8), (2, 1, 1), (1, 1, 2), (13, 11, 5, 5, 2, 3, 1), 3460, (4096, 400, 189)),
    (("os", 8, 4), (1, 1, 1), (1, 1, 10), (11, 6, 3, 3, 3, 20, 1), 4326, (5632, 1024, 720)),
    (("is", 8, 4), (2, 2, 1), (1, 10, 10), (7, 9, 5, 5, 8, 3, 1), 618, (3072, 600, 1125)),
    (("is", 8, 8), (1, 2, 2), (10, 2, 10), (11, 10, 5, 5, 8, 3, 2), 1574, (27560, 600, 1200)),
]


def counts(
    dataflow: str,
    shape: tuple[int, ...],
    sizes: tuple[int, ...],
    ports: tuple[int, ...],
    convolution: Convolution = PRODUCT,
) -> dict[str, int]:
    found = user_counts(DATAFLOWS.index(dataflow), *shape, sizes, ports, convolution)
    return dict(zip(COUNTS, found.tolist(), strict=True))


@pytest.mark.parametrize(("case", "kib", "ports", "stalls", "words"), MEASURED)
def test_measured_rows(
    case: tuple[str, int, int, int, int, int],
    kib: int,
    ports: tuple[int, int, int],
    stalls: int,
    words: tuple[int, int, int],
) -> None:
    found = counts(case[0], case[1:], (1024 * kib,) * 3, ports)
    assert found["stall_cycles"] == stalls
    assert (found["ifmap_dram_reads"], found["filter_dram_reads"], found["ofmap_dram_writes"]) == words
    assert found["ifmap_dram_start"] < 0 > found["filter_dram_start"]
    assert found["ofmap_dram_stop"] >= total_cycles(DATAFLOWS.index(case[0]), *case[1:]) + stalls


@pytest.mark.parametrize(("array", "kib", "ports", "layer", "stalls", "words"), MEASURED_CONVOLUTIONS)
def test_measured_convolutions(
    array: tuple[str, int, int],
    kib: tuple[int, int, int],
    ports: tuple[int, int, int],
    layer: tuple[int, ...],
    stalls: int,
    words: tuple[int, int, int],
) -> None:
    *sizes, filters, stride = layer
    convolution = Convolution(*sizes, stride, stride)
    shape = (*array[1:], convolution.pixels, filters, convolution.window)
    found = counts(array[0], shape, tuple(1024 * each for each in kib), ports, convolution)
    assert found["stall_cycles"] == stalls
    assert (found["ifmap_dram_reads"], found["filter_dram_reads"], found["ofmap_dram_writes"]) == words


size, extent, port = st.integers(2, 400), st.integers(1, 14), st.sampled_from([1, 2, 3, 10, 64, 1000])


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(DATAFLOWS),
    st.tuples(st.integers(1, 6), st.integers(1, 6), extent, extent, extent),
    st.tuples(size, size, size),
    st.tuples(port, port, port),
)
def test_p2_equals_the_walk_over_sets_of_addresses(
    dataflow: str,
    shape: tuple[int, int, int, int, int],
    sizes: tuple[int, int, int],
    ports: tuple[int, int, int],
) -> None:
    found, wanted = counts(dataflow, shape, sizes, ports), simulate(dataflow, shape, sizes, ports)
    assert {name: found[name] for name in wanted._fields} == wanted._asdict()
