"""Tensors: sizes, and parts that take no room of their own."""

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Attention, Kernel, MatMul, Phase, RowWise, Tensor
from bankside.kernels.operators.operator import distinct

INT4, INT8 = FORMATS["int4"], FORMATS["int8"]


def test_sizes_follow_from_shape_and_format() -> None:
    tensor = Tensor("x", (3, 5, 7), INT4)
    assert (tensor.elements, tensor.columns, tensor.bytes) == (105, 7, 53)


def test_a_part_is_an_activation_of_the_whole() -> None:
    part = Tensor("k", (8, 4), INT8, "kv").part("k.new", (2, 4))
    assert (part.of, part.role, part.bytes) == ("k", "activation", 8)


def test_parts_and_tensors_that_are_named_twice_count_once() -> None:
    x, other = Tensor("x", (8, 4), INT8), Tensor("y", (8, 4), INT8)
    assert distinct((x, other, x.part("half", (4, 4)), x)) == (x, other)
    assert distinct((x.part("half", (4, 4)),)) == (x.part("half", (4, 4)),)


def test_weights_that_two_operators_read_reside_once_and_are_read_twice() -> None:
    table = Tensor("table", (16, 8), INT8, "weights")
    rows = [Tensor(f"x{i}", (2, 16), INT8) for i in range(2)]
    products = tuple(
        MatMul("p", 1, 2, 8, 16, row, table, Tensor(f"{row.name}.out", (2, 8), INT8)) for row in rows
    )
    kernel = Kernel("k", {}, INT8, (Phase(3, products),))
    assert kernel.weights_bytes == kernel.resident_bytes["weights"] == 3 * 128
    assert kernel.bytes_min == 3 * 2 * (128 + 32 + 16)


def test_values_that_are_part_of_keys_are_read_once() -> None:
    op = Attention.of("a", (1, 1, 4, 1, 10), (6, 5), (INT8, INT8, INT8), kv_shared=True)
    assert op.kv_shared
    assert op.kv_bytes == 60
    assert Attention.of("a", (1, 1, 4, 1, 10), (6, 5), (INT8, INT8, INT8)).kv_bytes == 110


def test_what_is_appended_to_a_cache_is_kept() -> None:
    plain = MatMul.of("p", (1, 2, 8, 16), "weights", (INT8, INT8, INT8))
    out = Tensor("k.new", (2, 8), INT8, "kv", "k")
    kept = MatMul("p", 1, 2, 8, 16, plain.a, plain.b, out)
    assert (plain.cached, kept.cached) == (False, True)
    assert kept.bytes_min == plain.bytes_min
    assert RowWise.of("f", "add", (2, 8), 2, INT8).cached is False
