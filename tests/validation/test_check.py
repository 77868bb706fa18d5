from typing import Any

import pytest

from bankside.arch.spec import ConfigError
from bankside.validation import quantities
from bankside.validation.check import check, function_of
from bankside.validation.claims import CallSpec, ClaimSpec
from bankside.validation.table import summary


def claim(**changes: Any) -> ClaimSpec:
    """A claim that holds, with `changes`."""
    usual = {
        "id": "kv",
        "unit": "models",
        "kind": "exact",
        "quantity": "KV cache of one token",
        "value": 36.864,
        "unit_of_value": "kB",
        "conditions": "bf16",
        "source": "A paper, Table 1",
        "confidence": "read",
        "tolerance": "exact",
        "reason": "It is counted.",
        "call": CallSpec(function="validation.quantities:kv_kbyte_per_token", args={"model": "gpt2"}),
    }
    return ClaimSpec(**{**usual, **changes})


def test_a_claim_that_holds() -> None:
    verdict = check(claim())
    assert (verdict.ours, verdict.error, verdict.outcome, verdict.fails) == (36.864, 0.0, "pass", False)


def test_a_claim_just_beyond_its_tolerance_fails() -> None:
    assert check(claim(value=36.9, tolerance="0.036 kB")).fails
    assert not check(claim(value=36.9, tolerance="0.0361 kB")).fails


def test_what_is_met_by_a_constant_that_stands_on_it_is_not_held() -> None:
    standing = ("machines/upmem cores.dpu.offload.launch",)
    verdict = check(claim(stands_on=standing))
    assert (verdict.outcome, verdict.fails) == ("fitted", False)
    assert verdict.data()["stands_on"] == list(standing)
    assert check(claim(stands_on=standing, value=36.9)).outcome == "FAIL"
    assert summary([verdict, check(claim())]) == "1 claim held, 1 met by constants that stand on them."


def test_a_shown_claim_never_fails() -> None:
    verdict = check(claim(value=1.0, kind="headline"))
    assert (verdict.holds, verdict.fails, verdict.outcome) == (False, False, "shown")


@pytest.mark.parametrize(
    "call",
    [
        CallSpec(function="validation.quantities:no_such"),
        CallSpec(function="validation.no_such:kv"),
        CallSpec(function="validation.quantities:kv_kbyte_per_token", args={"model": "no-such"}),
        CallSpec(function="validation.quantities:kv_kbyte_per_token", args={"colour": "red"}),
    ],
)
def test_a_call_that_cannot_be_made_is_a_miss_with_its_reason(call: CallSpec) -> None:
    verdict = check(claim(call=call))
    assert verdict.fails
    assert verdict.ours is None
    assert verdict.fault


def test_calls_stay_inside_the_package() -> None:
    with pytest.raises(ConfigError, match="leads nowhere"):
        function_of("os:system")
    with pytest.raises(ConfigError, match="no function"):
        function_of("validation.claims:FILE")
    with pytest.raises(ValueError, match="pattern"):
        CallSpec(function="os.system")


def test_bert_intensities_by_their_closed_forms() -> None:
    n, d, f = 128, 768, 3072
    attention = 8 * n * d * d / (4 * (d * d + 2 * n * d))
    feed_forward = 4 * n * d * f / (2 * (d * f + n * (d + f)))
    assert quantities.layer_intensity("bert-base", n, "attn") == pytest.approx(attention, rel=1e-12)
    assert quantities.layer_intensity("bert-base", n, "mlp") == pytest.approx(feed_forward, rel=1e-12)
