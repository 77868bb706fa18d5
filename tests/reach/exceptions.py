"""What runs on shipped machines need not reach, each with its reason."""

from typing import Final

COMPILED: Final = "compiles and keeps what it compiled: nothing is compiled where lines can be counted"
REQUESTS: Final = "arrays of requests of `unit dram` and `trace` on the channel that kernels run on"
PROGRAMS: Final = "command programs of `unit pim` on the channel that kernels run on"
PENDING: Final = (
    "a read and a write of one burst that wait at once: an operation begins when the writes that it reads have ended, "
    "so that request arrays alone have them"
)
PASSED: Final = (
    "requests that more others have passed than the ring holds, which traces of `trace` have alone"
)
EDGE: Final = "words at the edges of an array, columns of `unit systolic`: runs count them at the scratchpad"
RANDOM: Final = "random accesses of `unit sram`: no operator gathers words from a scratchpad"
TRACES: Final = "the commands that `trace` and `unit pim` write down one by one: runs count them"
SHARES: Final = "fill and drain apart from steady compute, columns of `unit systolic` and of peers' models"
PROOFS: Final = "sums and encodings by which tests and `unit bit-serial` prove what the schemes of runs take"
TABLES: Final = "errors of one table over a range, columns of `unit nonlinear`: runs ask for whole functions"
GUARDS: Final = "sentences for programs that lowering does not emit, for those who build programs themselves"
REFUSED: Final = "goes on behind a train that a trial found too long to run, which says why as a program"
INJECTED: Final = (
    "traffic by chance or in batches, cases of `unit noc` in the network that messages of runs take"
)
ROUTERS: Final = (
    "routers of other allocators, rounds and speculation, cases of `unit noc`: a machine's are iSLIP"
)
BUFFERS: Final = (
    "finite buffers of one published unit, by which a test proves that divisions of runs never wait"
)
EDITORS: Final = "writes the schema that editors use, or tells pydantic of a type as classes are made"
IMPORTED: Final = "makes shipped ones known as their module is imported, before any run"
LOOKED_AT: Final = "what one asks who looks into a program or a machine by hand, as tests do"
TOLD: Final = "what `show` and `sweep` ask of a file that they do not run"

CHIPS: Final = (
    "chips of HotSpot and stacks whose layers change over the plane, cases of `unit thermal`: the towers of machines "
    "stand on the same modes and columns, and a test holds both to the same temperatures"
)

COLLECTIVES: Final = "columns of `unit collective`: runs send the same operations and steps"

