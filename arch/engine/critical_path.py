"""Every femtosecond of a run belongs to one label and one cause: those of the operations on its critical path."""

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import SYNC
from bankside.arch.engine.program import LABEL_AT, OF_UNIT
from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]


@hot_kernel
def charge_path(
    program: tuple[Int64s, Int64s, Int64s],
    period_fs: Int64s,
    times: tuple[Int64s, Int64s, Int64s],
    causes: tuple[Int64s, Int64s],
    path_fs: Int64s,
    origin_fs: int,
) -> None:
    """Walk back from the operation that ends last and charge each interval to its causes, gaps to `sync`.

    program: operations, their words, and where those of each begin; times: when each starts and ends, and the one
    before; causes: where those of each are among the pairs of `itemised` (-1: its work says them), and these.
    """
    (op, work, work_start), (start_fs, end_fs, before), (causes_at, pairs) = program, times, causes
    i = 0
    for other in range(len(end_fs)):
        if end_fs[other] > end_fs[i]:
            i = other
    while i >= 0:
        period, label, at = period_fs[op[i] & OF_UNIT], op[i] >> LABEL_AT, causes_at[i]
        if at >= 0:
            for k in range(at + 1, at + 1 + 2 * pairs[at], 2):
                path_fs[label, pairs[k]] += pairs[k + 1] * period
        else:
            for k in range(work_start[i], work_start[i + 1], 2):
                path_fs[label, work[k]] += work[k + 1] * period
        prior = before[i]
        came = end_fs[prior] if prior >= 0 else origin_fs
        path_fs[label, SYNC] += start_fs[i] - came
        i = prior
