"""Exact means over independent elements against tables of such sums, and against draws."""

import numpy as np
import pytest

from bankside.arch.pe.bit_serial import expected
from bankside.arch.pe.bit_serial.measure import measure
from bankside.arch.pe.bit_serial.scheme import Setting
from bankside.arch.pe.bit_serial.schemes import SCHEMES


@pytest.mark.parametrize(
    ("scheme", "bits", "group", "encoding", "signed", "mean"),
    [
        ("essential", 8, 1, "twos-complement", True, 4.0),
        ("essential", 8, 8, "twos-complement", True, 5.96565),
        ("essential", 8, 256, "twos-complement", False, 7.63274),
        ("essential", 16, 16, "twos-complement", True, 11.4744),
        ("essential", 8, 16, "naf", True, 3.96393),
        ("essential", 16, 4, "booth", True, 7.17291),
        ("laconic", 8, 16, "booth", True, 15.2583),
        ("laconic", 8, 4, "twos-complement", True, 24.8912),
        ("laconic", 8, 1, "booth", True, 9.0078),
        ("bitwave", 8, 8, "sign-magnitude", False, 7.96875),
        ("shapeshifter", 8, 1, "twos-complement", True, 7.00391),
        ("shapeshifter", 16, 4, "sign-magnitude", False, 15.9333),
    ],
)
def test_uniform_values(scheme: str, bits: int, group: int, encoding: str, signed: bool, mean: float) -> None:
    setting = Setting(bits=bits, group=group, encoding=encoding, other_bits=bits)
    assert expected.mean_cycles(scheme, setting, expected.uniform(bits, signed)) == pytest.approx(
        mean, abs=6e-5
    )


@pytest.mark.parametrize(
    ("clip", "scheme", "group", "encoding", "mean"),
    [
        (3.0, "essential", 1, "sign-magnitude", 2.8653),
        (3.0, "essential", 16, "twos-complement", 6.7827),
        (3.0, "essential", 8, "naf", 3.45001),
        (3.0, "essential", 8, "booth", 3.82329),
        (3.0, "bitwave", 8, "sign-magnitude", 6.61945),
        (3.0, "bitwave", 8, "twos-complement", 7.96844),
        (4.0, "essential", 8, "sign-magnitude", 4.23043),
        (4.0, "bitwave", 8, "sign-magnitude", 6.200),
        (4.0, "bitwave", 32, "sign-magnitude", 6.775),
    ],
)
def test_gaussian_values(clip: float, scheme: str, group: int, encoding: str, mean: float) -> None:
    setting = Setting(bits=8, group=group, encoding=encoding)
    share = expected.gaussian(8, clip)
    assert share.sum() == pytest.approx(1.0, abs=1e-12)
    assert expected.mean_cycles(scheme, setting, share) == pytest.approx(mean, abs=6e-4)


@pytest.mark.parametrize(("group", "mean"), [(4, 1.25), (8, 2.90625), (16, 6.42896), (64, 28.8209)])
def test_the_rarer_symbol_of_uniform_bits(group: int, mean: float) -> None:
    assert expected.rarer(Setting(bits=8), expected.uniform(8, True), group) == pytest.approx(mean, rel=2e-6)


@pytest.mark.parametrize("scheme", ["essential", "bitwave", "shapeshifter"])
def test_draws_agree_with_the_sums(scheme: str) -> None:
    from bankside.kernels.operands.distributions import draw, shares

    of = SCHEMES[scheme]
    setting = Setting(bits=8, group=16, encoding=of.encodings[0])
    for name in ("gaussian", "laplace", "uniform"):
        share = shares(name, 8, of.encodings[0] != "sign-magnitude")
        assert share is not None
        mean = expected.mean_cycles(scheme, setting, share)
        work = measure(of, setting, draw(name, (512, 512), 8, 3, of.encodings[0] != "sign-magnitude")).work
        assert mean is not None and abs(work.mean() - mean) < 3 * max(1e-3, work.std() / np.sqrt(work.size))
