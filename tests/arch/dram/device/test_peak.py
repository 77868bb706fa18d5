"""Peak bandwidth at a tap: by hand on known parts, and never rising outwards."""

import pytest

from bankside.arch.dram.device.peak import limited_bytes_per_s, peak_bytes_per_s
from bankside.arch.spec import names


@pytest.mark.parametrize(
    ("name", "bank", "group", "vault"),
    [
        # banks (or groups) x burst / tCCD_L, and pseudo-channels x burst / max(burst, tCCD_S)
        ("hbm2", 2 * 16 * 32 * 1.2 / 4, 2 * 4 * 32 * 1.2 / 4, 2 * 32 * 1.2 / 2),
        ("hbm3", 2 * 32 * 32 * 1.6 / 4, 2 * 8 * 32 * 1.6 / 4, 2 * 32 * 1.6 / 2),
        ("ddr4-2400", 16 * 64 * 1.2 / 6, 4 * 64 * 1.2 / 6, 64 * 1.2 / 4),
        ("hybrid-vault", 16 * 64 / 4, 4 * 64 / 4, 64),
        ("gddr6-aim", 512, 4 * 32 * 2 / 2, 32),
        ("hmc-vault", 16 * 32 * 1.25 / 4, 32 * 1.25 / 4, 10),
    ],
)
def test_bandwidth_of_known_parts(name, bank, group, vault, device):
    standard = device(name)
    found = [peak_bytes_per_s(standard, level) / 1e9 for level in ("bank", "bank_group", "vault")]
    assert found == pytest.approx([bank, group, vault])
    assert peak_bytes_per_s(standard, "bank_pair") == peak_bytes_per_s(standard, "bank") / 2
    assert peak_bytes_per_s(standard, "host") == peak_bytes_per_s(standard, "vault")


@pytest.mark.parametrize("name", [name for name in names("devices") if not name.startswith("hbf")])
def test_bandwidth_never_rises_outwards(name, device):
    standard = device(name)
    inside = ("bank", "bank_pair", "bank_group") if standard.spec.pim is None else standard.spec.pim.scopes
    found = [peak_bytes_per_s(standard, level) for level in (*inside, "vault", "base", "host")]
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(
    "name", ["hbm2", "hbm3", "ddr4-2400", "ddr5-4800", "gddr6", "lpddr5", "hybrid-vault", "hmc-vault"]
)
def test_d6_a_stream_comes_close_to_the_peak_and_never_beats_it(name, channel):
    order = ("channel", "rank", "row", "bank", "column", "bank_group", "pseudo_channel")
    one = channel(name, "refresh.mode=off", order=order)
    count = 16384
    achieved = count * one.standard.burst_bytes / (one.run(count) * one.standard.slot_fs * 1e-15)
    peak = peak_bytes_per_s(one.standard, "vault")
    assert 0.85 * peak < achieved <= peak


HYBRID = 16 * 64 * 1e9 / 4  # banks x burst / tCCD_L of hybrid-vault at 1 GHz
ROW = 16 * 32 * 64e9  # bytes of a row in every bank, a slot of 1 ns


@pytest.mark.parametrize(
    ("limits", "most"),
    [
        ("{tRRD: false, tFAW: false, t32AW: false, power: false}", HYBRID),
        ("{tRRD: true, tFAW: false, t32AW: false, power: false}", ROW / (16 * 4)),
        ("{tRRD: false, tFAW: true, t32AW: false, power: false}", ROW / (16 * 16 / 4)),
        ("{tRRD: false, tFAW: false, t32AW: false, power: {window: 1 us, activates: 64}}", ROW / (16 * 1000 / 64)),
        ("{tRRD: false, tFAW: false, t32AW: false, power: {window: 10 us, activates: 64}}", ROW / (16 * 10000 / 64)),
    ],
)  # fmt: skip
def test_each_limit_lowers_the_peak_at_the_banks_by_its_closed_form(limits, most, device):
    standard = device("hybrid-vault", f"pim.limits={limits}")
    assert limited_bytes_per_s(standard, "bank") == pytest.approx(min(HYBRID, most))
    assert limited_bytes_per_s(standard, "bank_group") == pytest.approx(min(HYBRID / 4, most))
    assert limited_bytes_per_s(standard, "vault") == peak_bytes_per_s(standard, "vault")
