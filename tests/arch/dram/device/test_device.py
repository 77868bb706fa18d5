"""Device files: every shipped one compiles and states its sources; broken ones are refused in sentences."""

import pytest

from bankside.arch.dram.device.standard import DeviceSpec, compile_standard
from bankside.arch.spec import ConfigError, load, names, unsourced

SHIPPED = [name for name in names("devices") if not name.startswith("hbf")]  # flash is another kind
WANTED = {
    *(
        "hbm2",
        "hbm2-tfaw30",
        "hbm2e",
        "hbm3",
        "hbm3e",
        "hbm4",
        "gddr6",
        "gddr6-aim",
        "ddr4-2400",
        "ddr4-3200",
    ),
    *("ddr5-4800", "lpddr5", "lpddr5x", "hmc-vault", "hybrid-vault", "hbm2-pim", "hbm3-attacc"),
}


def test_the_devices_of_the_design_are_there():
    assert set(SHIPPED) >= WANTED
    assert sum(name.startswith("ramulator2-") for name in SHIPPED) >= 9
    assert sum(name.startswith("dramsim3-") for name in SHIPPED) >= 9


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_constant_has_a_source(name):
    loaded = load(name, "devices", DeviceSpec)
    assert unsourced(loaded) == []
    assert all(leaf.confidence for leaf in loaded.sources.values() if leaf.source)
    standard = compile_standard(loaded.spec)
    assert standard.capacity_bytes > 2**27


def refused(name: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(name, "devices", DeviceSpec, overrides)
    return [error.partition(": ")[2] for error in caught.value.errors]


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (
            "timings.tRAS=60",
            "tRAS is 60 tCK and tRC is 56 tCK, but a row is open for tRAS before its cycle tRC can end",
        ),
        ("timings.tFAW=3", "tRRD_S is 4 tCK and tFAW is 3 tCK, but four activations cannot fit"),
        ("timings.tRFC=10000", "a refresh must end before the next one is due"),
        ("timings.tRFC=9364", "a refresh must end before the next one is due"),
        ("refresh.cycle=tREFI", "tREFI is 9364 tCK and tREFI is 9364 tCK, but a refresh must end"),
        ("timings.tRCD=1e30", "tRCD is 1e+30 tCK; at most 4194304 are supported"),
        ("read_latency=[tCL, -tCL, -tCL]", "data cannot come before their command"),
        ("timings.tCCD_L=3", "columns of one bank group are never closer than of different groups"),
        ("refresh.mode=per_bank", "needs the timing 'tREFIpb', which the device lacks"),
        ("refresh.interval=tWRONG", "needs the timing 'tWRONG'"),
        ("command_bus=[row]", "the command bus is [row, column] or [single]"),
        ("read_latency=[tAA]", "'tAA' is not one of the timings"),
        ("levels.vault=4", "give exactly one of them"),
        ("levels.bank=512", "at most 256 are supported"),
    ],
)
def test_a_device_that_breaks_its_own_rules_is_refused_in_a_sentence(override, sentence):
    errors = refused("ddr4-2400", override)
    assert any(sentence in error for error in errors), errors


def test_all_broken_rules_are_told_at_once():
    assert len(refused("ddr4-2400", "timings.tRAS=60", "timings.tFAW=3", "timings.tCCD_L=3")) >= 3


def test_refreshes_that_never_end_are_refused():
    assert any("a refresh must end" in e for e in refused("ddr4-2400", "timings.tREFI=0", "timings.tRFC=0"))
    assert any("never end" in e for e in refused("hbm2", "refresh.mode=per_bank", "timings.tREFIpb=0"))


def test_no_refresh_command_is_refused():
    device = load("ddr4-2400", "devices", DeviceSpec).spec
    without = [line for line in device.constraints if "REF" not in (*line.preceding, *line.following)]
    from bankside.arch.dram.device.checks import device_errors

    sentences = [
        str(error) for error in device_errors(device.model_copy(update={"constraints": tuple(without)}))
    ]
    assert any("needs the refresh command REF, but no constraint follows it" in one for one in sentences)


def test_negative_and_unknown_values_are_refused():
    assert any("cannot be negative" in error for error in refused("ddr4-2400", "timings.tRCD=-1"))
    assert any("there is no 'nonsense'" in error for error in refused("ddr4-2400", "nonsense=1"))


STACKS = [
    # Ma & Patterson 2026, Table 1: pins x rate / 8
    ("hbm2", 1024, 2.4, 307.2),
    ("hbm2e", 1024, 3.6, 460.8),
    ("hbm3", 1024, 6.4, 819.2),
    ("hbm3e", 1024, 9.8, 1254.4),
    ("hbm4", 2048, 8.0, 2048.0),
]


@pytest.mark.parametrize(("name", "pins", "rate_gbps", "bandwidth_gbps"), STACKS)
def test_stack_bandwidths_of_ma_and_patterson(name, pins, rate_gbps, bandwidth_gbps, device):
    from bankside.arch.dram.device.peak import peak_bytes_per_s

    standard = device(name)
    assert standard.channels * peak_bytes_per_s(standard, "vault") / 1e9 == pytest.approx(
        bandwidth_gbps, rel=1e-5
    )
    assert pins * rate_gbps / 8 == pytest.approx(bandwidth_gbps)


def test_attacc_path_energies_come_out_of_the_parts():
    """0.55 at the bank, 1.56 at the group, 3.29 at the buffer die, 3.59 pJ/bit at the host (AttAcc's table)."""
    energy = load("hbm3", "devices", DeviceSpec).spec.energy
    row_bits = 32 * 32 * 8
    total = energy.activate / row_bits
    sums = []
    for level in ("bank", "bank_group", "vault", "host"):
        total += sum(energy.path[level].values())
        sums.append(round(total * 1e12, 2))
    assert sums == [0.55, 1.56, 3.29, 3.59]
