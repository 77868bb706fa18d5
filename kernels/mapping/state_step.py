"""How a recurrence is dealt: states to nodes, or parts of the columns of each, which pass tokens by themselves."""

from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import StateStep
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.partition import whole
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def decide(scene: Scene, op: StateStep) -> OperatorPlan:
    """States to nodes; the columns of a state are split when nodes are left over."""
    core = scene.core
    split = Split(op.states, op.d_v, core.nodes, ("heads", "columns"))
    heads = (("heads", split.grid["heads"]),)
    columns = (("columns", split.parts),) if split.parts > 1 else ()
    kept = Placement(core.name, (*heads, *columns), core.memory.name)
    wanted = whole(core) if columns else Placement(core.name, heads)
    lying = {tensor.name: wanted for tensor in op.carried}
    lying |= {
        op.state.name: kept,
        op.written.name: kept,
        op.out.name: Placement(core.name, (*heads, *columns)),
    }
    streamed = {op.state.name, op.written.name} | ({op.out.name} if scene.last else set())
    if op.weights is not None:
        lying[op.weights.name] = kept
        streamed.add(op.weights.name)
    return OperatorPlan(
        scene.key, core.name, scene.home.name, split, lying, frozenset(streamed), store=scene.store(op)
    )
