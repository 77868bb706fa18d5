"""How look-ups are dealt: tables to nodes, or columns of each where nodes are left over, so that sums are whole."""

from bankside.arch.spec import ConfigError
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Lookup
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def decide(scene: Scene, op: Lookup) -> OperatorPlan:
    """Tables, then columns (as TensorDIMM, Kwon et al., MICRO 2019, stripes rows over ranks).

    Raises
    ------
    ConfigError
        If the tables lie in no DRAM.
    """
    core = scene.core
    if core.memory.standard is None:
        sentence = f"{op.label}: rows are looked up in DRAM, and memory {core.memory.name} is none."
        raise ConfigError([sentence])
    split = Split(op.tables, op.columns, core.nodes, ("tables", "columns"))
    tables = (("tables", split.grid["tables"]),)
    columns = (("columns", split.parts),) if split.parts > 1 else ()
    lying = {
        op.table.name: Placement(core.name, (*tables, *columns), core.memory.name),
        op.indices.name: Placement(core.name, tables, copies=split.parts),
        op.out.name: Placement(core.name, (*tables, *columns)),
    }
    streamed = {op.table.name} | ({op.out.name} if scene.last else set())
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, lying, frozenset(streamed), store=scene.store(op)
    )
