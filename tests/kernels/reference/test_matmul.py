"""Products in plain numpy."""

import numpy as np

from bankside.kernels.reference import batched_gemm, gemv


def test_consecutive_products_share_a_matrix() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((6, 2, 3)), rng.standard_normal((2, 3, 4))
    out = batched_gemm(a, b, shared_b=3)
    for i in range(6):
        np.testing.assert_allclose(out[i], a[i] @ b[i // 3])


def test_gemv_is_a_gemm_of_one_row_with_the_transposed_weights() -> None:
    rng = np.random.default_rng(1)
    w, x = rng.standard_normal((5, 3)), rng.standard_normal((2, 3))
    np.testing.assert_allclose(gemv(w, x), batched_gemm(x[None], w.T[None])[0])
