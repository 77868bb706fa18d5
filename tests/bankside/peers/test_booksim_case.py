"""Cases in BookSim2's words."""

import pytest

from bankside.cases.reader import Reader
from bankside.peers.booksim_case import read_case

ROW = {
    "topology": "mesh",
    "k": "4",
    "n": "2",
    "offered_flits_per_node_cycle": "0.2",
    "packet_size_flits": "4",
}


def read(**cells):
    errors = []
    return read_case(Reader(ROW | cells, errors)), errors


def test_a_row_is_read():
    case, errors = read(
        num_vcs="4", vc_allocator="separable_input_first", kind="overload", st_prepare_delay="1"
    )
    assert not errors
    assert case.rate == 0.05
    assert (case.router.vcs, case.router.depth, case.router.switch_delay) == (4, 8, 2)
    assert case.router.allocator == "separable_input_first"
    assert (case.protocol.warmup, case.protocol.samples, case.protocol.latency_limit) == (2, 5, None)


@pytest.mark.parametrize(
    ("name", "nodes"),
    [("mesh8x8", 64), ("ring16", 16), ("xbar16", 16), ("fly4_2", 16), ("fattree4_3", 64), ("dragonfly2", 72)],
)
def test_networks_by_one_word(name, nodes):
    case, errors = read(topology_name=name)
    assert not errors
    assert case.fabric().nodes == nodes


def test_hot_spots():
    assert read(traffic="hotspot", traffic_arg="5")[0].spots == ((5,), (1,))
    assert read(traffic="hotspot(5)")[0].spots == ((5,), (1,))
    assert read(traffic="hotspot", traffic_arg="{{0,7,56,63}}")[0].spots == ((0, 7, 56, 63), (1,) * 4)
    assert read(traffic="hotspot({{0,7},{1,2}})")[0].spots == ((0, 7), (1, 2))


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"routing": "valiant"}, "routing on a mesh is dor, not 'valiant'"),
        ({"vc_alloc_delay": "2"}, "vc_alloc_delay must be between 1 and 1"),
        ({"output_speedup": "2"}, "output_speedup must be between 1 and 1"),
        ({"internal_speedup": "1.5"}, "internal_speedup is a whole number of steps"),
        ({"sw_allocator": "separable_input_first"}, "are of one kind"),
        ({"vc_allocator": "wavefront"}, "vc_allocator must be islip, islip(1)"),
        ({"traffic": "storm"}, "traffic is one of"),
        ({"traffic": "hotspot", "traffic_arg": "{{a}}"}, "traffic_arg of hotspot reads like"),
        ({"topology_name": "blob3"}, "topology_name must read like"),
        ({"router_set": "R9"}, "router_set is one of"),
        ({"injection_process": "on_off"}, "injection_process is bernoulli"),
        ({"inter_router_channel_latency": "3"}, "inter_router_channel_latency on a mesh is 1"),
        ({"offered_flits_per_node_cycle": ""}, "offered_flits_per_node_cycle is missing"),
        ({"st_final_delay": "0"}, "switch_delay is at least 1"),
    ],
)
def test_what_is_not_modelled_is_refused_by_name(cells, sentence):
    case, errors = read(**cells)
    assert case is None
    assert sentence in " ".join(errors)
