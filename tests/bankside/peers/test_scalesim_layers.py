"""Topologies as SCALE-Sim reads them: by position; what changes the work is obeyed or refused."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bankside.arch.spec import ConfigError
from bankside.peers.scalesim_layers import read_topology
from bankside.unit import systolic

TITLES = "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,"
LAYER = "c1, 20, 18, 3, 2, 8, 5, 2,"
SIZES = {"layer": "c1", "M": str(10 * 9), "N": "5", "K": str(3 * 2 * 8), "convolution": "20 18 3 2 8 2 2"}


def layers(folder: Path, text: str) -> list[dict[str, str]]:
    path = folder / "t.csv"
    path.write_text(text)
    return [dict(layer) for layer in read_topology(path)]


def sentences(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        layers(folder, text)
    return [sentence.removeprefix(str(folder / "t.csv")) for sentence in caught.value.errors]


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLES}\n{LAYER}\n",
        f"{TITLES}\r\n\r\n{LAYER}",
        TITLES.replace("IFMAP Height", "IFMAP Width") + f"\n{LAYER}",
        TITLES.lower().replace("num filter", "number of filters") + f"\n{LAYER}",
        f"Layer,\n{LAYER}",
        LAYER,
        LAYER.removesuffix(","),
        f"{TITLES}\n{LAYER}#dw",
        f"{TITLES}\n{LAYER}".replace(", ", "\t").replace(",", ""),
        f"{TITLES}\n{LAYER}".replace(", ", ",\t"),
        f"{TITLES}Batch Size, Padding,\n{LAYER}1,0,",
        TITLES.replace("Strides", "Stride height, Stride width") + f"\n{LAYER}2,",
    ],
)
def test_values_are_told_by_their_position(tmp_path: Path, text: str) -> None:
    assert layers(tmp_path, text) == [SIZES]


def test_a_stride_across_of_its_own(tmp_path: Path) -> None:
    text = TITLES.replace("Strides", "Stride height, Stride width") + f"\n{LAYER}5,"
    assert layers(tmp_path, text) == [SIZES | {"M": str(10 * 5), "convolution": "20 18 3 2 8 2 5"}]


@pytest.mark.parametrize(
    "text", ["Layer, M, N, K,\nq, 12, 8, 64,\n", "q\t12\t8\t64\n", "x, rows, y, z\nq,12,8,64"]
)
def test_three_sizes_are_a_product(tmp_path: Path, text: str) -> None:
    assert layers(tmp_path, text) == [{"layer": "q", "M": "12", "N": "8", "K": "64"}]


def test_sparsity_stands_behind_the_sizes(tmp_path: Path) -> None:
    assert layers(tmp_path, "Layer, M, N, K, Sparsity,\nq, 8, 8, 8, 2:4,")[0]["sparsity"] == "2:4"
    assert layers(tmp_path, f"{TITLES}\n{LAYER}1:4,") == [SIZES | {"sparsity": "1:4"}]


def test_depthwise_names_are_a_layer_for_each_channel(tmp_path: Path) -> None:
    found = layers(tmp_path, f"{TITLES}\nConv2_DP, 112, 112, 3, 3, 32, 1, 1,")
    assert [layer["layer"] for layer in found] == [f"Conv2_DPChannel_{i}" for i in range(32)]
    assert {layer["convolution"] for layer in found} == {"112 112 3 3 1 1 1"}
    case = {
        "dataflow": "ws",
        "rows": 32,
        "cols": 32,
        "convention": "scalesim",
        "topology": tmp_path / "t.csv",
    }
    total = systolic.run_case(case)
    assert (total["layers"], total["total_cycles"]) == (32, 32 * (2 * 32 + 32 + 110 * 110 - 2 - 1))
    assert total["total_cycles"] == 390_176


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", [": The file is empty."]),
        (
            "Layer, M, N, K,\na, 0, 2, x,\nb, 1,\n",
            [
                ":2: M must be a whole number of at least 1, not '0'.",
                ":2: K must be a whole number of at least 1, not 'x'.",
                ":3: N must be a whole number of at least 1, not ''.",
                ":3: K must be a whole number of at least 1, not ''.",
            ],
        ),
        (
            f"{TITLES}\nc, 4, 4, 1, 5, 1, 1, 1,\nd, 4, 4, 1, 1, 1, 1,",
            [
                ":2: Filter Width 5 is larger than IFMAP Width 4.",
                ":3: Strides must be a whole number of at least 1, not ''.",
            ],
        ),
        (
            TITLES.replace("Strides", "Stride height, Stride width") + f"\n{LAYER}0,",
            [":2: Stride width must be a whole number of at least 1, not '0'."],
        ),
        (
            f"{TITLES}\nconv_DP, 4, 4, 1, 1, 999999999, 1, 1,",
            [":2: conv_DP has 999999999 channels, each a layer; 65536 can be."],
        ),
    ],
)
def test_wrong_values_are_sentences(tmp_path: Path, text: str, told: list[str]) -> None:
    assert sentences(tmp_path, text) == told


@pytest.mark.parametrize(
    ("title", "value", "name"),
    [
        ("Batch Size,", "8,", "Batch Size"),
        ("Padding,", "1,", "Padding"),
        ("", "2,", "value 8"),
        ("Dilation,", "2", "D"),
    ],
)
def test_a_column_that_changes_the_work_is_refused(tmp_path: Path, title: str, value: str, name: str) -> None:
    (sentence,) = sentences(tmp_path, f"{TITLES}{title}\n{LAYER}{value}")
    assert sentence.startswith(f":2: {name}")
    assert "which is not read here" in sentence


def test_a_second_integer_behind_a_product_is_refused(tmp_path: Path) -> None:
    (sentence,) = sentences(tmp_path, "Layer, M, N, K, Batch,\nq, 8, 8, 8, 32,")
    assert sentence.startswith(":2: Batch is '32'")


@dataclass(frozen=True)
class Written:
    """A layer as a line states it: name, sizes, stride across where it has its own, sparsity where it has one."""

    name: str
    sizes: tuple[int, ...]
    across: int | None
    sparsity: str | None

    @property
    def layers(self) -> list[tuple[str, int, int, int]]:
        """Name, M, N, K of each of its layers; a last window that begins inside and ends outside counts."""
        if len(self.sizes) == 3:
            return [(self.name, *self.sizes)]
        height, width, rows, cols, channels, filters, down = self.sizes
        across = self.across or down
        windows = len(range(0, height - rows + down, down)) * len(range(0, width - cols + across, across))
        apart = channels if "DP" in self.name else 1
        names = [f"{self.name}Channel_{n}" for n in range(apart)] if "DP" in self.name else [self.name]
        return [(name, windows, filters, rows * cols * (channels // apart)) for name in names]


@st.composite
def topologies(draw: st.DrawFn) -> tuple[str, list[Written]]:
    """The text of a topology by SCALE-Sim's rules, and what it says."""
    products = draw(st.booleans())
    own_stride = not products and draw(st.booleans())
    sparse = draw(st.booleans())
    lines: list[list[str]] = []
    written = []
    for number in range(draw(st.integers(1, 4))):
        name = f"{draw(st.sampled_from(['Conv', 'fc ', 'Conv_DP', 'a.b-c', 'DPx']))}{number}"
        if products:
            sizes = tuple(draw(st.integers(1, 40)) for _ in range(3))
        else:
            rows, cols = draw(st.integers(1, 4)), draw(st.integers(1, 4))
            sizes = (
                rows + draw(st.integers(0, 12)), cols + draw(st.integers(0, 12)), rows, cols,
                draw(st.integers(1, 5)), draw(st.integers(1, 20)), draw(st.integers(1, 3)),
            )  # fmt: skip
        across = draw(st.integers(1, 3)) if own_stride else None
        sparsity = draw(st.sampled_from(["1:4", "2:4"])) if sparse else None
        written.append(Written(name.strip() if products else name, sizes, across, sparsity))
        cells = [
            name,
            *map(str, sizes),
            *([str(across)] if own_stride else []),
            *([sparsity] if sparsity else []),
        ]
        lines.append(cells)
    titles = ["Layer", *("MNK" if products else TITLES.removesuffix(",").split(", ")[1:])]
    if own_stride:
        titles += ["Stride Width"]
    if not products and draw(st.booleans()):
        titles[2] = titles[1]  # SCALE-Sim's own files say a title twice
    if draw(st.booleans()) or own_stride:
        lines.insert(0, [*titles, *(["Sparsity"] if sparse else [])])
    between = draw(st.sampled_from([",", ", ", "\t", ",\t", " , "]))
    last = draw(st.sampled_from(["", ",", ", "])) if between != "\t" else ""
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n", ",\n" if last == "" and between != "\t" else "\n"]))
    return end.join(between.join(cells) + last for cells in lines) + draw(
        st.sampled_from(["", "\n"])
    ), written


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(topologies(), st.sampled_from(["ws", "os", "is"]))
def test_topologies_by_all_rules_are_read_and_their_totals_are_the_hand_formulas(
    tmp_path: Path, topology: tuple[str, list[Written]], dataflow: str
) -> None:
    text, written = topology
    found = layers(tmp_path, text)
    wanted = [layer for each in written for layer in each.layers]
    assert [(each["layer"], int(each["M"]), int(each["N"]), int(each["K"])) for each in found] == wanted
    assert [each.get("sparsity") for each in found] == [
        each.sparsity for each in written for _ in each.layers
    ]
    if not any(each.sparsity for each in written):
        rows, cols = 4, 3
        case = {"dataflow": dataflow, "rows": rows, "cols": cols, "convention": "scalesim"}
        total = systolic.run_case(case | {"topology": tmp_path / "t.csv"})["total_cycles"]
        assert total == sum(hand_cycles(dataflow, rows, cols, m, n, k) for _, m, n, k in wanted)


def hand_cycles(dataflow: str, rows: int, cols: int, m: int, n: int, k: int) -> int:
    """SCALE-Sim 3 without memory: folds of R + C + T - 2 cycles, R more to load what is stationary; from cycle 0."""
    down, across, stream = {"ws": (k, n, m), "os": (m, n, k), "is": (k, m, n)}[dataflow]
    fold = rows + cols + stream - 2 + (0 if dataflow == "os" else rows)
    return -(-down // rows) * -(-across // cols) * fold - 1


def test_titles_alone_are_no_topology(tmp_path: Path) -> None:
    assert sentences(tmp_path, f"{TITLES}\n\n") == [": The file lists no layer."]
