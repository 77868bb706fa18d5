"""Claims about PIM commands hold."""

import pytest

from bankside.arch.dram.channel.pim.program import COMMAND, commands
from bankside.arch.dram.channel.pim.run import run_programs
from bankside.arch.dram.device.commands import RD
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import compile_standard
from bankside.arch.spec import load
from bankside.kernels.lower.pim.attention_commands import Shape, attention_program
from bankside.kernels.lower.pim.placement import PLACEMENTS, place
from bankside.unit.pim import UNIT_COMMANDS
from bankside.validation import pim, runs
from bankside.validation.check import check
from bankside.validation.claims import claims_of

COMMANDS = ("attacc", "pimsimulator")
"""Sources of claims about commands alone, which take no time."""


def test_every_claim_holds() -> None:
    claims = [claim for claim in claims_of(["pim"]) if claim.id.startswith(COMMANDS)]
    assert sum(claim.gated for claim in claims) >= 10
    assert [claim.id for claim in claims if check(claim).fails] == []


@pytest.mark.slow  # 40 s
def test_every_claim_about_products_holds() -> None:
    claims = [claim for claim in claims_of(["pim"]) if not claim.id.startswith(COMMANDS)]
    assert [claim.id for claim in claims if check(claim).fails] == []


def test_the_power_limit_slows_attention_in_banks() -> None:
    assert pim.slowdown(512, 16, "BA", "BA off") == pytest.approx(1.3, abs=0.15)


def test_claims_of_silicon_are_many_and_say_what_they_are() -> None:
    """Show 6: forty claims hold PIM, fifteen of them silicon; each missed gate names what is missing."""
    claims = claims_of(["pim"])
    assert len(claims) >= 40
    predicted = [claim for claim in claims if claim.gated and not claim.stands_on]
    assert sum(claim.kind == "silicon" for claim in predicted) >= 15
    assert all("issing" in claim.reason for claim in claims if claim.reason.startswith("Missed"))


def test_a_row_of_macs_of_aim_takes_226_clocks() -> None:
    assert pim.aim_row_clocks(8) == 226
    assert pim.aim_group_clocks(8) == 286


def test_a_run_at_the_buffer_die_reads_what_its_program_reads_and_moves_the_rest_off_the_channel() -> None:
    """AttAcc's generators give the buffer die its operands by commands of the channel; there, ours come over the die.

    Without those moves the unit's program and the run take the same clocks, up to the run's softmax (26) and the way of
    its first and last data, so the 0.5 % between them is this convention.
    """
    ran = runs.attacc_cycles("vault", 1, 2049, power=True)
    standard = compile_standard(load("attacc-hbm3-5200", "devices", DeviceSpec).spec, PLACEMENTS["BUFFER"])
    program, _ = attention_program(standard, place(standard, "BUFFER"), Shape(2049, 128), 1)
    clocks = [
        run_programs(standard, [entries], UNIT_COMMANDS).slots
        for entries in (program, program[program[:, COMMAND] == RD])
    ]
    moves = commands(program) - commands(program[program[:, COMMAND] == RD])
    assert clocks[1] + 26 <= ran <= clocks[1] + 26 + 40
    assert 0 < clocks[0] - clocks[1] <= 2 * moves
