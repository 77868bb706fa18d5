"""Which regions of a period of banks are alike, and that a stream is then known wherever it begins."""

import numpy as np
import pytest
from tests.arch.dram.channel.in_order.memory.remembering import ORDER, Channel, device, empty_memory, rows_of

from bankside.arch.dram.channel.in_order.memory.layout import ALIKE, COMPARED, LATE_STEPS, PERIOD, REGION
from bankside.arch.dram.channel.source import READ

VAULT = ("row", "bank", "column", "vault")
RANKS_ABOVE = ("channel", "row", "rank", "bank", "column", "bank_group", "pseudo_channel")
RANKS_BETWEEN = ("channel", "row", "bank", "rank", "column", "bank_group", "pseudo_channel")


def alike(memory):
    """The two rows of the table."""
    compared = int(memory[COMPARED])
    return memory[memory[ALIKE] : memory[ALIKE] + 2 * compared].reshape(2, compared).tolist()


@pytest.mark.parametrize(
    ("name", "ranks", "order", "calm", "refreshed"),
    [
        ("hmc-vault", 1, VAULT, [0] * 16, [0] * 16),  # one group of 16 banks
        ("ddr4-2400", 1, ORDER, [0] * 4, [0] * 4),  # a lap goes round the groups
        ("ddr4-2400", 2, RANKS_ABOVE, [0, 1, 2, 3] * 2, [0, 1, 2, 3, 4, 5, 6, 7]),
        ("ddr4-2400", 2, RANKS_BETWEEN, [0] * 8, [0, 1] * 4),
    ],
)
def test_regions_are_alike_that_go_on_alike(name, ranks, order, calm, refreshed):
    """Ranks are refreshed one after the other, so that it matters in which a stream begins."""
    found = alike(empty_memory(*device(name, (f"levels.rank={ranks}",), order)))
    assert found == [calm, refreshed]


def test_regions_are_not_compared_where_rows_tell_the_banks():
    assert alike(empty_memory(*device("hbm3", (), ORDER, hashed=True))) == [[], []]


def test_a_stream_of_more_regions_than_two_is_learnt_once_wherever_it_begins():
    """Five regions at 64 places: which of their rows are open makes the few kinds."""
    standard, address = device("hmc-vault", ("refresh.mode=off",), VAULT)
    memory = empty_memory(standard, address)
    channel, plain = Channel(standard, address, memory), Channel(standard, address)
    rng, arrival, region = np.random.default_rng(2), 0, int(memory[REGION])
    for _ in range(200):
        place = int(rng.integers(0, 4 * memory[PERIOD] // region)) * region
        found = plain.run((READ, place, 1, 5 * region, 0), arrival)
        assert channel.run((READ, place, 1, 5 * region, 0), arrival) == found
        arrival = found[0] + 700
    assert 0 < len(rows_of(memory, LATE_STEPS)) < 40
