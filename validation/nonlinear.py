"""Our values for claims about nonlinear units and their share of a tile of attention: each function gives one number in
the unit that its docstring names."""

from typing import Final

import numpy as np

from bankside.arch.machine.spec import CoreSpec
from bankside.arch.pe.nonlinear import cordic
from bankside.arch.pe.nonlinear.softmax import integer, softermax
from bankside.arch.pe.nonlinear.unit import SpecialFunctions
from bankside.arch.pe.unit import FILL, PORT, SOFTMAX_STEP, WORK
from bankside.arch.technology.process import load_process
from bankside.unit.nonlinear import run_case
from bankside.validation.bench import load_machine

BF16_BYTES: Final = 2
STAGES: Final = {"forward": 2, "backward": 5}
"""Products of a tile: Q K^T and P V; backward S, dP, dV, dQ and dK."""


def error(column: str, function: str = "exp2", **case: str | int | float) -> float:
    """max_abs_err or max_rel_err of a case of `bankside unit nonlinear`."""
    cells = {name: str(value) for name, value in case.items()}
    return float(run_case({"function": function, **cells})[column])


def latency_cycle(function: str, **case: str | int | float | bool) -> float:
    """Latency of a case of `bankside unit nonlinear` [cycle]."""
    return float(
        run_case({"function": function, **{name: str(value) for name, value in case.items()}})[
            "latency_cycles"
        ]
    )


def cordic_gain(mode: str) -> float:
    """What CORDIC multiplies a vector's length by."""
    return cordic.gain(mode)  # type: ignore[arg-type]


def cordic_reach_rad(mode: str) -> float:
    """The largest angle that CORDIC turns by [rad]."""
    return cordic.reach(mode)  # type: ignore[arg-type]


def step_operations(tokens: int, head_dim: int, event: str) -> float:
    """Exponentials (exp) or other operations (lane_op) of one row of scores between two tiles [count]."""
    unit = SpecialFunctions(method="exact", lanes=16)
    tile = np.array([[1], [tokens], [head_dim]], dtype=np.int64)
    return float(unit.events(tile, work=SOFTMAX_STEP)[event])


def step_exponentials(tokens: int, head_dim: int) -> float:
    """Exponentials that one row of scores of a tile takes, counted by the pace of a folded unit [exponentials]."""
    tile = np.array([[1], [tokens], [head_dim]], dtype=np.int64)
    once, twice = (
        int(
            unit.cycles(tile, work=SOFTMAX_STEP).each[0, :].sum()
            - unit.cycles(tile, work=SOFTMAX_STEP).each[0, FILL]
        )
        for unit in (SpecialFunctions(method="cordic", iterations=n, folded=True, lanes=1) for n in (10, 11))
    )
    return float(twice - once)


def ita_scores_per_cycle(widened: bool) -> float:
    """Scores that ITA takes, or probabilities that it gives, in a cycle."""
    unit = SpecialFunctions(method="exact", lanes=integer.PART, softmax="ita")
    work = unit.cycles(np.array([[64], [4096], [1]], dtype=np.int64), work="softmax")
    both = int(work.interval[0] - work.each[0, FILL])
    step = unit.cycles(np.array([[64], [4096], [1]], dtype=np.int64), work=SOFTMAX_STEP)
    scores = int(step.interval[0] - step.each[0, FILL])
    return 64 * 4096 / (both - scores if widened else scores)


def ita_reciprocal(total: int) -> float:
    """65280 over a sum, as the probability of the largest score of a row of `total` / 256 equal scores."""
    return float(integer.probabilities(np.zeros((1, total // integer.ONE), dtype=np.int64))[0, 0])


def ita_stalls(latency: int) -> float:
    """Cycles in which the array waits for ten dividers in the last 64 cycles of a tile [cycle]."""
    return float(integer.drain([latency] * integer.ROWS).stall_cycle)


def ita_tail_cycle(latency: int) -> float:
    """Cycles from the first complete row of a tile to its last reciprocal [cycle]."""
    return float(integer.drain([latency] * integer.ROWS).last_cycle)


def softermax_fraction(quarters: int) -> float:
    """2^(quarters / 4) as Softermax's table holds it, in units of 2^-15."""
    return float(softermax.fractions()[quarters])


def energy_ratio(softmax: str, process: str = "n7") -> float:
    """Energy of an element in a softmax unit over that in fp16 lanes with polynomials of degree 3."""
    tile = np.array([[64], [384], [1]], dtype=np.int64)
    fp16 = SpecialFunctions(method="poly", precision="fp16", lanes=16)
    ours = SpecialFunctions(method="poly", precision="fp16", lanes=16, softmax=softmax)  # type: ignore[arg-type]
    joules = []
    for unit in (ours, fp16):
        prices = unit.prices(load_process(process), "fp16")
        counted = unit.events(tile, work="softmax")
        joules.append(sum(prices[name].count_j * count for name, count in counted.items()))
    return joules[0] / joules[1]


def element_pj(softmax: str, process: str) -> float:
    """Energy of an element in a softmax unit [pJ]."""
    unit = SpecialFunctions(method="pwl", lanes=1, softmax=softmax)  # type: ignore[arg-type]
    return 1e12 * unit.prices(load_process(process), "fp16")["softmax"].count_j


def _core(machine: str) -> CoreSpec:
    return load_machine(machine).primary.spec


def tile_mma_cycle(machine: str, m: int, n: int, d: int, stage: str = "forward") -> float:
    """Cycles at the peak of a core's matrix unit in a tile of attention: m queries, n keys, heads d wide [cycle]."""
    unit = _core(machine).matmul
    assert unit is not None
    tiles = np.array([[m] * 2, [n, d], [d, n]], dtype=np.int64)
    forward = int(unit.cycles(tiles, ("bf16", "bf16")).each[:, WORK].sum())
    return forward * STAGES[stage] / 2


def tile_exp_cycle(machine: str, m: int, n: int) -> float:
    """Cycles of one core's nonlinear unit for the exponentials of a tile [cycle]."""
    unit = _core(machine).nonlinear
    assert unit is not None
    return float(unit.cycles(np.array([[m], [n], [1]], dtype=np.int64), work="exp").each[0, WORK])


def tile_smem_cycle(machine: str, m: int, n: int, d: int) -> float:
    """Cycles that one core's scratchpad reads for a tile whose probabilities it does not hold [cycle].

    For each group of rows that the matrix unit takes at a time, the queries, the keys and the values are read.
    """
    core = _core(machine)
    store, group = core.sram, getattr(core.matmul, "group", 1)
    assert store is not None
    groups = -(-m // group)
    words = (min(m, group) + 2 * n) * d * BF16_BYTES // (store.bytes_per_cycle // store.peak())
    costs = store.cycles(np.array([[words], [1], [groups]], dtype=np.int64), work="accesses")
    return float(costs.each[0, PORT])


def balanced_head_dim(machine: str, m: int = 128, n: int = 128) -> float:
    """The least head dimension at which the matrix unit works on a tile as long as the exponentials take [elements]."""
    exp = tile_exp_cycle(machine, m, n)
    return float(next(d for d in range(1, 4097) if tile_mma_cycle(machine, m, n, d) >= exp))
