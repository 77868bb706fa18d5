"""The frame that all schemes share: groups side by side start together, unless registers let some run ahead.

`work` is int64[rows, groups] [cycle]: `side` consecutive rows at the same depth run side by side, and of a single row
its consecutive groups. A group also waits for its operands, a fetch of which takes `fetch` cycles.
"""

import numpy as np
import numpy.typing as npt

from bankside.arch.jit import kernel
from bankside.arch.pe.bit_serial.frame_spec import Frame

Int64s = npt.NDArray[np.int64]


def framed(work: Int64s, frame: Frame) -> int:
    """Cycles of all groups [cycle]."""
    if frame == Frame():
        return int(work.sum())
    rounds = dealt(work, frame)
    if frame.balance == "dynamic":
        lanes = np.zeros(min(frame.side, work.size), dtype=np.int64)
        return int(dispatched(rounds.reshape(-1), frame.overhead, frame.fetch, lanes))
    if frame.run_ahead:
        lanes = np.zeros(frame.side, dtype=np.int64)
        started = np.zeros(max(0, frame.run_ahead) + 1, dtype=np.int64)
        return int(run_ahead(rounds, frame.run_ahead, frame.fetch, lanes, started))
    longest = rounds.max(axis=1)
    longest[:-1] = np.maximum(longest[:-1], frame.fetch)
    return int(longest.sum())


def dealt(work: Int64s, frame: Frame) -> Int64s:
    """Work of every lane in each round: int64[rounds, side] [cycle]; idle lanes have none."""
    order = work.reshape(1, -1).T if work.shape[0] == 1 else work
    if frame.balance == "dynamic":
        return work.reshape(-1, 1)
    if frame.balance == "sorted":
        flat = np.sort(work, axis=None)[::-1] + frame.overhead
        return _padded(flat.reshape(-1, 1), frame.side).reshape(-1, frame.side)
    padded = _padded(order, frame.side)
    blocks = padded.reshape(-1, frame.side, order.shape[1])
    return np.ascontiguousarray(blocks.transpose(0, 2, 1)).reshape(-1, frame.side)


def _padded(rows: Int64s, side: int) -> Int64s:
    fill = -rows.shape[0] % side
    return np.pad(rows, ((0, fill), (0, 0))) if fill else rows


@kernel
def run_ahead(rounds: Int64s, ahead: int, fetch: int, lanes: Int64s, started: Int64s) -> int:
    """Cycles of lanes that start a round once they have ended the one before, its operands have come, and all lanes
    have started the one `ahead` rounds before (`ahead` below 0: no such wait).

    Operands come one round after the other, and into the register of the round before that: its fetch begins when all
    lanes have started that one. Those of the first round are there.

    Parameters
    ----------
    rounds : int64[rounds, side]
    lanes : int64[side]
        Scratch; zeros: when each lane has ended.
    started : int64[ahead + 1], at least one
        Scratch; zeros: when all lanes had started each of the last rounds.
    """
    arrived, end = 0, 0
    for r in range(rounds.shape[0]):
        shared = 0
        if ahead > 0 and r > 0:
            arrived = max(arrived, started[r % (ahead + 1)])
            shared = started[(r + 1) % (ahead + 1)]
        if r > 0:
            arrived += fetch
        latest = 0
        for lane in range(rounds.shape[1]):
            begin = max(lanes[lane], arrived, shared)
            lanes[lane] = begin + rounds[r, lane]
            latest = max(latest, begin)
            end = max(end, lanes[lane])
        if ahead > 0:
            started[r % (ahead + 1)] = latest
    return end


@kernel
def dispatched(work: Int64s, overhead: int, fetch: int, lanes: Int64s) -> int:
    """Cycles when each group goes to the lane that is free first, `overhead` cycles a dispatch on that lane.

    Parameters
    ----------
    work : int64[groups]
    lanes : int64[side]
        Scratch; zeros: a heap of the times at which lanes are free.
    """
    end, side = 0, lanes.size
    for i in range(work.size):
        done = lanes[0] + max(work[i] + overhead, fetch)
        end = max(end, done)
        at = 0
        while True:
            child = 2 * at + 1
            if child >= side:
                break
            if child + 1 < side and lanes[child + 1] < lanes[child]:
                child += 1
            if lanes[child] >= done:
                break
            lanes[at] = lanes[child]
            at = child
        lanes[at] = done
    return end
