"""The plain tiling that a search has to be worth: one grid, one order, the largest tile that is nearly square."""

from bankside.kernels.plan.tiling import UNITS, Mapping, Problem, Resources, fits


def naive(problem: Problem, node: Resources) -> Mapping | None:
    """Cores over the batch, then over columns; the tile a cube of the largest power of two that fits, cut at the edges.

    None if not even one element fits.
    """
    batch_cores = min(node.cores, problem.batch)
    n_cores = min(node.cores // batch_cores, problem.n)
    edge = 1 << (max(problem.m, problem.n, problem.k) - 1).bit_length()
    unit = UNITS[0] if node.has_matrix else UNITS[1]
    while edge >= 1:
        mapping = Mapping(batch_cores, 1, n_cores, edge, edge, edge, "nk", unit).within(problem)
        if fits(problem, node, mapping):
            return mapping
        edge //= 2
    return None
