"""Unit noc: options, rows, conventions and sentences."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import noc

CASE = {"topology": "mesh", "k": 4, "offered_flits_per_node_cycle": 0.2, "sample_period": 300}


def test_conventions_differ_in_their_random_numbers_alone():
    ours, theirs = noc.run_case(CASE), noc.run_case(CASE | {"convention": "booksim"})
    assert ours["avg_packet_latency"] != theirs["avg_packet_latency"]
    assert ours["avg_packet_latency"] == pytest.approx(theirs["avg_packet_latency"], rel=0.05)
    assert noc.run_case(CASE | {"peer": "BookSim2"})["avg_packet_latency"] == theirs["avg_packet_latency"]


def test_batches_of_one_network_are_one_run():
    row = {"topology_name": "mesh4x4", "router_set": "R1", "traffic": "uniform", "packets_per_node": 1}
    both = noc.run_cases([row | {"batch": 0}, row | {"batch": 1}])
    assert [each["total_cycles"] for each in both] == [27, 31]
    assert noc.run_case(row | {"batch": 1})["total_cycles"] == 31


def test_a_file_of_booksim_is_a_case(tmp_path):
    path = tmp_path / "mesh"
    path.write_text(
        "topology = mesh; k = 4; num_vcs = 2; injection_rate = 0.1; sample_period = 300;", encoding="utf-8"
    )
    found = noc.run_case({"config": str(path)})
    assert found["converged"] == 1
    assert found["accepted_flits_per_node_cycle"] == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"topology": "torus", "num_vcs": 1}, "packets can wait for each other for ever"),
        ({"topology": "dragonflynew", "k": 2, "n": 1, "num_vcs": 1}, "needs virtual channel 1 of 1"),
        ({"k": 3, "traffic": "bitcomp"}, "bitcomp needs a power of two of nodes, not 9"),
        ({"convention": "garnet"}, "convention must be one of booksim, physical"),
        ({"k": 2000}, "too large"),
        ({"k": 8, "traffic": "taper64", "convention": "booksim"}, "taper64 draws three numbers or two"),
        ({"traffic": "taper64"}, "taper64 is of 64 nodes, not 16"),
        ({"injection_process": "on_off(0.1)"}, "its state, and tests are read ahead"),
        ({"routing": "min_adapt"}, "adaptive ones look at queues of their time"),
        ({"routing": "romm"}, "by way of another node has two"),
        ({"vc_allocator": "islip(0)"}, "must be islip, islip\\(1\\) to islip\\(64\\)"),
        ({"vc_allocator": "islip(2)", "sw_allocator": "separable_input_first"}, "are of one kind"),
    ],
)
def test_networks_that_cannot_be_are_refused(cells, sentence):
    with pytest.raises(ConfigError, match=sentence):
        noc.run_case(CASE | cells)


def test_iterations_of_an_allocator_stand_behind_its_name():
    crossbar = {
        "topology_name": "xbar16",
        "kind": "overload",
        "sample_period": 500,
        "offered_flits_per_node_cycle": 1,
    }
    once, again = (noc.run_case(crossbar | {"vc_allocator": name}) for name in ("islip", "islip(4)"))
    assert noc.run_case(crossbar | {"alloc_iters": 4})["total_cycles"] == once["total_cycles"]
    assert again["accepted_flits_per_node_cycle"] > 1.05 * once["accepted_flits_per_node_cycle"]
