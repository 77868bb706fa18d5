"""BitMoD's simulator: layers that are bound by either, and operands that are read again."""

from fractions import Fraction

from bankside.peers.bitmod import Accelerator, Shape, layer_cycles, model_cycles


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


def test_a_prompt_whose_heads_are_apart_gains_more_than_published() -> None:
    """The value of the claim `bitmod-machine-prompt-heads`, and that of `bitmod-machine-prompt`."""
    llamas = Shape(4096, 11008, 32, 32, 32, 32000, True), Shape(4096, 14336, 32, 32, 8, 128256, True)
    whole, bits = (Accelerator(32, 24, 1, 1), Fraction(16)), (Accelerator(32, 32, 4, 3), Fraction(97, 16))
    for apart, published in ((False, 2.001), (True, 2.087)):
        cycles = [
            [model_cycles(on, of, 256, 256, width, heads_apart=apart) for on, width in (whole, bits)]
            for of in llamas
        ]
        assert round(sum(fp16 / int6 for fp16, int6 in cycles) / 2, 3) == published
