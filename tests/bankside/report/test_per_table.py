"""The table of a unit."""

import io

from rich.console import Console
from tests.bankside.sample import result

from bankside.report.per_table import PerUnit


def printed(unit: str, *results: dict[str, object]) -> list[str]:
    out = io.StringIO()
    names = [str(each["machine"]["name"]) for each in results]  # type: ignore[index]
    Console(file=out, width=140).print(PerUnit(results, names, unit))  # type: ignore[arg-type]
    return out.getvalue().splitlines()


def test_a_line_a_machine_with_ratios_to_the_best() -> None:
    slow, fast = result("aim", 20 * 10**9), result("base-die", 10 * 10**9)
    lines = printed("GBps", slow, fast)
    assert lines[0] == "for each GB/s: at the pins of its memory"
    assert lines[1].split()[:3] == ["machine", "size", "time"]
    assert lines[3].split()[:3] == ["aim", "1.00", "TB/s"] and "0.500 x" in lines[3]
    assert "1.00 x" in lines[4]


def test_what_has_no_prefix_is_counted() -> None:
    assert " 200 " in printed("mm2", result())[3]


def test_where_nothing_is_left_of_the_device_there_is_a_dash() -> None:
    sent = result(time_fs=10**9, stack_fs={"link_serial": 10**9})
    assert printed("stack", sent)[3].split()[-2:] == ["-", "-"]
