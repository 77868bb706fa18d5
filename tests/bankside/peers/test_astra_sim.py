"""ASTRA-sim's analytical network: its closed form for a ring, and messages that know no congestion."""

import pytest

from bankside.unit.collective import run_case

RUN = {
    "peer": "ASTRA-sim", "topology": "Ring", "npus": 4, "bandwidth_GBps_per_link": 50.0, "latency_ns_per_link": 500.0,
    "collective": "all_reduce", "nominal_bytes_per_npu": 1 << 20, "algorithm": "ring", "preferred_dataset_splits": 1,
    "endpoint_delay": 10, "active_chunks_per_dimension": 2, "backend_congestion": "Aware",
}  # fmt: skip


def time_ns(**more: object) -> float:
    return float(run_case({**RUN, **more})["cycles_ns_slowest_npu"])


def test_a_ring_takes_its_formula() -> None:
    share = (1 << 20) / 4
    step = 500 + 10 + share / (50 * 1.073741824)
    assert time_ns(collective="reduce_scatter") == pytest.approx(3 * (step + 3 * share / 3350), abs=1)
    assert time_ns() == pytest.approx(6 * step + 3 * 3 * share / 3350, abs=1)


def test_without_congestion_flows_do_not_meet() -> None:
    case = {"algorithm": "direct", "collective": "reduce_scatter", "preferred_dataset_splits": 4}
    assert time_ns(**case, backend_congestion="Unaware") < time_ns(**case) / 2
