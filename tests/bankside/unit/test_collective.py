"""Unit `collective`: cases by link, by rows of others, and what is wrong with them."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit.collective import run_case, run_cases


def test_a_plain_case() -> None:
    case = {"pattern": "all_reduce", "n": 4, "bytes": 4000, "bandwidth_Bps": 1e9, "latency_s": 1e-7}
    got = run_case({**case, "topology": "ring", "algorithm": "ring"})
    links = {"bytes_on_busiest_link": 6000, "mean_hops": 1.0}
    assert got == {"time_s": pytest.approx(6 * 1.1e-6), "steps": 6, **links}
    assert run_case({**case, "topology": "ring"})["time_s"] <= got["time_s"]


def test_every_cell_that_is_wrong_is_told() -> None:
    with pytest.raises(ConfigError) as found:
        run_cases(
            [
                {"n": 0, "bytes": 1, "link": "nvlink4"},
                {"n": 4, "bytes": 1, "bandwidth_Bps": 1, "pattern": "x"},
            ]
        )
    text = " ".join(found.value.errors)
    assert "Row 1: n must be between 1 and 16384, not 0." in text
    assert "pattern must be one of" in text
    with pytest.raises(ConfigError, match="cannot run the algorithm in_switch"):
        run_case({"n": 4, "bytes": 1, "bandwidth_Bps": 1e9, "topology": "ring", "algorithm": "in_switch"})
    with pytest.raises(ConfigError, match="A node with 11 links cannot be joined to 639 others"):
        run_case({"n": 640, "bytes": 1, "bandwidth_Bps": 1e9, "topology": "full", "radix": 11})


@pytest.mark.parametrize(
    ("topology", "links"),
    [
        ("mesh", 2 * 63 / 24),
        ("torus", 4),
        ("ring", 16),
        ("full", 63 / 64),
        ("crossbar", 63 / 64),
        ("switch", 2 * 63 / 64),
    ],
)
def test_hops_of_all_to_all_are_those_of_closed_forms(topology, links):
    """2 (k^2 - 1) / (3 k) on a k x k mesh, k / 2 on a torus of even k, n / 4 on a ring; a node's to itself included."""
    case = {"pattern": "all_to_all", "n": 64, "bytes": 100, "bandwidth_Bps": 1e9, "topology": topology}
    assert run_case(case)["mean_hops"] * 63 / 64 == pytest.approx(links, rel=1e-12)


@pytest.mark.parametrize("topology", ["mesh", "torus", "fat_tree", "dragonfly", "switch"])
def test_hops_of_a_lone_message_are_its_way(topology):
    case = {
        "pattern": "point_to_point",
        "n": 64,
        "bandwidth_Bps": 1e12,
        "latency_s": 1e-6,
        "topology": topology,
    }
    got = run_case({**case, "bytes": 1})
    assert got["mean_hops"] == pytest.approx(got["time_s"] * 1e6, rel=1e-4)


@pytest.mark.parametrize(("by", "faster"), [("bisection", 2), ("links", 256 / 224)])
def test_links_are_as_fast_as_makes_networks_equal(by, faster):
    case = {"pattern": "all_to_all", "n": 64, "bytes": 1000, "bandwidth_Bps": 1e9}
    plain, equal = (
        run_case(case | {"topology": "mesh"} | more)["time_s"]
        for more in ({}, {"equal_to": "torus", "equal_by": by})
    )
    assert plain / equal == pytest.approx(faster, rel=1e-9)


def test_what_goes_through_routers_is_asked_for_by_name() -> None:
    case = {"pattern": "all_to_all", "n": 16, "bytes": 1024, "bandwidth_Bps": 32e9, "topology": "mesh"}
    by_clock = {**case, "clock_Hz": 1e9, "hop": 5}
    took = {
        moved: run_case({**by_clock, "moved": moved})["time_s"] for moved in ("loads", "packets", "flits")
    }
    assert took["loads"] == pytest.approx(542e-9)
    assert took["flits"] == pytest.approx(677e-9)
    assert took["packets"] == pytest.approx(took["flits"], rel=0.1)
    more = run_case({**by_clock, "moved": "flits", "vcs": 2, "depth": 16, "packet": 4})["time_s"]
    assert more not in took.values()


def test_cells_that_only_routers_read_are_refused_without_them() -> None:
    case = {"pattern": "gather", "n": 4, "bytes": 64}
    wrong = [
        {**case, "bandwidth_Bps": 1e9, "vcs": 4},
        {**case, "bandwidth_Bps": 1e9, "hop": 4},
        {**case, "bandwidth_Bps": 1e9, "moved": "packets"},
        {**case, "link": "nvlink4", "clock_Hz": 1e9},
    ]
    with pytest.raises(ConfigError) as found:
        run_cases(wrong)
    for place, sentence in zip(
        found.value.errors,
        (
            "vcs is a router's: moved is then packets or flits.",
            "hop counts cycles of clock_Hz, which is missing.",
            "packets go through routers by the clock: clock_Hz is missing.",
            "the file of a link states its own clock_Hz; the row has bandwidth_Bps or link.",
        ),
        strict=True,
    ):
        assert sentence in place
