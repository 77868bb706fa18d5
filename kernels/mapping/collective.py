"""Where exchanges among packages find and leave a tensor: at the nodes where it lies."""

from bankside.arch.machine.machine import Core, Machine
from bankside.kernels.mapping.cores import hub_of
from bankside.kernels.mapping.scene import Scene
from bankside.kernels.operators import Collective
from bankside.kernels.plan.operator_plan import OperatorPlan
from bankside.kernels.plan.placement import Placement
from bankside.kernels.plan.split import Split


def beside_links(machine: Machine, op: Collective) -> Core:
    """The core kind whose nodes send: the primary one, or the hub of one inside the DRAM die."""
    del op
    primary = machine.primary
    return hub_of(machine, primary) if primary.in_dram_die else primary


def decide(scene: Scene, op: Collective) -> OperatorPlan:
    """Sums and rows lie as what was sent lay; what is gathered comes to every node whole."""
    core = scene.core
    lies = scene.places.latest(op.carried, core.name).placement
    after = (
        lies
        if op.x.elements == op.out.elements and not lies.in_memory
        else Placement(core.name, copies=core.nodes)
    )
    tensors = {op.x.name: lies} | {op.out.name: after}
    split = Split(core.nodes, 1, core.nodes, ("rows", "columns"))
    return OperatorPlan(scene.key, core.name, scene.home.name, split, tensors)
