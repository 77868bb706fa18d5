"""Every command that a stream issues is legal by the device file itself, read by a checker that knows only pairs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BRUTE = Path(__file__).parents[2] / "brute.py"
SHORT = "timings.tREFI=1500"
EVERY = [
    *(
        (name, "bank", (SHORT,))
        for name in ("ddr4-2400", "hbm2", "hbm3", "lpddr5", "ddr5-4800", "gddr6", "hbm4")
    ),
    *((name, "bank", (SHORT,)) for name in ("hmc-vault", "dramsim3-gddr6-8gb-x16", "lpddr5x", "gddr6-aim")),
    ("hbm3e", "bank", (SHORT, "levels.row=16384")),
    *(("hybrid-vault", scope, (SHORT,)) for scope in ("bank", "bank_group")),
    ("hybrid-vault", "bank_pair", (SHORT, "pim.scopes=[bank_pair]")),
    ("hybrid-vault", "bank", (SHORT, "pim.limits.tRRD=false")),
    ("hybrid-vault", "bank", (SHORT, "pim.limits.tRRD=false", "pim.limits.tFAW=false")),
    *(("hbm2-pim", scope, (SHORT,)) for scope in ("bank", "bank_pair")),
    *(("hbm3-attacc", scope, (SHORT,)) for scope in ("bank", "bank_group")),
    *(
        (name, "bank", ("refresh.mode=per_bank", "timings.tREFIpb=300"))
        for name in ("hbm2", "lpddr5", "gddr6")
    ),
]
SAMPLE = [
    ("hbm2", "bank", (SHORT,)),
    ("lpddr5", "bank", (SHORT,)),
    ("hybrid-vault", "bank", (SHORT,)),
    ("hbm2-pim", "bank_pair", (SHORT,)),
    ("gddr6", "bank", ("refresh.mode=per_bank", "timings.tREFIpb=300")),
]


def check(name: str, scope: str, overrides: tuple[str, ...], seed: int) -> set[str]:
    """Run streams of one device; the timings that they use to the clock."""
    env = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, str(BRUTE), name, scope, str(seed), *overrides]
    run = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    *broken, summary = run.stdout.splitlines()
    assert not broken
    assert int(summary.split()[2]) > 100
    return set(summary.partition(" of ")[2].split())


@pytest.mark.parametrize(("name", "scope", "overrides"), SAMPLE)
def test_d1_legal_streams(name, scope, overrides):
    assert check(name, scope, overrides, seed=7) & {"tRCD", "tRCDRD"}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("name", "scope", "overrides"), EVERY)
def test_d1_legal_streams_of_every_standard(name, scope, overrides, seed):
    tight = check(name, scope, overrides, seed)
    assert tight & {"tRCD", "tRCDRD"}
    assert len(tight) >= 3
