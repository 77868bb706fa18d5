"""A part of attention outside the banks tells how long all of it takes."""

from typing import Any

import pytest

from bankside.arch.machine.machine import Core, Machine, load_machine
from bankside.kernels.catalog.catalog import build
from bankside.kernels.mapping import attention
from bankside.kernels.mapping.attending.attenders import PART
from bankside.kernels.mapping.attending.trial import TILES, Trial, part_of
from bankside.kernels.operators import Attention


def operator(**options: Any) -> Attention:
    (_, op), *_ = build("decode-attention", **options).operators()
    assert isinstance(op, Attention)
    return op


def part(machine: Machine, core: Core, op: Attention) -> Attention | None:
    return part_of(core, op, attention.blocks_of(machine, core, op)[0])


@pytest.mark.parametrize(
    ("name", "core", "options"),
    [
        ("lp5x-pim", "npu", {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 40000}),
        ("lpddr5-pim", "npu", {"heads": 12, "kv_heads": 12, "head_dim": 64, "context": 8000, "batch": 9}),
        ("lpddr5-pim", "npu", {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 10001, "batch": 4}),
        ("hbm-pim", "host", {"heads": 32, "kv_heads": 32, "head_dim": 128, "context": 30000, "batch": 3}),
        ("npu-pim", "tensor", {"heads": 32, "kv_heads": 32, "head_dim": 128, "context": 30000, "batch": 3}),
    ],
)
def test_a_part_tells_all(name: str, core: str, options: dict[str, Any]) -> None:
    machine, op = load_machine(name), operator(**options)
    trial = Trial(machine, machine.cores[core], op, machine.cores[core].spec.launch, 0.0)
    found, whole_s = trial.part_s(), trial.whole_s()
    assert found is not None
    assert found[0] / PART <= whole_s <= found[1] * PART


def test_rounds_of_heads_that_are_not_full_leave_what_is_known_open() -> None:
    """8 heads are at once: 350 of them are 44 rounds, the last not full, and the 56 of a part 7 full ones."""
    machine = load_machine("lpddr5-pim")
    core = machine.cores["npu"]

    def known_s(heads: int, batch: int) -> tuple[float, float]:
        op = operator(heads=heads, kv_heads=heads, head_dim=64, context=9000, batch=batch)
        found = Trial(machine, core, op, 0.0, 0.0).part_s()
        assert found is not None
        return found

    least_s, most_s = known_s(7, 50)
    assert most_s / least_s == pytest.approx((44 / 7) / (350 / 56))
    least_s, most_s = known_s(12, 8)
    assert least_s == most_s


@pytest.mark.parametrize(("name", "core", "queries"), [("lpddr5-pim", "npu", 2048), ("hbm-pim", "host", 512)])
def test_a_part_has_more_tokens_than_queries(name: str, core: str, queries: int) -> None:
    machine = load_machine(name)
    shape = {"heads": 32, "kv_heads": 8, "head_dim": 128, "context": 1 << 17}
    op = operator(**shape, tokens=queries)
    some = part(machine, machine.cores[core], op)
    assert some is not None and 2 * queries <= some.context < op.context and some.decodes


def test_what_is_short_or_asked_by_many_is_run_whole() -> None:
    machine = load_machine("lpddr5-pim")
    core, shape = machine.cores["npu"], {"heads": 32, "kv_heads": 8, "head_dim": 128}
    assert part(machine, core, operator(**shape, context=1000)) is None
    prompt = build("prefill-attention", **shape, context=4000)
    (_, asked), *_ = prompt.operators()
    assert isinstance(asked, Attention)
    assert part(machine, core, asked) is None
    assert Trial(machine, machine.cores["pim"], operator(**shape, context=1 << 17), 0.0, 0.0).part_s() is None


@pytest.mark.parametrize("window", [None, 4000])
def test_a_part_has_whole_tiles_of_as_many_heads(window: int | None) -> None:
    """What a window leaves is no longer for more context, so that sequences alone are left out."""
    machine = load_machine("lpddr5-pim")
    core, shape = machine.cores["npu"], {"heads": 32, "kv_heads": 8, "head_dim": 128}
    op = operator(**shape, context=1 << 16, batch=16, window=window)
    some, blocks = part(machine, core, op), attention.blocks_of(machine, core, op)[0]
    assert some is not None
    assert some.k.shape == some.v.shape == (some.sequences, 8, some.context, 128)
    if window:
        assert some.context == op.context and some.sequences < 16
    else:
        assert some.sequences == 1
        tiles = -(-some.context // blocks.tokens) * -(-8 // blocks.head_cores)
        assert some.context % blocks.tokens == 0 and tiles <= TILES
