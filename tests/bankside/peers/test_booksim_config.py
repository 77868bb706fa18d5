"""Configuration files of BookSim2."""

from pathlib import Path

import pytest

from bankside.arch.spec import ConfigError
from bankside.cases.reader import Reader
from bankside.peers.booksim_case import read_case
from bankside.peers.booksim_config import config_case


def file(folder: Path, text: str) -> Path:
    path = folder / "config"
    path.write_text(text, encoding="utf-8")
    return path


def case(path):
    errors = []
    found = read_case(Reader(config_case(path), errors))
    assert not errors
    return found


def test_keys_and_defaults(tmp_path):
    found = case(
        file(
            tmp_path,
            "// a mesh\ntopology = mesh; k=4;\nrouting_function = dor;\nnum_vcs = 2; // two\npacket_size = 5;\n",
        )
    )
    assert (found.topology, found.k, found.n, found.length) == ("mesh", 4, 2, 5)
    assert found.router.vcs == 2
    assert found.router.routing_delay == 1
    assert found.router.credit_delay == 0
    assert found.rate == 0.1


def test_rates_in_flits_and_torus_links(tmp_path):
    text = "topology=torus; injection_rate = 0.2; injection_rate_uses_flits = 1;"
    text += "const_flits_per_packet = 4; use_noc_latency = 0;"
    found = case(file(tmp_path, text))
    assert found.rate == 0.05
    assert found.torus_delay == 1
    assert case(file(tmp_path, "k = 4;")).torus_delay == 2


def test_batches(tmp_path):
    found = case(file(tmp_path, "sim_type = batch; batch_size = 16; batch_count = 3; topology = mesh;"))
    assert (found.packets, found.batch) == (16, 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("k = 4;\nfoo = 3;", ":2: there is no key 'foo' here"),
        ("k = 4;\nk = 8;", ":2: k is given twice"),
        ("priority = age;", ":1: priority is modelled as none alone, not 'age'"),
        ("k = 4\n", "this is no 'key = value;'"),
        ("sim_type = trace;", ":1: sim_type is latency, throughput or batch"),
        (
            "hold_switch_for_packet = 1;\npacket_size = 4;",
            ":1: hold_switch_for_packet is modelled for packets of one flit",
        ),
    ],
)
def test_what_is_not_modelled_is_refused_by_name_and_line(tmp_path, text, sentence):
    with pytest.raises(ConfigError) as raised:
        config_case(file(tmp_path, text))
    assert sentence in str(raised.value)
