"""What runs on shipped machines need not reach, each with its reason."""

from typing import Final

EXCEPTIONS: Final[dict[str, str]] = {
    "jit/": "compiles and keeps what it compiled: nothing is compiled where lines can be counted",
    "dram/device/foreign/": "reads device files of other tools, which no shipped machine names",
    "spec/schema.py": "writes the schema that editors use; no run asks for it",
    "spec/explain.py": "finds sentences for input that is refused, with which nothing runs",
    "spec/sentences.py": "finds sentences for input that is refused, with which nothing runs",
    "spec/errors.py": "holds what is refused, with which nothing runs",
    "noc/router/": "the flit model, which a machine may name for its network and no shipped one does",
    "noc/fabric/": "networks of routers, of the flit model and of topologies that no shipped machine has",
    "dram/channel/patterns.py": "request streams by formula, cases of `unit dram` on the channel that kernels run on",
    "dram/channel/requests.py": "arrays of requests of `unit dram` and `trace` on the channel that kernels run on",
    "dram/channel/request_check.py": "arrays of requests of `unit dram` and `trace` on the channel that kernels run on",
    "dram/channel/controller.py": "arrays of requests of `unit dram` and `trace` on the channel that kernels run on",
}
"""Reasons by the beginning of `path in arch::function`."""
