import pytest
from tests.arch.spec.sample import MACHINE, Machine

from bankside.arch.spec import Source, from_text, unsourced
from bankside.arch.spec.errors import Complaint
from bankside.arch.spec.provenance import collect, strip
from bankside.arch.spec.reader import read_text


def stripped(text: str) -> tuple[object, dict[str, tuple[object, str | None, str | None, int]], list[str]]:
    complaints: list[Complaint] = []
    node = strip(read_text(text, "f", complaints), complaints)
    sources = {path: (s.value, s.source, s.confidence, s.line) for path, s in collect(node).items()}
    return node.plain(), sources, [str(one) for one in complaints]


def test_the_innermost_statement_holds() -> None:
    data, sources, complaints = stripped("""\
_source: outer
_confidence: read
a: 1
b:
  _source: inner
  c: 2
  d: {value: 3 ns, confidence: computed}
  e: {value: 4, source: own, confidence: recalled}
l: {value: [1, 2], source: list}
n:
  - {name: x, _source: item, v: 5}
  - {name: y, v: 6}
""")
    assert complaints == []
    assert data == {
        "a": 1,
        "b": {"c": 2, "d": "3 ns", "e": 4},
        "l": [1, 2],
        "n": [{"name": "x", "v": 5}, {"name": "y", "v": 6}],
    }
    assert sources == {
        "a": (1, "outer", "read", 3),
        "b.c": (2, "inner", "read", 6),
        "b.d": ("3 ns", "inner", "computed", 7),
        "b.e": (4, "own", "recalled", 8),
        "l": ([1, 2], "list", "read", 9),
        "n.x.name": ("x", "item", "read", 11),
        "n.x.v": (5, "item", "read", 11),
        "n.y.name": ("y", "outer", "read", 12),
        "n.y.v": (6, "outer", "read", 12),
    }


def test_a_block_with_other_keys_is_no_wrapper() -> None:
    data, _, complaints = stripped("{a: {value: 1, unit: s, source: x}}")
    assert data == {"a": {"value": 1, "unit": "s", "source": "x"}} and complaints == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{_source: , a: 1}", "f:1:2: the source must be a text that is not empty."),
        ("{a: {value: 1, source: 3}}", "f:1:16: the source must be a text that is not empty."),
        ("{_confidence: raed}", "f:1:2: 'raed' is not a confidence; did you mean 'read'?"),
        (
            "{_confidence: certain}",
            "f:1:2: 'certain' is not a confidence; known: read, computed, recalled, assumed, fitted.",
        ),
        ("{_confidence: 1}", "f:1:2: the confidence must be a text that is not empty."),
        ("{a: {_sorce: x}}", "f:1:6: unknown key '_sorce'; did you mean '_source'?"),
    ],
)
def test_wrong_statements(text: str, complaint: str) -> None:
    assert stripped(text)[2] == [complaint]


def test_unsourced_lists_numbers_alone() -> None:
    loaded = from_text(MACHINE, Machine)
    assert set(unsourced(loaded)) == {
        "memories.hbm.device.clock",
        "memories.hbm.device.timings.tRC",
        "memories.hbm.device.timings.tRCD",
        "memories.hbm.stacks",
        "dies.logic.area",
        "dies.dram.count",
        "cores.pe.clock",
        "cores.pe.sram.size",
        "cores.pe.sram.banks",
        "cores.pe.matmul.rows",
        "cores.pe.matmul.cols",
    }
    sourced = from_text("_source: a book\n_confidence: read\n" + MACHINE, Machine)
    assert unsourced(sourced) == []
    assert sourced.sources["cores.pe.clock"] == Source("1 GHz", "a book", "read", "<text>", 13)
    assert sourced.digest == loaded.digest and sourced.spec == loaded.spec
