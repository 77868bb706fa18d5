"""BitMoD's simulator: layers that are bound by either, and operands that are read again."""

from fractions import Fraction

from bankside.peers.bitmod import Accelerator, layer_cycles


def test_a_layer_takes_its_products_or_its_traffic() -> None:
    on = Accelerator(16, 8, 4, 2)
    assert layer_cycles(on, (64, 128), 32, Fraction(4), 128) == 32 * 4 * 4 * 2
    assert layer_cycles(on, (64, 128), 1, Fraction(65, 16), 128) == max(256, (65 * 64 + 256 + 128) * 8 // 256)


def test_the_cheaper_of_two_large_operands_is_read_again() -> None:
    on, half_mib = Accelerator(1 << 20, 1 << 20, 1, 1), 512 * 1024
    weight, inputs = 8 * half_mib, 3 * half_mib
    found = layer_cycles(on, (weight // 4096, 4096), inputs // 2 // 4096, Fraction(8), 4096)
    outputs = 2 * (weight // 4096) * (inputs // 2 // 4096)
    assert found == (min(weight * 3 + inputs, weight + inputs * 8) + outputs) * 8 // 256
