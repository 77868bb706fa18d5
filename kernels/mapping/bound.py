"""The analytic time of candidates: compute, traffic at the tap, the turn of two buffers, refreshes, and the ends."""

import numpy as np
import numpy.typing as npt

from bankside.kernels.mapping.candidates import Candidates
from bankside.kernels.plan.tiling import Int64s, Problem, Resources

Float64s = npt.NDArray[np.float64]

TIED = 1.001  # times within this factor are one: no model is as good as that, and bytes cost energy


def times_s(problem: Problem, node: Resources, c: Candidates) -> tuple[Float64s, Float64s, Int64s]:
    """Time of each candidate [s], bytes it reads at the tap, and the fastest unit for its tile (index in UNITS).

    A buffer is read (latency, transfer) and then worked on, and there are two of them: every two steps that read take
    at least one such turn. Where b is one tile, only the first step of a round reads it, all at once. A refresh stops
    the memory for pause_s; a step hides as much of it as its transfer leaves free.
    """
    _, n_tiles, k_tiles = _trips(problem, c)
    rounds = -(-problem.batch // c.batch_cores)
    tiles, _, read = effort(problem, c)
    alone, interval, unit, _ = node.cycles(c.mt, c.nt, c.kt, -1)
    port = c.kt * (c.mt * problem.a_bytes + c.nt * problem.b_bytes) / node.sram_bytes_per_cycle
    step_s = np.maximum(interval, port) / node.clock_hz

    written = float(problem.batch * problem.m * problem.n) * problem.out_bytes * problem.out_to_memory
    awake = 1.0 - node.pause_s / node.pause_every_s
    rate = node.bandwidth_bytes_per_s * awake
    held = (n_tiles * k_tiles == 1) & (not problem.a_from_memory)
    reading = np.where(held, rounds, tiles)
    first_s = (read / reading + written / tiles) / rate
    memory_s = np.where(held, read - read / rounds + written, read + written) / rate / tiles
    slack_s = np.maximum(0.0, step_s - memory_s - node.latency_s)
    paused_s = np.maximum(0.0, node.pause_s - slack_s) / node.pause_every_s * step_s
    turn_s = node.latency_s + first_s + step_s
    last_s = written / node.bandwidth_bytes_per_s / tiles * k_tiles
    flow_s = turn_s + (tiles - 1) * np.maximum(step_s + paused_s, memory_s)
    turns_s = np.ceil(reading / 2) * turn_s
    return np.maximum(flow_s, turns_s) + last_s + (alone - interval) / node.clock_hz, read, unit


def effort(problem: Problem, c: Candidates) -> tuple[Float64s, Float64s, Float64s]:
    """Tiles of each core, bytes written into the scratchpads of all cores, and bytes read at the tap."""
    m_tiles, n_tiles, k_tiles = _trips(problem, c)
    b_reads = np.where(n_tiles * k_tiles == 1, 1, m_tiles).astype(np.float64)
    a_reads = np.where((c.kn == 0) & (k_tiles > 1), n_tiles, 1).astype(np.float64)
    b = problem.batch * problem.k * problem.n * problem.b_bytes * b_reads
    a = problem.batch * problem.m * problem.k * problem.moved_a_bytes * a_reads
    tiles = (-(-problem.batch // c.batch_cores) * m_tiles * n_tiles * k_tiles).astype(np.float64)
    return tiles, b * c.m_cores + a * c.n_cores, b + a * problem.a_from_memory


def _trips(problem: Problem, c: Candidates) -> tuple[Int64s, Int64s, Int64s]:
    """How often the loops over tiles turn on one core."""
    m, n = -(-problem.m // c.m_cores), -(-problem.n // c.n_cores)
    return -(-m // c.mt), -(-n // c.nt), -(-problem.k // c.kt)
