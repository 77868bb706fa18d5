"""The arbiter against the stride formula and enumeration; means against units.md section 9."""

import itertools
from fractions import Fraction
from math import ceil, gcd

import pytest
from tests.oracles.sram_banks import arbitrate, expected_cycles, sampled_mean_cycles, strided

PUBLISHED = {
    (4, 4): 2.125,
    (8, 8): 2.597,
    (16, 16): 3.078,
    (32, 32): 3.533,
    (16, 32): 2.392,
    (32, 64): 2.722,
    (16, 64): 1.991,
    (8, 32): 1.665,
}


def test_hand_drawn_conflicts() -> None:
    assert arbitrate([0, 4, 8, 1, 2], 4) == (3, [3, 1, 1, 0])
    assert arbitrate([0, 4, 8, 1, 2], 4, ports=2) == (2, [3, 1, 1, 0])
    assert arbitrate([], 4) == (0, [0, 0, 0, 0])


def test_strided_run_of_whole_rounds_takes_the_gcd_formula() -> None:
    for k, stride, rounds in itertools.product(range(7), range(1, 70), range(1, 4)):
        banks = 2**k
        accesses = rounds * banks
        assert arbitrate(strided(accesses, stride), banks).cycles == accesses * gcd(stride, banks) // banks


def test_strided_run_of_any_length_takes_the_gcd_formula() -> None:
    for k, stride, accesses, start in itertools.product(range(5), range(1, 20), range(1, 40), (0, 5)):
        banks = 2**k
        served = arbitrate(strided(accesses, stride, start), banks)
        assert served.cycles == ceil(accesses * gcd(stride, banks) / banks)
        assert sum(served.loads) == accesses


def test_ports_divide_the_fullest_bank() -> None:
    for ports, stride, accesses in itertools.product(range(1, 4), range(1, 9), range(1, 30)):
        served = arbitrate(strided(accesses, stride), 8, ports)
        assert served.cycles == ceil(max(served.loads) / ports)


@pytest.mark.parametrize(
    ("accesses", "banks", "ports"), [(1, 3, 1), (4, 3, 1), (5, 4, 1), (5, 3, 2), (6, 2, 3)]
)
def test_exact_mean_equals_enumeration(accesses: int, banks: int, ports: int) -> None:
    every = itertools.product(range(banks), repeat=accesses)
    total = sum(arbitrate(places, banks, ports).cycles for places in every)
    assert expected_cycles(accesses, banks, ports) == Fraction(total, banks**accesses)


@pytest.mark.parametrize(("accesses", "banks"), sorted(PUBLISHED))
def test_exact_mean_equals_the_published_value(accesses: int, banks: int) -> None:
    assert float(expected_cycles(accesses, banks)) == pytest.approx(PUBLISHED[accesses, banks], abs=5.1e-4)


@pytest.mark.parametrize(("accesses", "banks"), [(4, 4), (16, 16), (16, 32)])
def test_sampled_mean_is_within_three_standard_errors(accesses: int, banks: int) -> None:
    mean, error = sampled_mean_cycles(accesses, banks, 2000, seed=1)
    assert abs(mean - float(expected_cycles(accesses, banks))) < 3 * error
