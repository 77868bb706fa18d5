import pytest
from tests.arch.spec.sample import MACHINE, Machine, errors_of

from bankside.arch.spec import Source, from_text


def test_overrides_go_through_validation() -> None:
    loaded = from_text(
        MACHINE,
        Machine,
        [
            "cores.pe.tap=hbm.bank",
            "cores.pe.clock=1.2 GHz",
            "dies.logic.area=50 mm2",
            "dies.1.count=8",
            "cores.pe.launch=2 us",
            "cores.pe.formats=[int8, bf16]",
            "share=0.5",
            "memories.hbm.device.timings.tRCD=15",
            "cores.pe.sram={size: 1 MiB}",
        ],
    )
    core = loaded.spec.cores["pe"]
    assert (core.tap, core.clock, core.launch, core.formats) == ("hbm.bank", 1.2e9, 2e-6, ("int8", "bf16"))
    assert core.sram is not None and (core.sram.size, core.sram.banks) == (2**20, 1)
    assert (loaded.spec.dies[0].area, loaded.spec.dies[1].count, loaded.spec.share) == (5e-5, 8, 0.5)
    assert loaded.spec.memories["hbm"].device.timings["tRCD"].cycle == 15
    assert loaded.sources["cores.pe.clock"] == Source(
        "1.2 GHz", "command line", "assumed", "--set cores.pe.clock=1.2 GHz", 0
    )


def test_a_whole_optional_block_may_be_made_by_its_leaves() -> None:
    text = MACHINE.replace("    sram: {size: 256 KiB, banks: 16}\n", "")
    loaded = from_text(text, Machine, ["cores.pe.sram.size=1 KiB", "cores.pe.sram.banks=4"])
    assert loaded.spec.cores["pe"].sram is not None and loaded.spec.cores["pe"].sram.banks == 4


def test_the_last_of_two_wins() -> None:
    assert from_text(MACHINE, Machine, ["share=0.5", "share=0.25"]).spec.share == 0.25


def test_nothing_changes_the_text_read_before() -> None:
    plain = from_text(MACHINE, Machine)
    assert from_text(MACHINE, Machine, ["cores.pe.clock=1000 MHz"]).digest == plain.digest
    assert from_text(MACHINE, Machine, ["cores.pe.clock=1001 MHz"]).digest != plain.digest


@pytest.mark.parametrize(
    ("override", "sentence"),
    [
        (
            "memory.nonsense=1",
            "there is no 'memory' at the top level; did you mean 'memories'?",
        ),
        ("cores.pee.tap=x", "there is no 'pee' in cores; did you mean 'pe'?"),
        ("cores.zz={}", "there is no 'zz' in cores; there are: pe."),
        ("cores.pe.tapp=x", "there is no 'tapp' in cores.pe; did you mean 'tap'?"),
        ("cores.pe.tap.x=1", "there is no 'x' in cores.pe.tap, which is the single value hbm.vault."),
        ("dies.lgic.area=1 mm2", "there is no 'lgic' in dies; did you mean 'logic'?"),
        ("dies.7.area=1 mm2", "there is no '7' in dies; there are: logic, dram."),
        (
            "memories.hbm.device.timings.tRCd=3",
            "there is no 'tRCd' in memories.hbm.device.timings; did you mean",
        ),
        ("cores.pe.matmul.dataflow=wss", "'wss' is not one of ws, os; did you mean 'ws'?"),
        ("cores.pe.clock=1", "expected a frequency such as '1.6 GHz', but 1 has no unit."),
        ("cores.pe.clock=", "expected a frequency such as '1.6 GHz', but got nothing."),
        ("cores.pe.sram.banks=0", "must be above 0, but is 0."),
        ("cores.pe.sram.banks=4.0", "expected a whole number, but got the number 4.0."),
        ("cores.pe.sram.banks=04", "04 begins with a zero; write it without, or in quotes if it is a name."),
        ("enabled=yes", "expected true or false, but got the text 'yes'."),
        ("share=[", "'[' is not a value; quote texts with special signs."),
        ("share=!!int 3", "the tag tag:yaml.org,2002:int is refused; tags have no use here."),
        ("nonsense", "an override is written path=value, as in cores.pe.clock='1.2 GHz'."),
        ("a..b=1", "an override is written path=value, as in cores.pe.clock='1.2 GHz'."),
        ("=1", "an override is written path=value, as in cores.pe.clock='1.2 GHz'."),
    ],
)
def test_wrong_overrides_get_one_sentence(override: str, sentence: str) -> None:
    (error,) = errors_of(MACHINE, override)
    assert error.startswith(f"--set {override}: {sentence}")


def test_an_error_inside_a_block_names_its_path() -> None:
    override = "cores.pe.sram={size: 1 MiB, bank: 3}"
    assert errors_of(MACHINE, override) == [
        f"--set {override}: cores.pe.sram.bank: unknown key 'bank'; did you mean 'banks'?"
    ]


def test_wrong_overrides_and_wrong_files_are_told_together() -> None:
    assert errors_of(MACHINE + "enabld: 1\n", "cores.pee.tap=x", "share=yes") == [
        "--set cores.pee.tap=x: there is no 'pee' in cores; did you mean 'pe'?",
        "--set share=yes: expected a number or one of auto, but got the text 'yes'.",
        "m.yaml:15:1 enabld: unknown key 'enabld'; did you mean 'enabled'?",
    ]
