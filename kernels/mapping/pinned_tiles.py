"""A matrix product's mapping where the user says all of it or a part."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bankside.arch.machine.machine import Core
from bankside.arch.pe.product import FASTEST
from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.blocks.thread_blocks import best_blocks
from bankside.kernels.mapping.candidates import Candidates, candidates
from bankside.kernels.mapping.choose import Trials, as_mapping, choose, fastest
from bankside.kernels.mapping.pin import CORES, TILE, PinSpec
from bankside.kernels.plan.multipliers import units_for
from bankside.kernels.plan.tiling import SKINNY, UNITS, Mapping, Order, Problem, Resources, fits, tile_bytes


def pinned(
    core: Core, node: Resources, problem: Problem, label: str, pin: PinSpec,
    trials_s: Trials,
) -> Mapping:  # fmt: skip
    """The fastest mapping of those that the pin leaves.

    Raises
    ------
    ConfigError
        If the core has not the unit, not so many cores a node, or too small a scratchpad.
    """
    if pin.blocks or (core.spec.blocks is not None and pin.may_deal(problem.m)):
        return fastest(pinned_blocks(core, node, problem, label, pin), trials_s)
    whole = len(pin.cores) == len(CORES) and len(pin.tile) == len(TILE)
    left = list(_stated(problem, pin)) if whole else list(_completed(problem, node, pin))
    told = [(mapping, list(_faults(core, node, problem, mapping))) for mapping in left]
    sound = [mapping for mapping, faults in told if not faults]
    if not sound:
        first = told[0][1] if told else ["leaves no tile that fits the scratchpad in two buffers"]
        raise ConfigError([f"The pinned mapping of {label} {fault}." for fault in first])
    found = [_on_a_unit(node, mapping.within(problem)) for mapping in sound]
    return choose(problem, node, trials_s, found)


def pinned_blocks(core: Core, node: Resources, problem: Problem, label: str, pin: PinSpec) -> list[Mapping]:
    """Mappings on thread blocks that the pin leaves and that a trial is worth.

    Raises
    ------
    ConfigError
        If there are none.
    """
    said = dict(pin.tiling())
    sizes = {name: size for name, size in said.items() if isinstance(size, int)}
    found = best_blocks(core, node, problem, sizes, pin.unit) if pin.may_deal(problem.m) else []
    if not found:
        grid = ", ".join(f"{name} = {value}" for name, value in said.items())
        has = "has no thread blocks" if core.spec.blocks is None else "has none of that many blocks that fits"
        raise ConfigError([f"The pinned mapping of {label} says {grid}, but core {core.name} {has}."])
    return found


def _stated(problem: Problem, pin: PinSpec) -> Iterator[Mapping]:
    """As the user says it, in either order where none is named."""
    orders: tuple[Order, ...] = (pin.order,) if pin.order else ("nk", "kn")
    for order in orders:
        batch_cores, m_cores, n_cores = (pin.cores[loop] for loop in CORES)
        mt, nt, kt = (pin.tile[loop] for loop in TILE)
        yield Mapping(batch_cores, m_cores, n_cores, mt, nt, kt, order, pin.unit or "")


def _completed(problem: Problem, node: Resources, pin: PinSpec) -> Iterator[Mapping]:
    """The mapper's candidates with what the user says in its place."""
    found = candidates(problem, node)
    names = {"cores": ("batch_cores", "m_cores", "n_cores"), "tile": ("mt", "nt", "kt")}
    told = {
        names[block][loops.index(loop)]: size
        for block, loops in (("cores", CORES), ("tile", TILE))
        for loop, size in getattr(pin, block).items()
    }
    if pin.order:
        told["kn"] = int(pin.order == "kn")
    left = _within(
        found._replace(**{name: np.full_like(found.mt, size) for name, size in told.items()}), problem
    )
    _, first = np.unique(np.stack(left), axis=1, return_index=True)
    for i in np.sort(first).tolist():
        mapping = as_mapping(left, i, pin.unit or "")
        if fits(problem, node, mapping):
            yield mapping


def _within(found: Candidates, problem: Problem) -> Candidates:
    """As `Mapping.within`, of all at once."""
    batch_cores, m_cores = np.minimum(found.batch_cores, problem.batch), np.minimum(found.m_cores, problem.m)
    n_cores = np.minimum(found.n_cores, problem.n)
    mt, nt = np.minimum(found.mt, -(-problem.m // m_cores)), np.minimum(found.nt, -(-problem.n // n_cores))
    return Candidates(batch_cores, m_cores, n_cores, mt, nt, np.minimum(found.kt, problem.k), found.kn)


def _on_a_unit(node: Resources, mapping: Mapping) -> Mapping:
    """On the fastest unit for its tile, where none is named."""
    if mapping.unit:
        return mapping
    m, n, k = (np.array([size], dtype=np.int64) for size in (mapping.mt, mapping.nt, mapping.kt))
    return replace(mapping, unit=UNITS[int(node.cycles(m, n, k, FASTEST)[2][0])])


def _faults(core: Core, node: Resources, problem: Problem, pin: Mapping) -> Iterator[str]:
    """What keeps a mapping from running on one node of `core`, as ends of sentences."""
    cores = pin.batch_cores * pin.m_cores * pin.n_cores
    if cores > node.cores:
        product = f"{pin.batch_cores} x {pin.m_cores} x {pin.n_cores} = {cores}"
        yield f"wants {product} cores, but a node of core {core.name} has {node.cores}"
    own = pin.within(problem)
    needed = tile_bytes(problem, own)
    if needed > node.sram_bytes:
        yield (
            f"needs {needed:,.0f} B for two buffers and the sums of its tile of {own.mt} x {own.nt} x {own.kt}, but "
            f"the scratchpad of core {core.name} has {node.sram_bytes:,.0f} B"
        )
    units = units_for(core, *problem.formats, pack=problem.pack)
    if pin.unit in ("matrix", "both") and units.matrix is None:
        yield f"names the unit {pin.unit!r}, but core {core.name} has no matrix unit"
    if pin.unit in ("vector", "both") and units.vector is None:
        yield f"names the unit {pin.unit!r}, but core {core.name} has no vector lanes"
    if pin.unit == "both" and problem.m > SKINNY:
        yield f"splits tiles over both units, which products of up to {SKINNY} rows may, but this has {problem.m}"
