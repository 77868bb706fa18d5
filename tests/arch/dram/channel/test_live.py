"""What commands look at is what rules set: all other places of a state are never set."""

import numpy as np
from tests.arch.dram.conftest import compiled

from bankside.arch.dram.banks.bank import earliest_why, issue, new_state
from bankside.arch.dram.banks.refresh import refreshed_banks
from bankside.arch.dram.channel.live import PACKED, live_places, refreshed_told, restore_refreshed, ring_words
from bankside.arch.dram.device.commands import ACT, PRE, RD, WR


def test_no_command_looks_elsewhere():
    standard = compiled("hbm3-attacc", (), "bank")
    std = standard.packed[0]
    live = live_places(std)
    assert len(np.unique(live)) == len(live)
    one, other = (new_state(standard.packed) for _ in range(2))
    slot = 0
    for command, bank in ((ACT, 0), (RD, 0), (ACT, 5), (WR, 5), (PRE, 0), (ACT, 9), (RD, 9), (PRE, 5)):
        slot = earliest_why(standard.packed, one, command, bank) >> 5 if slot else 10
        for state in (one, other):
            issue(standard.packed, state, command, bank, max(slot, 10), 1)
    elsewhere = np.ones(other[0]["next"].size, dtype=bool)
    elsewhere[live] = False
    other[0]["next"].reshape(-1)[elsewhere] = 1 << 40
    for command in (ACT, PRE, RD, WR):
        for bank in range(standard.banks):
            found = [earliest_why(standard.packed, state, command, bank) for state in (one, other)]
            assert found[0] == found[1]


def test_windows_remember_as_many_activations_as_they_count():
    std = compiled("hbm3-attacc", (), "bank").packed[0]
    nodes = sum(
        int(std["window_count"][w]) * len(np.unique(std["path"][: std["banks"], std["window_level"][w]]))
        for w in range(int(std["n_window"]))
    )
    assert ring_words(std) == nodes > 0


def test_refreshed_banks_come_back_as_they_were_told():
    standard = compiled("hbm3-attacc", (), "bank")
    one, other = (new_state(standard.packed) for _ in range(2))
    one[0]["refreshed"][: standard.banks] = np.random.default_rng(0).integers(0, 2, standard.banks)
    words = np.zeros(-(-standard.banks // PACKED), dtype=np.int64)
    refreshed_told(standard.packed[0], one[0], words)
    restore_refreshed(standard.packed[0], other[0], words)
    size = refreshed_banks(standard.packed[0])
    assert other[0]["refreshed"][:size].tolist() == one[0]["refreshed"][:size].tolist()
    assert 0 < one[0]["refreshed"][:size].sum() < size
