"""The unit `bit-serial`: cases of its schemes, tensors from files, and what it refuses."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bankside.arch.spec import ConfigError
from bankside.unit import bit_serial


def mean(**case: Any) -> float:
    return float(bit_serial.run_case(case)["mean_cycles_per_group"])


@pytest.mark.parametrize(
    ("case", "cycles"),
    [
        ({"scheme": "stripes", "bits": 5}, 5),
        ({"scheme": "bit-parallel"}, 1),
        ({"scheme": "bitvert"}, 8),
        ({"scheme": "bitvert", "pruned": 2}, 6),
        ({"scheme": "bitvert", "pruned": 4, "group": 32}, 8),
        ({"scheme": "bitmod", "bits": 3}, 2),
        ({"scheme": "bitmod", "bits": 4}, 2),
        ({"scheme": "bitmod", "bits": 6}, 3),
        ({"scheme": "bitmod", "bits": 8, "group": 128}, 128),
        ({"scheme": "anda", "bits": 6}, 6),
        ({"scheme": "nm-serial", "n": 2, "m": 8}, 2),
        ({"scheme": "nm-serial", "n": 2, "m": 8, "port": 2}, 4),
        ({"scheme": "bitfusion", "bits": 8, "group": 1}, 1),
        ({"scheme": "bitfusion", "bits": 16, "group": 1}, 4),
        ({"scheme": "bitfusion", "bits": 4, "other_bits": 2, "group": 8}, 1),
    ],
)
def test_cycles_that_no_data_decides(case: dict[str, Any], cycles: int) -> None:
    assert mean(**case, seed=3) == cycles


@pytest.mark.parametrize(
    ("scheme", "bits", "other", "speedup"),
    [
        ("bitfusion", 2, 2, 16), ("bitfusion", 8, 4, 2), ("bitfusion", 16, 16, 0.25), ("bitmod", 4, 0, 2),
        ("bitmod", 6, 0, 4 / 3), ("stripes", 8, 0, 1), ("anda", 4, 0, 4),
    ],
)  # fmt: skip
def test_speedups_that_no_data_decides(scheme: str, bits: int, other: int, speedup: float) -> None:
    case = {"scheme": scheme, "bits": bits, "group": 16 if scheme == "bitfusion" else ""}
    found = bit_serial.run_case(case | ({"other_bits": other} if other else {}))
    assert found["speedup_vs_parallel"] == pytest.approx(speedup)


def test_a_mean_over_all_tensors_is_exact_and_a_seed_draws_one() -> None:
    exact = bit_serial.run_case({"scheme": "laconic"})
    drawn = bit_serial.run_case({"scheme": "laconic", "seed": 1})
    assert exact["standard_error"] == 0 and exact["mean_cycles_per_group"] == pytest.approx(15.2583, abs=5e-5)
    assert abs(drawn["mean_cycles_per_group"] - exact["mean_cycles_per_group"]) < 3 * drawn["standard_error"]


@pytest.mark.parametrize(("shift_bits", "cycles"), [(0, 7.99995), (1, 6.86855), (2, 6.4113), (4, 6.41485)])
def test_pragmatic_on_uniform_values(shift_bits: int, cycles: float) -> None:
    found = bit_serial.run_case({"scheme": "pragmatic", "shift_bits": shift_bits})
    error = np.hypot(found["standard_error"], 0.0052)
    assert abs(found["mean_cycles_per_group"] - cycles) < 3 * error


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_a_wide_group_holds_up_its_round(share: float) -> None:
    case = {"scheme": "stripes", "bits": 4, "wide_bits": 8, "wide_share": share, "side": 16, "rows": 4096}
    plain = bit_serial.run_case(case)
    assert plain["mean_cycles_per_group"] == pytest.approx(8 - 4 * (1 - share) ** 16, abs=0.02)
    assert plain["mean_work_per_group"] == pytest.approx(4 + 4 * share, abs=0.02)
    ordered = mean(**case, balance="sorted")
    assert plain["mean_work_per_group"] <= ordered <= plain["mean_work_per_group"] + 0.01
    assert mean(**case, balance="dynamic", overhead=1) == pytest.approx(ordered + 1, abs=0.01)


def test_tensors_from_files(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(-127, 128, (6, 32), dtype=np.int8)
    np.save(tmp_path / "w.npy", values)
    np.save(tmp_path / "a.npy", values[::-1].astype(np.int16))
    path = str(tmp_path / "w.npy")
    size = np.abs(values.astype(int)).reshape(-1, 8)
    columns = np.bitwise_count(np.bitwise_or.reduce(size, axis=1))
    found = bit_serial.run_case({"scheme": "bitwave", "group": "8", "tensor": path})
    assert found["cycles"] == columns.sum()
    signs = (values.reshape(-1, 8) < 0).any(axis=1)
    assert found["stored_bits_per_element"] == ((columns + signs) * 8 + 8).sum() / values.size
    both = bit_serial.run_case(
        {"scheme": "sparten", "group": "32", "tensor": path, "other": str(tmp_path / "a.npy")}
    )
    assert both["cycles"] == sum(
        max(1, int(((a != 0) & (b != 0)).sum())) for a, b in zip(values, values[::-1], strict=True)
    )


def test_cases_of_bitmods_simulator() -> None:
    case = {
        "model": "Llama-2-7B", "hidden": "4096", "ffn": "11008", "layers": "32", "heads": "32", "kv_heads": "32",
        "vocab": "32000", "mlp": "gated", "case": "bm3 gen", "weight_bits": "3.0625", "pe_rows(out ch)": "64",
        "pe_cols(tokens)": "16", "pe_dot": "4", "pe_latency": "2", "context": "256",
    }  # fmt: skip
    assert bit_serial.run_case(case) == {"cycles": 79493200}
    with pytest.raises(ConfigError, match="case must end in gen or pre, not 'bm3'"):
        bit_serial.run_case(case | {"case": "bm3"})


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ({"scheme": "nm-serial", "n": 5, "m": 4}, "n must be at most m: 5:4 keeps more than there is."),
        ({"scheme": "nm-serial", "group": 8}, "group of nm-serial is m, 4, not 8."),
        ({"scheme": "bitwave", "group": 7, "cols": 64}, "groups of 7 do not divide a row of 64 elements."),
        ({"scheme": "booth"}, "scheme must be one of bit-parallel, stripes"),
        (
            {"scheme": "shapeshifter", "encoding": "naf"},
            "encoding must be one of twos-complement, sign-magnitude",
        ),
        ({"scheme": "stripes", "shift_bits": 1}, "shift_bits is one of pragmatic, not of stripes."),
        ({"scheme": "bitmod", "bits": 2}, "bits of BitMoD's weights are 3 to 8, not 2."),
        (
            {"scheme": "bitvert", "pruned": 8},
            "of the 8 columns of a weight at least two are left; 8 of them cannot be pruned.",
        ),
        ({"scheme": "essential", "tensor": "missing.npy"}, "missing.npy: there is no such file."),
    ],
)
def test_what_is_not_sound_is_told(case: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        bit_serial.run_case(case)
    assert any(sentence in error for error in caught.value.errors), caught.value.errors


def test_tensors_that_are_not_sound_are_told(tmp_path: Path) -> None:
    def told(array: np.ndarray, **case: Any) -> str:
        np.save(tmp_path / "t.npy", array, allow_pickle=True)
        with pytest.raises(ConfigError) as caught:
            bit_serial.run_case({"tensor": str(tmp_path / "t.npy")} | case)
        return " ".join(caught.value.errors)

    assert "not fit 8 bits" in told(np.array([[300, 1]]), scheme="essential", group=2)
    assert "from -1 to 200, do not fit 8 bits" in told(np.array([[200, -1]]), scheme="essential", group=2)
    assert "not whole numbers" in told(np.array([[1.0, np.nan]]), scheme="essential", group=2)
    assert "pickled objects are not taken" in told(np.array([{}]), scheme="essential")
    assert "has 3 values that are not zero, and 2:4 keeps 2" in told(
        np.array([[1, 1, 1, 0]]), scheme="nm-serial"
    )
    assert "groups of 8 do not divide a row of 12" in told(np.ones((2, 12), dtype=int), scheme="bitwave")
