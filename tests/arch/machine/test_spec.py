"""Names that refer to nothing are told where they were written: line and key of the file, or the --set."""

from pathlib import Path

import pytest

from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import ConfigError


def told(reference: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_machine(reference, overrides)
    return caught.value.errors


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("place.weights=nope", "there is no memory 'nope'; the memories are gddr."),
        ("place.kv=nope", "there is no memory 'nope'; the memories are gddr."),
        ("cores.pu.tap=hbm.bank", "there is no memory 'hbm'; the memories are gddr."),
        ("cores.pu.tap=gddr.moon", "the path has no level 'moon'; it has bank, bank_group, vault, host."),
        ("primary=nope", "there is no core 'nope'; the cores are pu, controller."),
        ("dies.dram.memory=nope", "there is no memory 'nope'; the memories are gddr."),
        ("dies.dram.bond=glue", "there is no bond 'glue'; the bonds are microbump, hybrid."),
        ("path.bank.die=nope", "there is no die 'nope'; the dies are controller, dram."),
        ("cores.pu.formats=[bf16, nope]", "'nope' is no number format."),
        (
            "memories.gddr.device.levels.row=9223372036854775807",
            "the device holds 6.04e+23 bytes; at most 1.13e+15 are supported.",
        ),
        ("cooler=fan", "there is no cooler 'fan'; the coolers are passive, air, liquid, mobile, server."),
    ],
)
def test_a_name_given_on_the_command_line_is_blamed_there(override: str, sentence: str) -> None:
    assert told("aim", override) == [f"--set {override}: {sentence}"]


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        ("interposer=soup", "there is no die 'soup'; the dies are dram, gpu."),
        (
            "interposer=dram",
            "'dram' is not one die of the package, beside its stacks, that they can stand on.",
        ),
        ("interposer=gpu", "what stands on 'gpu' takes 22 x 33 mm, and it has 28.53 x 28.53 mm."),
        ("interposer=7", "expected true or false or text, but got the number 7."),
        ("cooler={ambient: 30 degC}", "cooler.heat_transfer: the key 'heat_transfer' is missing."),
        (
            "cooler={heat_transfer: 0 W/m2/K, ambient: 30 degC}",
            "cooler.heat_transfer: a heat transfer coefficient must be above zero, but got '0 W/m2/K'.",
        ),
        ("cooler=7", "expected text, but got the number 7."),
    ],
)
def test_what_cools_and_carries_stacks_is_checked(override: str, sentence: str) -> None:
    assert told("xpu-h100", override) == [f"--set {override}: {sentence}"]


def test_a_process_that_is_not_shipped_is_told_with_those_that_are() -> None:
    (sentence,) = told("aim", "dies.dram.process=dram-9")
    assert sentence.startswith("--set dies.dram.process=dram-9: There is no 'dram-9' among the technology")


def test_all_faults_of_a_file_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "machine.yaml"
    file.write_text("extends: aim\nprimary: boss\ncores:\n  pu:\n    tap: gddr.moon\nplace: {kv: hbm}\n")
    assert told(str(file)) == [
        f"{file}:2:1 primary: there is no core 'boss'; the cores are pu, controller.",
        f"{file}:5:5 cores.pu.tap: the path has no level 'moon'; it has bank, bank_group, vault, host.",
        f"{file}:6:9 place.kv: there is no memory 'hbm'; the memories are gddr.",
    ]


def test_a_primary_core_without_a_launch_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "machine.yaml"
    core = "{_replace: true, tap: hbm.base, clock: 1 GHz, vector: {lanes: 8}}"
    file.write_text(f"extends: base-die\ncores: {{pe: {core}}}\n")
    (sentence,) = told(str(file))
    assert "core 'pe' is the primary one and states no launch: say what starting a kernel takes" in sentence


def test_a_way_whose_parts_are_longer_than_it_is_refused() -> None:
    (sentence,) = told("xpu-h100", "path.host.transport.within=14 mm")
    assert (
        "The way is 35 mm, 13.5 mm of it from where cores share a byte and 14 mm within a cluster" in sentence
    )


def test_interfaces_that_stand_need_a_die() -> None:
    (sentence,) = told("xpu-h100", "path.bank.standing={pcie: 1 W}", "path.bank.die=null")
    assert "Level bank has interfaces that stand, and no die" in sentence


def test_cores_that_need_two_scopes_of_one_memory_are_refused() -> None:
    override = "cores.softmax.tap=hbm.bank_group"
    assert told("attacc-bank", override) == [
        f"--set {override}: 'hbm.bank_group' and 'hbm.bank' of core 'pe' need PIM commands of two scopes from one "
        "memory."
    ]


def test_dies_of_one_name_are_refused() -> None:
    sentences = told("aim", "dies.dram.name=controller")
    assert (
        "configs/machines/aim.yaml:8:1 dies: the names of dies must differ; these are controller, controller."
        in (sentences)
    )


def test_a_primary_core_at_flash_is_blamed_on_what_the_user_set() -> None:
    (sentence,) = told("hbf-pnm", "primary=stream")
    assert sentence.startswith(
        "--set primary=stream: core 'stream' taps flash; activations lie in the memory of"
    )


def test_a_device_that_does_not_exist_is_told_once() -> None:
    (sentence,) = told("aim", "memories.gddr.device=nope")
    assert sentence.startswith("--set memories.gddr.device=nope: There is no 'nope' among the devices")


@pytest.mark.parametrize(
    ("machine", "override", "sentence"),
    [
        (
            "hbm-pim",
            "memories.hbm.device=hbf",
            "this is a flash device, which states its page; a DRAM is needed, which states its timings.",
        ),
        (
            "hbf-pnm",
            "memories.hbf.flash=hbm2",
            "this is a DRAM, which states its timings; a flash device is needed, which states its page.",
        ),
    ],
)
def test_a_device_of_the_other_kind_is_one_sentence(machine: str, override: str, sentence: str) -> None:
    assert told(machine, override) == [f"--set {override}: {sentence}"]


@pytest.mark.parametrize(
    ("machine", "slot"),
    [("aim", "cores.pu.vector"), ("aim", "cores.controller.vector"), ("lpddr5-pim", "cores.pim.vector")],
)
def test_results_stay_in_rows_only_where_a_host_can_have_units_do_it(machine: str, slot: str) -> None:
    override = f"{slot}.in_place=[add]"
    assert told(machine, override) == [
        f"--set {override}: results are written back to rows by units inside a DRAM die whose registers lie in a row "
        "(pim.registers: row), which those of this core are not."
    ]


@pytest.mark.parametrize(
    ("machine", "core", "sentence"),
    [
        ("aim", "pu", "sums are read as `sums` says, so that accumulators keep none."),
        ("axdimm", "ndp", "sums are kept in accumulators by lanes inside a DRAM die alone."),
        ("upmem", "dpu", "sums are kept in accumulators by lanes inside a DRAM die alone."),
    ],
)
def test_accumulators_that_keep_nothing_are_refused(machine: str, core: str, sentence: str) -> None:
    override = f"cores.{core}.accumulators=4"
    assert told(machine, override) == [f"--set {override}: {sentence}"]
