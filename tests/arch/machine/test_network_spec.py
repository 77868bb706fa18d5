"""Networks in YAML: links by name, and sentences for what cannot be."""

import pytest

from bankside.arch.machine.network_spec import LinkSpec, NetworkSpec
from bankside.arch.spec import ConfigError, from_dict, load
from bankside.arch.spec.library import names

LINK = {"bandwidth": "1 GB/s"}


def refused(**tree: object) -> str:
    with pytest.raises(ConfigError) as found:
        from_dict({"link": LINK, **tree}, NetworkSpec)
    return " ".join(found.value.errors)


def test_a_link_is_named_or_written() -> None:
    named = from_dict({"topology": "switch", "link": "nvlink4"}, NetworkSpec).spec
    assert named.link == load("nvlink4", "links", LinkSpec).spec
    own = from_dict({"link": {"extends": "nvlink4", "latency": "1 us"}}, NetworkSpec).spec
    assert (own.link.latency, own.link.bytes_per_s) == (1e-6, 450e9)


@pytest.mark.parametrize("name", names("links"))
def test_every_shipped_link_reads(name: str) -> None:
    assert load(name, "links", LinkSpec).spec.bytes_per_s > 0


def test_what_cannot_be_is_told() -> None:
    assert "has no protocol of mpi; it has those of none" in refused(software=["mpi"])
    assert "nothing on a bus can add up" in refused(combine=True)
    assert "zero" in refused(link={"width": "0 bit", "clock": "1 GHz"}) or "0" in refused(
        link={"width": "0 bit", "clock": "1 GHz"}
    )
