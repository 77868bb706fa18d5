"""What a notebook makes of our objects: it asks each for `_repr_html_`, and prints lists by `__repr__`."""

from typing import Any

import pytest
from tests.bankside.sample import result

import bankside as bs
from bankside.arch.machine.machine import load_machine
from bankside.arch.spec import names
from bankside.kernels.catalog.catalog import CATALOG
from bankside.kernels.run.result import Result as Document

SHORT = 160  # characters


@pytest.fixture
def shown_by_rich(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make rich believe that it runs in a notebook; what it shows there by itself."""
    shown: list[str] = []
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    monkeypatch.setattr("rich.jupyter.display", lambda segments, text: shown.append(text))
    return shown


@pytest.fixture
def public() -> list[Any]:
    return [bs.Result(result()), bs.machine("hybrid-3d"), bs.kernel("gemv", m=64, k=64)]


def test_s11_each_object_shows_once(shown_by_rich: list[str], public: list[Any]) -> None:
    for each in public:
        html = each._repr_html_()
        assert html.count("<pre") == html.count("</pre>") == 1
        assert len(html) < 20_000
    assert "Where the cycles go" in str(public[0])
    assert shown_by_rich == []


def test_s11_lists_print_as_one_short_line_for_each(public: list[Any]) -> None:
    assert repr(public) == (
        "[<Result decode-attention model llama-3-8b, context 8192, batch 1, bf16 on hybrid-3d: "
        "12.3 us, 7.50 uJ, bound by dram bandwidth>, "
        "<Machine hybrid-3d: PNM at hbm.vault, stacks 1, cores 16 pe>, "
        "<Kernel gemv: m=64, k=64, batch=1, format=bf16, weights_format=bf16>]"
    )


def test_what_objects_hold_is_short_too(public: list[Any]) -> None:
    _, machine, kernel = public
    assert repr((machine.cores, machine.memories, machine.loaded)) == (
        "({'pe': <Core pe: 16 at hbm.vault>}, {'hbm': <Memory hbm: stacks 1, channels 16>}, "
        f"<MachineSpec hybrid-3d: {len(machine.loaded.sources)} values>)"
    )
    assert repr(kernel.phases) == "(<Phase: 1 x 1 operators>,)"
    assert repr(Document(result())) == "<Result decode-attention on hybrid-3d: 1.235e-05 s>"


def test_s11_every_machine_prints_short() -> None:
    for name in names("machines"):
        line = repr(load_machine(name))
        assert name in line and len(line) < SHORT and "\n" not in line


def test_html_says_what_the_objects_are(public: list[Any]) -> None:
    _, machine, kernel = (each._repr_html_() for each in public)
    for words in ("machine hybrid-3d", "hbm.vault", "1.02 TB/s", "8 GiB", "16 at 1.00 GHz"):
        assert words in machine
    for words in ("kernel gemv", "8.19 kFLOP", "8.45 kB", "bf16"):
        assert words in kernel


def test_what_shows_itself_is_what_is_asked_for() -> None:
    assert bs.machine("aim") == bs.machine("aim")
    assert bs.machine("aim", stacks=32).digest == load_machine("aim").digest
    assert bs.kernel("gemv", m=64, k=64) == bs.kernel("gemv", m=64, k=64)
    assert "gemv" in CATALOG
