"""Every femtosecond of a run belongs to one label and one cause: those of the operations on its critical path."""

import numpy as np
import numpy.typing as npt

from bankside.arch.causes import SYNC
from bankside.arch.jit import hot_kernel

Int64s = npt.NDArray[np.int64]


@hot_kernel
def charge_path(
    op: Int64s,
    work: Int64s,
    work_start: Int64s,
    period_fs: Int64s,
    start_fs: Int64s,
    end_fs: Int64s,
    before: Int64s,
    causes: Int64s,
    path_fs: Int64s,
    origin_fs: int,
) -> None:
    """Walk back from the operation that ends last and charge each interval to its causes, gaps to `sync`.

    op: int64[n, 3] = unit, row of `causes` (-1: the operation's work says its causes), label.
    """
    i = 0
    for other in range(len(end_fs)):
        if end_fs[other] > end_fs[i]:
            i = other
    while i >= 0:
        period, row, label = period_fs[op[i, 0]], op[i, 1], op[i, 2]
        if row >= 0:
            for c in range(path_fs.shape[1]):
                path_fs[label, c] += causes[row, c] * period
        else:
            for k in range(work_start[i], work_start[i + 1], 2):
                path_fs[label, work[k]] += work[k + 1] * period
        prior = before[i]
        came = end_fs[prior] if prior >= 0 else origin_fs
        path_fs[label, SYNC] += start_fs[i] - came
        i = prior