EXCEPTIONS: Final[dict[str, str]] = {
    "dram/channel/first_ready/queues.py::_oldest_head": PASSED,
    "dram/channel/first_ready/picks.py::_entry_of": PASSED,
    "noc/overlap.py::alone_fs": COLLECTIVES,
    "noc/collective.py::cost": LOOKED_AT,
    "noc/traffic.py::farthest": COLLECTIVES,
    "noc/traffic.py::sent": COLLECTIVES,
    "jit/": COMPILED,
    "thermal/slices.py": CHIPS,
    "thermal/solve.py": CHIPS,
    "thermal/uniform.py": CHIPS,
    "thermal/iterate.py": CHIPS,
    "thermal/rim.py": CHIPS,
    "thermal/bordered.py": CHIPS,
    "thermal/checks.py": CHIPS,
    "thermal/layers.py::Stack": CHIPS,
    "thermal/layers.py::Rect.overlap_m2": CHIPS,
    "spec/schema.py": EDITORS,
    "spec/quantity.py::Quantity.__get_pydantic": EDITORS,
    "spec/timing.py::_TimingReader.__get_pydantic": EDITORS,
    "spec/shape.py::Reference.__get_pydantic": EDITORS,
    "spec/shape.py::Registered.__get_pydantic": EDITORS,
    "spec/digest.py::digest_of_content": TOLD,
    "spec/digest.py::_tell": TOLD,
    "spec/loading.py::from_": TOLD,
    "spec/loading.py::_numeric": TOLD,
    "spec/node.py::from_plain": TOLD,
    "machine/devices.py": TOLD,
    "engine/execute.py::_failed": GUARDS,
    "engine/program.py::_circular": GUARDS,
    "engine/program.py::_priced": GUARDS,
    "engine/program.py::ProgramBuilder.clear": REFUSED,
    "engine/program.py::Program.dep_start": LOOKED_AT,
    "engine/program.py::Program.unit": LOOKED_AT,
    "engine/program.py::Program.words": LOOKED_AT,
    "machine/machine.py::Memory.__repr__": LOOKED_AT,
    "machine/machine.py::Core.__repr__": LOOKED_AT,
    "machine/machine.py::Machine.__repr__": LOOKED_AT,
    "machine/channels.py::Memories.__len__": LOOKED_AT,
    "spec/loading.py::Loaded.__repr__": LOOKED_AT,
    "dram/device/standard.py::Standard.capacity_bytes": LOOKED_AT,
    "dram/device/standard.py::Standard.refresh_nodes": REQUESTS,
    "engine/kinds.py::register": IMPORTED,
    "pe/unit.py::register": IMPORTED,
    "pe/unit.py::in_slot": IMPORTED,
    "dram/channel/policy.py::register_policy": IMPORTED,
    "dram/channel/requests.py": REQUESTS,
    "dram/channel/request_check.py": REQUESTS,
    "dram/channel/controller.py": REQUESTS,
    "dram/channel/sources.py::_load_array": REQUESTS,
    "dram/channel/sources.py::follow": REQUESTS,
    "dram/channel/in_order/kind.py::advance_array": REQUESTS,
    "dram/channel/in_order/stream.py::run_array": REQUESTS,
    "dram/channel/in_order/stream.py::place_in_array": REQUESTS,
    "dram/channel/first_ready/admission.py::push_return": REQUESTS,
    "dram/channel/first_ready/admission.py::insert_return": REQUESTS,
    "dram/channel/first_ready/admission.py::take_returns": REQUESTS,
    "dram/channel/first_ready/admission.py::next_return": REQUESTS,
    "dram/device/address.py::channel_of": REQUESTS,
    "dram/device/address_batch.py": REQUESTS,
    "dram/channel/pim/run.py": PROGRAMS,
    "dram/channel/pim/window.py::record": TRACES,
    "dram/channel/first_ready/serve.py::record": TRACES,
    "dram/channel/pim/program.py::PimProgram": PROGRAMS,
    "dram/channel/pim/program.py::merged": PROGRAMS,
    "dram/channel/first_ready/admission.py::buffered_write": PENDING,
    "dram/channel/first_ready/admission.py::accept": PENDING,
    "dram/channel/per_bank/transactions.py::take_request": PENDING,
    "dram/channel/per_bank/queues.py::same_burst": PENDING,
    "dram/channel/per_bank/queues.py::_search_pending": PENDING,
    "dram/channel/per_bank/wants.py::_follows_read": PENDING,
    "pe/systolic/physical.py::accesses": EDGE,
    "pe/systolic/fold.py::port_roles": EDGE,
    "pe/systolic/physical.py::steady_cycles": SHARES,
    "pe/systolic/physical.py::gemm_cycles": SHARES,
    "pe/bit_serial/expected.py": PROOFS,
    "pe/nonlinear/fit/ideal.py": TABLES,
    "pe/nonlinear/softmax/integer.py::drain": BUFFERS,
    "noc/router/allocate.py::inputs_first": ROUTERS,
    "noc/router/allocate.py::guess": ROUTERS,
    "noc/router/allocate.py::leave_out": ROUTERS,
    "noc/router/allocate.py::accept": ROUTERS,
    "noc/router/allocate.py::pointer_of": ROUTERS,
    "noc/router/step.py::holds": ROUTERS,
    "pe/bit_serial/frame.py::dispatched": PROOFS,
    "pe/bit_serial/groups.py::minority": PROOFS,
    "pe/bit_serial/encodings.py::digits": PROOFS,
    "noc/router/run.py::quiet_span": INJECTED,
    "noc/router/sources.py::catch_up": INJECTED,
    "noc/router/sources.py::test_all": INJECTED,
    "noc/router/network.py::FlitNetwork.draw_packets": INJECTED,
    "noc/router/network.py::FlitNetwork.send_batch": INJECTED,
    "noc/router/network.py::FlitNetwork.drain_from_now": INJECTED,
    "noc/router/network.py::FlitNetwork.forget": INJECTED,
    "noc/router/network.py::FlitNetwork.run_still": INJECTED,
    "noc/router/network.py::FlitNetwork._draw": INJECTED,
    "noc/router/network.py::NumpyStreams.successes": INJECTED,
    "pe/sram/banks.py::each_group_cycles": RANDOM,
    "pe/sram/banks.py::_count_groups": RANDOM,
    "pe/sram/banks.py::expected_random_cycles": RANDOM,
    "pe/sram/banks.py::_within": RANDOM,
    "pe/sram/banks.py::_product": RANDOM,
    "pe/sram/banks.py::random_banks": RANDOM,
}
"""Reasons by the beginning of `path in arch::function`."""
