"""The named streams: one formula each."""

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np

from bankside.arch.dram.channel.requests import (
    Geometry,
    Ints,
    Requests,
    interleaved,
    lcg,
    requests,
    row_major,
)
from bankside.arch.dram.channel.source import READ, WRITE
from bankside.arch.spec import ConfigError

Formula = Callable[[Geometry], Requests]


def _index(n: int) -> Ints:
    return np.arange(n, dtype=np.int64)


def _zeros(n: int) -> Ints:
    return np.zeros(n, np.int64)


def sequential(g: Geometry, n: int = 16384, stride: int = 1, max_outstanding: int = 0) -> Requests:
    """Reads along the interleaved index, `stride` bursts apart."""
    return requests(interleaved(g, stride * _index(n)), max_outstanding=max_outstanding)


def sequential_writes(g: Geometry, every: int = 1) -> Requests:
    """The interleaved index, the last of every `every` requests a write."""
    i = _index(16384)
    return requests(interleaved(g, i), op=np.where(i % every == every - 1, WRITE, READ))


def whole_rows(g: Geometry, alternate: bool = False) -> Requests:
    """Whole rows of one bank after the other; with `alternate` every second request is a write."""
    i = _index(16384)
    return requests(row_major(g, i), op=i & 1 if alternate else READ)


def row_conflict(g: Geometry, op: int) -> Requests:
    """A new row of the same bank each time."""
    i = _index(4096)
    return requests((_zeros(4096), _zeros(4096), i % g.rows, _zeros(4096)), op=op)


def random_rows(
    g: Geometry, seed: int, n: int = 16384, writes: int = 0, gap_cycle: int = 0, max_outstanding: int = 0
) -> Requests:
    """Uniform coordinates, `writes` per cent of them writes, offered `gap_cycle` apart."""
    draw = lcg(seed, 5 * n).reshape(n, 5)
    where = (
        draw[:, 0] % g.bank_groups,
        draw[:, 1] % g.banks_per_group,
        draw[:, 2] % g.rows,
        draw[:, 3] % g.columns,
    )
    op = np.where(draw[:, 4] % 100 < writes, WRITE, READ)
    return requests(where, op=op, at_cycle=gap_cycle * _index(n), max_outstanding=max_outstanding)


