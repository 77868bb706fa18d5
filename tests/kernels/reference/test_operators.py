"""What operators compute on named arrays, against numpy."""

import numpy as np

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Attention, MatMul, RowWise, Tensor, Windows
from bankside.kernels.reference import attention, compute

FP32 = FORMATS["fp32"]
RNG = np.random.default_rng(3)


def test_products_read_their_tensors_in_the_shapes_of_their_loops() -> None:
    op = MatMul.of("p", (4, 2, 3, 5), "weights", (FP32, FP32, FP32), shared_b=2)
    a, b = RNG.standard_normal((8, 5)), RNG.standard_normal((2, 5, 3))
    out = compute(op, {"p.a": a, "p.b": b})["p.out"]
    assert out.shape == (4, 2, 3)
    np.testing.assert_allclose(out[3], a[6:] @ b[1])


def test_products_of_windows_are_convolutions() -> None:
    windows = Windows(5, 6, 2, 3, stride=2, padding=1)
    op = MatMul.of("c", (1, 9, 4, 18), "weights", (FP32, FP32, FP32), windows=windows)
    image, filters = RNG.standard_normal((7, 8, 2)), RNG.standard_normal((18, 4))
    image[[0, -1]] = image[:, [0, -1]] = 0
    out = compute(op, {"c.a": image[1:-1, 1:-1].reshape(30, 2), "c.b": filters})["c.out"].reshape(3, 3, 4)
    for y, x in np.ndindex(3, 3):
        window = image[2 * y : 2 * y + 3, 2 * x : 2 * x + 3]
        np.testing.assert_allclose(out[y, x], window.reshape(-1) @ filters)


def test_attention_is_that_of_each_sequence_and_head() -> None:
    op = Attention.of("a", (2, 3, 2, 4, 7), (5, 6), (FP32, FP32, FP32))
    q, k, v = (RNG.standard_normal(tensor.shape) for tensor in op.inputs)
    out = compute(op, {"a.q": q, "a.k": k, "a.v": v})["a.out"]
    rows = q.reshape(2, 4, 3, 2, 5).transpose(0, 2, 3, 1, 4)
    expected = np.stack([attention(rows[s], k[s], v[s], True) for s in range(2)])
    np.testing.assert_allclose(out.reshape(2, 4, 3, 2, 6).transpose(0, 2, 3, 1, 4), expected)


def test_latent_values_are_the_first_elements_of_keys() -> None:
    op = Attention.of("a", (1, 1, 2, 1, 7), (5, 3), (FP32, FP32, FP32), kv_shared=True)
    q, k = RNG.standard_normal(op.q.shape), RNG.standard_normal(op.k.shape)
    apart = Attention.of("a", (1, 1, 2, 1, 7), (5, 3), (FP32, FP32, FP32))
    shared = compute(op, {"a.q": q, "a.k": k})["a.out"]
    np.testing.assert_array_equal(shared, compute(apart, {"a.q": q, "a.k": k, "a.v": k[..., :3]})["a.out"])


def test_functions_take_operands_in_parts_and_their_weights() -> None:
    parts = tuple(Tensor(name, shape, FP32) for name, shape in (("q", (2, 4)), ("k", (2, 2))))
    op = RowWise.over("r", "rope", parts, Tensor("out", (2, 6), FP32))
    q, k = RNG.standard_normal((2, 4)), RNG.standard_normal((2, 2))
    still = compute(op, {"q": q, "k": k, "r.cos": np.ones((2, 6)), "r.sin": np.zeros((2, 6))})["out"]
    np.testing.assert_array_equal(still, np.concatenate([q, k], axis=1))
    x, gain = RNG.standard_normal((2, 6)), RNG.standard_normal(12)
    norm = compute(RowWise.of("n", "layernorm", (2, 6), 1, FP32, 12), {"n.in0": x, "n.weights": gain})[
        "n.out"
    ]
    np.testing.assert_allclose(((norm - gain[6:]) / gain[:6]).mean(axis=1), 0, atol=1e-9)
    summed = RowWise.of("s", "weighted_sum", (2, 6), 3, FP32)
    scale = RNG.standard_normal((3, 2))
    out = compute(summed, {f"s.in{i}": x * i for i in range(3)} | {"s.scale": scale})["s.out"]
    np.testing.assert_allclose(out, x * (scale[1] + 2 * scale[2])[:, None])
