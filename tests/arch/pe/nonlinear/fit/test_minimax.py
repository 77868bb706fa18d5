"""Best approximations against linear programmes and the theorem of Chebyshev."""

import numpy as np
import pytest
from scipy.optimize import linprog

from bankside.arch.pe.nonlinear.fit.minimax import best


def programme(low: float, high: float, degree: int, relative: bool, through_low: bool) -> float:
    """Least largest error of e^x on a grid, by linear programming."""
    u = np.linspace(0.0, 1.0, 2001)
    target = np.exp(low + (high - low) * u)
    weight = 1 / target if relative else np.ones_like(target)
    free = range(1 if through_low else 0, degree + 1)
    left = target - (target[0] if through_low else 0.0)
    rows = np.stack([u**k for k in free], axis=1) * weight[:, None]
    one = np.ones((len(u), 1))
    found = linprog(
        [0.0] * len(free) + [1.0],
        np.block([[rows, -one], [-rows, -one]]),
        np.concatenate([left * weight, -left * weight]),
        bounds=[(None, None)] * (len(free) + 1),
    )
    return float(found.fun)


@pytest.mark.parametrize("relative", [False, True])
@pytest.mark.parametrize("through_low", [False, True])
@pytest.mark.parametrize("degree", [1, 2, 3])
def test_no_polynomial_is_better(degree: int, relative: bool, through_low: bool) -> None:
    ours = best(np.exp, np.array([-1.0, 0.5]), degree, relative, through_low).error[0]
    assert ours == pytest.approx(programme(-1.0, 0.5, degree, relative, through_low), rel=1e-4)


@pytest.mark.parametrize("degree", [2, 5, 6, 8])
def test_the_error_alternates_one_time_more_than_there_are_coefficients(degree: int) -> None:
    fit = best(np.exp2, np.array([0.0, 1.0]), degree, True)
    u = np.linspace(0.0, 1.0, 100_001)
    error = np.polynomial.polynomial.polyval(u, fit.coefficients[0]) / np.exp2(u) - 1
    large = np.flatnonzero(np.abs(error) > 0.999 * fit.error[0])
    signs = np.sign(error[large])
    assert 1 + np.count_nonzero(np.diff(signs)) == degree + 2
    assert np.abs(error).max() == pytest.approx(fit.error[0], rel=1e-4)


def test_intervals_are_fitted_each_by_itself() -> None:
    bounds = np.array([-2.0, -1.0, 0.0, 3.0])
    together = best(np.tanh, bounds, 2, False).error
    alone = [best(np.tanh, bounds[i : i + 2], 2, False).error[0] for i in range(3)]
    np.testing.assert_allclose(together, alone, rtol=1e-3)
