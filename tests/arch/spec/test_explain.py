import pytest
from tests.arch.spec.sample import MACHINE, Machine, errors_of

from bankside.arch.spec import from_text


def replaced(old: str, new: str) -> str:
    assert MACHINE.count(old) == 1
    return MACHINE.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (
            "stacks: 2",
            "stacks: two",
            "3:77 memories.hbm.stacks: expected a whole number, but got the text 'two'.",
        ),
        (
            "stacks: 2",
            "stacks: 2.0",
            "3:77 memories.hbm.stacks: expected a whole number, but got the number 2.0.",
        ),
        ("stacks: 2", "stacks: -2", "3:77 memories.hbm.stacks: must be above 0, but is -2."),
        (
            "rows: 32",
            "rows: 32 PE",
            "13:30 cores.pe.matmul.rows: expected a whole number without a unit, but got the text '32 PE'.",
        ),
        ("name: logic", "name: 3", "5:6 dies.0.name: expected text, but got the number 3."),
        ("name: logic, ", "", "5:5 dies.0.name: the key 'name' is missing."),
        ("count: 4", "count:", "7:5 dies.dram.count: expected a whole number, but got nothing."),
        ("    tap: hbm.vault\n", "", "9:3 cores.pe.tap: the key 'tap' is missing."),
        ("tap: hbm.vault", "tapp: hbm.vault", "10:5 cores.pe.tapp: unknown key 'tapp'; did you mean 'tap'?"),
        (
            "tap: hbm.vault",
            "tap: x\n    zzz: 1",
            "11:5 cores.pe.zzz: unknown key 'zzz'; allowed: tap, clock, sram, matmul, launch, formats.",
        ),
        (
            "1 GHz\n    sram",
            "-1 GHz\n    sram",
            "11:5 cores.pe.clock: a frequency cannot be negative, but got '-1 GHz'.",
        ),
        (
            "{size: 256 KiB, banks: 16}",
            "3",
            "12:5 cores.pe.sram: expected a block of keys, but got the number 3.",
        ),
        ("{size: 256 KiB, banks: 16}", "[]", "12:5 cores.pe.sram: expected a block of keys, but got a list."),
        ("banks: 16", "busy: 1.5", "12:27 cores.pe.sram.busy: must be at most 1.0, but is 1.5."),
        (
            "banks: 16",
            "busy: {value: 0.5, sorce: x}",
            "12:27 cores.pe.sram.busy: expected a number, or a block of value, source and confidence; "
            "'sorce' is unknown; did you mean 'source'?",
        ),
        (
            "dataflow: os",
            "dataflow: oss",
            "13:50 cores.pe.matmul.dataflow: 'oss' is not one of ws, os; did you mean 'os'?",
        ),
        ("dataflow: os", "dataflow: 3", "13:50 cores.pe.matmul.dataflow: the number 3 is not one of ws, os."),
        (
            "unit: systolic",
            "unit: systolik",
            "13:14 cores.pe.matmul.unit: 'systolik' is not one of systolic, lanes; did you mean 'systolic'?",
        ),
        ("unit: systolic, ", "", "13:5 cores.pe.matmul: the key 'unit' is missing."),
        # keys of the other variant are not offered
        (
            "dataflow: os",
            "lanes: 3",
            "13:50 cores.pe.matmul.lanes: unknown key 'lanes'; allowed: unit, rows, cols, dataflow.",
        ),
        (
            "dataflow: os}",
            "dataflow: os}\n    formats: [bf16, fp8]",
            "14:21 cores.pe.formats.1: 'fp8' is not one of bf16, int8.",
        ),
        (
            "dataflow: os}",
            "dataflow: os}\n    formats: bf16",
            "14:5 cores.pe.formats: expected a list, but got the text 'bf16'.",
        ),
        ("primary: pe\n", "", "1:1 primary: the key 'primary' is missing."),
        (
            "primary: pe",
            "primary: pe\nshare: x",
            "15:1 share: expected a number or one of auto, but got the text 'x'.",
        ),
        (
            "primary: pe",
            "primary: pe\nenabled: no",
            "15:1 enabled: expected true or false, but got the text 'no'.",
        ),
        (
            "primary: pe",
            "primary: pe\nprimary: pe",
            "15:1: the key 'primary' stands here a second time (first in line 14).",
        ),
        (
            "primary: pe",
            "primary: 012",
            "14:10: 012 begins with a zero; write it without, or in quotes if it is a name.",
        ),
        (
            "dies:\n  - {name: logic, area: 100 mm2}\n  - name: dram\n    count: 4\n",
            "dies: []\n",
            "4:1 dies: must have at least 1 entry, but has 0.",
        ),
        (
            "tRCD: 14 ns",
            "tRCD: 49 ns",
            "3:62 memories.hbm.device.timings.tRCD: tRCD is above tRC.",
        ),
        (
            "{tRC: 48, tRCD: 14 ns}",
            "{tRC: 48}, tighten: true",
            "3:63 memories.hbm.device.tighten: tighten needs tFAW.",
        ),
    ],
)
def test_each_mistake_has_its_sentence_and_place(old: str, new: str, error: str) -> None:
    assert errors_of(replaced(old, new)) == [f"m.yaml:{error}"]


def test_all_errors_at_once_in_the_order_of_the_file() -> None:
    text = replaced("tap: hbm.vault", "tapp: hbm.vault")
    text = text.replace("banks: 16", "banks: sixteen").replace(
        "dataflow: os}", "dataflow: os}\n    launch: -2 us"
    )
    assert errors_of(text) == [
        "m.yaml:10:5 cores.pe.tapp: unknown key 'tapp'; did you mean 'tap'?",
        "m.yaml:12:27 cores.pe.sram.banks: expected a whole number, but got the text 'sixteen'.",
        "m.yaml:14:5 cores.pe.launch: a time cannot be negative, but got '-2 us'.",
    ]


def test_the_sample_itself_is_right() -> None:
    from_text(MACHINE, Machine)


def test_a_block_of_provenance_alone_is_no_value() -> None:
    assert errors_of(replaced("name: logic", "name: {value: x, _source: y}")) == [
        "m.yaml:5:6 dies.0.name: expected text, or a block of value, source and confidence; "
        "'_source' is unknown; did you mean 'source'?"
    ]