def bank_stride(g: Geometry, new_row: bool) -> Requests:
    """Every bank in turn: a new row each round (groups first), or along one row (banks of a group first)."""
    i = _index(8192 if new_row else 16384)
    if new_row:
        group, bank = i % g.bank_groups, i // g.bank_groups % g.banks_per_group
        return requests((group, bank, i // g.banks % g.rows, _zeros(len(i))))
    group, bank = i // g.banks_per_group % g.bank_groups, i % g.banks_per_group
    return requests((group, bank, i // (g.banks * g.columns) % g.rows, i // g.banks % g.columns))


def one_group(g: Geometry) -> Requests:
    """The banks of bank group 0 in turn, along their rows."""
    i, banks = _index(16384), g.banks_per_group
    return requests((_zeros(len(i)), i % banks, i // (banks * g.columns) % g.rows, i // banks % g.columns))


def one_bank_each(g: Geometry) -> Requests:
    """Bank 0 of every group in turn, along their rows."""
    i, groups = _index(16384), g.bank_groups
    return requests((i % groups, _zeros(len(i)), i // (groups * g.columns) % g.rows, i // groups % g.columns))


def idle(g: Geometry, kind: str) -> Requests:
    """Single reads far apart: the same row (hit), a new row of one bank (conflict), or a new bank (closed)."""
    i, zero = _index(256), _zeros(256)
    if kind == "hit":
        return requests((zero, zero, zero, i % g.columns), at_cycle=256 * i)
    if kind == "conflict":
        return requests((zero, zero, i % g.rows, zero), at_cycle=512 * i)
    where = (i % g.bank_groups, i // g.bank_groups % g.banks_per_group, i // g.banks % g.rows, zero)
    return requests(where, at_cycle=512 * i)


def lock_step(g: Geometry, writes: bool = False) -> Requests:
    """Weights over all banks in lock step; with `writes` every 64th request writes a result half the rows away."""
    i = _index(32768)
    op = np.where(i % 64 == 63, WRITE, READ) if writes else _zeros(len(i))
    row = i // (g.banks * g.columns) % g.rows
    row = np.where(op == WRITE, (row + g.rows // 2) % g.rows, row)
    where = (i % g.bank_groups, i // g.bank_groups % g.banks_per_group, row, i // g.banks % g.columns)
    return requests(where, op=op)


def slabs(g: Geometry) -> Requests:
    """Slabs of 16 bursts of each bank in turn."""
    i = _index(32768)
    slab = i // 16
    start = slab // g.banks * 16
    where = (slab % g.bank_groups, slab // g.bank_groups % g.banks_per_group)
    return requests((*where, start // g.columns % g.rows, (start + i % 16) % g.columns))


def pages(g: Geometry, seed: int) -> Requests:
    """Pages of 4 KiB gathered at random."""
    n, per_page = 16384, max(1, 4096 // g.tx_bytes)
    total = g.banks * g.columns * g.rows // per_page
    page = lcg(seed, -(-n // per_page)) % total
    line = (page[:, None] * per_page + _index(per_page)).reshape(-1)[:n]
    return requests(interleaved(g, line))


def hot_rows(g: Geometry) -> Requests:
    """Four requests in five to four rows of every bank, one in four a write: writes after reads of one address."""
    draw = lcg(9, 6 * 16384).reshape(-1, 6)
    row = np.where(draw[:, 0] % 10 < 8, draw[:, 3] % 4, draw[:, 3] % g.rows)
    where = (draw[:, 1] % g.bank_groups, draw[:, 2] % g.banks_per_group, row, draw[:, 4] % g.columns)
    return requests(where, op=np.where(draw[:, 5] % 4 == 0, WRITE, READ))


def both_pseudo_channels(g: Geometry) -> Requests:
    """The interleaved index on both pseudo-channels in turn."""
    i = _index(16384)
    return requests(interleaved(g, i // g.pseudo_channels), pc=i % g.pseudo_channels)


def random_pseudo_channels(g: Geometry) -> Requests:
    """Uniform coordinates, the pseudo-channel drawn too."""
    draw = lcg(10, 5 * 16384).reshape(-1, 5)
    where = (
        draw[:, 1] % g.bank_groups,
        draw[:, 2] % g.banks_per_group,
        draw[:, 3] % g.rows,
        draw[:, 4] % g.columns,
    )
    return requests(where, pc=draw[:, 0] % g.pseudo_channels)


PATTERNS: Final[dict[str, Formula]] = {
    "seq_rd_rowmajor": whole_rows,
    "seq_rd_bgint": sequential,
    "seq_wr_bgint": sequential_writes,
    "seq_mix21_bgint": partial(sequential_writes, every=3),
    "seq_mix11_rowmajor": partial(whole_rows, alternate=True),
    "row_conflict_1bank": partial(row_conflict, op=READ),
    "row_conflict_wr_1bank": partial(row_conflict, op=WRITE),
    "rand_rd_s1": partial(random_rows, seed=1),
    "rand_rd_s2": partial(random_rows, seed=2),
    "rand_mix33_s3": partial(random_rows, seed=3, writes=33),
    "rand_mix50_s4": partial(random_rows, seed=4, writes=50),
    "bank_stride_newrow": partial(bank_stride, new_row=True),
    "bank_stride_samerow": partial(bank_stride, new_row=False),
    "bg0_only_strided": one_group,
    "bg_inter_1bank_each": one_bank_each,
    "idle_rowhit_i256": partial(idle, kind="hit"),
    "idle_rowconf_i512": partial(idle, kind="conflict"),
    "idle_newbank_i512": partial(idle, kind="closed"),
    **{
        f"rand_rd_i{gap}": partial(random_rows, seed=11, n=2048, gap_cycle=gap)
        for gap in (4, 8, 16, 32, 64, 128)
    },
    "chase_rand_o1": partial(random_rows, seed=5, n=2048, max_outstanding=1),
    "chase_rand_o4": partial(random_rows, seed=5, n=4096, max_outstanding=4),
    "chase_seq_o8": partial(sequential, n=4096, max_outstanding=8),
    "gemv_allbank_rd": lock_step,
    "gemv_allbank_wr64": partial(lock_step, writes=True),
    "gemv_bank_slab": slabs,
    "long_seq_bgint": partial(sequential, n=131072),
    "long_rand_mix20_s6": partial(random_rows, seed=6, n=65536, writes=20),
    **{f"stride{step}_bgint": partial(sequential, n=8192, stride=step) for step in (3, 17, 64, 257)},
    "kv_page4k_s7": partial(pages, seed=7),
    "kv_page4k_s8": partial(pages, seed=8),
    "hot_rows_s9": hot_rows,
    "dual_pc_seq_bgint": both_pseudo_channels,
    "dual_pc_rand_s10": random_pseudo_channels,
}
"""Formula of each stream; `bgint` walks bank groups in turn, `rowmajor` a whole row first."""


def pattern(name: str, geometry: Geometry) -> Requests:
    """The stream of that name in `PATTERNS` for a device.

    Raises
    ------
    ConfigError
        If it needs two pseudo-channels and the device has one.
    """
    if name.startswith("dual_pc") and geometry.pseudo_channels < 2:
        raise ConfigError([f"The stream '{name}' needs two pseudo-channels, and the device has one."])
    return PATTERNS[name](geometry)
