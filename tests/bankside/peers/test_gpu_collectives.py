"""Rows of measured collectives: what their bytes are, and whose links they run on."""

import pytest

from bankside.arch.spec import ConfigError
from bankside.cases.reader import Reader
from bankside.peers.gpu_collectives import between_packages, read_row
from bankside.unit.collective import run_case


def test_bytes_of_a_row_are_of_all_ranks_in_a_gather() -> None:
    errors: list[str] = []
    gather = read_row(
        Reader({"system": "h100", "op": "nccl_all_gather", "gpus": "8.0", "bytes": 800.0}, errors)
    )
    vector = read_row(
        Reader({"system": "h100", "op": "nccl_all_reduce", "gpus": "8.0", "bytes": 800.0}, errors)
    )
    assert (gather.bytes_each, vector.bytes_each, errors) == (100, 800, [])
    assert vector.network.software == ("nccl",)


def test_links_are_those_that_machines_run_on() -> None:
    assert between_packages("xpu-h100").link.protocols
    assert not between_packages("xpu-a100").combine


def test_an_unknown_operation_is_refused() -> None:
    with pytest.raises(ConfigError, match="op must be one of custom_all_reduce"):
        run_case({"system": "h100", "op": "gloo", "gpus": 2, "bytes": 8})
