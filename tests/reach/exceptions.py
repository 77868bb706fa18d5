"""What runs on shipped machines need not reach, each with its reason."""

from typing import Final

COMPILED: Final = "compiles and keeps what it compiled: nothing is compiled where lines can be counted"
REQUESTS: Final = "arrays of requests of `unit dram` and `trace` on the channel that kernels run on"
PROGRAMS: Final = "command programs of `unit pim` on the channel that kernels run on"
PENDING: Final = (
    "a read and a write of one burst that wait at once: an operation begins when the writes that it reads have ended, "
    "so that request arrays alone have them"
)
EDGE: Final = "words at the edges of an array, columns of `unit systolic`: runs count them at the scratchpad"
RANDOM: Final = "random accesses of `unit sram`: no operator gathers words from a scratchpad"
EDITORS: Final = "writes the schema that editors use, or tells pydantic of a type as classes are made"
IMPORTED: Final = "makes shipped ones known as their module is imported, before any run"
TOLD: Final = "what `show` and `sweep` ask of a file that they do not run"
FLITS: Final = (
    "networks of routers and messages flit by flit, which a machine may name and no shipped one does"
)

EXCEPTIONS: Final[dict[str, str]] = {
    "jit/": COMPILED,
    "noc/router/": FLITS,
    "noc/fabric/": FLITS,
    "noc/flits.py": FLITS,
    "noc/traffic.py::_routed": FLITS,
    "noc/packet.py::_edge": FLITS,
    "noc/occupancy.py::Network.fabric": FLITS,
    "dram/device/foreign/": "reads device files of other tools, which no shipped machine names",
    "spec/schema.py": EDITORS,
    "spec/quantity.py::Quantity.__get_pydantic": EDITORS,
    "spec/timing.py::_TimingReader.__get_pydantic": EDITORS,
    "spec/shape.py::Reference.__get_pydantic": EDITORS,
    "spec/shape.py::Registered.__get_pydantic": EDITORS,
    "spec/digest.py::digest_of_content": TOLD,
    "spec/digest.py::_pieces": TOLD,
    "spec/loading.py::from_": TOLD,
    "spec/loading.py::_numeric": TOLD,
    "spec/node.py::from_plain": TOLD,
    "machine/devices.py": TOLD,
    "engine/kinds.py::register": IMPORTED,
    "pe/unit.py::register": IMPORTED,
    "pe/unit.py::in_slot": IMPORTED,
    "dram/channel/policy.py::register_policy": IMPORTED,
    "dram/channel/patterns.py": "request streams by formula, cases of `unit dram` on the channel that kernels run on",
    "dram/channel/requests.py": REQUESTS,
    "dram/channel/request_check.py": REQUESTS,
    "dram/channel/controller.py": REQUESTS,
    "dram/channel/energy.py": REQUESTS,
    "dram/channel/sources.py::_load_array": REQUESTS,
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
    "dram/channel/pim/program.py::PimProgram": PROGRAMS,
    "dram/channel/pim/program.py::merged": PROGRAMS,
    "dram/channel/first_ready/admission.py::buffered_write": PENDING,
    "dram/channel/per_bank/queues.py::same_burst": PENDING,
    "dram/channel/per_bank/queues.py::_search_pending": PENDING,
    "dram/channel/per_bank/wants.py::_follows_read": PENDING,
    "pe/systolic/physical.py::accesses": EDGE,
    "pe/systolic/fold.py::port_roles": EDGE,
    "pe/sram/banks.py::each_group_cycles": RANDOM,
    "pe/sram/banks.py::expected_random_cycles": RANDOM,
    "pe/sram/banks.py::_within": RANDOM,
    "pe/sram/banks.py::_product": RANDOM,
    "pe/sram/banks.py::random_banks": RANDOM,
}
"""Reasons by the beginning of `path in arch::function`."""
