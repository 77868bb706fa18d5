"""Cells of a case of the unit `systolic`."""

import re
from typing import Final

from bankside.arch.pe.systolic.fold import DATAFLOWS, OS, WS, ceil_div, spatial
from bankside.arch.spec.errors import clip
from bankside.cases.reader import Reader
from bankside.peers.operand_srams import bus
from bankside.peers.operand_srams.convolution import Convolution
from bankside.peers.scalesim import fold_cycles

CONVENTIONS: Final = ("physical", "scalesim", "stonne")
REPRESENTATIONS: Final = ("ellpack_block", "csr", "csc")
SRAMS: Final = ("ifmap", "filter", "ofmap")
MAX_EXTENT, MAX_PES, MAX_WORK = 1 << 31, 65536, 1 << 62
USER_WORDS = 1 << 25  # of an operand, as far as the USER mode is walked through
USER_DEMANDS = 1 << 32  # at the array's edges
MAX_FOLDS, MAX_LINES = 1 << 20, 1 << 27  # of a convolution behind a bus, whose folds bring different words
MAX_BLOCKS, MAX_VISITS = (
    1 << 24,
    1 << 32,
)  # of row-wise sparsity: drawn one by one, and walked through in seconds


class SystolicCase:
    """The checked cells of one row."""

    def __init__(self, read: Reader) -> None:
        self.convention = read.choice("convention", CONVENTIONS, convention_of(read.text("peer")))
        word = read.text("dataflow")
        if word.startswith("os "):  # STONNE's rows name the variant behind the dataflow
            read.case = {**read.case, "dataflow": "os"}
        self.dataflow = DATAFLOWS.index(read.choice("dataflow", DATAFLOWS))
        self.rows = read.whole("rows", 1, MAX_PES)
        self.cols = read.whole("cols", 1, MAX_PES)
        self.place = read.place
        self.convolution = convolution_of(read)
        implied = self.convolution and {"M": self.convolution.pixels, "K": self.convolution.window}
        self.m, self.n, self.k = (
            read.whole(name, 1, MAX_EXTENT, (implied or {}).get(name)) for name in ("M", "N", "K")
        )
        if implied and implied != {"M": self.m, "K": self.k}:
            read.complain(
                f"the convolution has M = {implied['M']} pixels and K = {implied['K']} words in a window, but the case "
                f"says M = {self.m} and K = {self.k}.",
                "convolution",
            )
        self.shadow = read.flag("shadow", False)
        self.arrays = read.whole("arrays", 1, MAX_PES, 1)
        self.sparse = read.text("sparsity") not in ("", "dense", "none")
        self.keep, self.group = pattern_of(read) if self.sparse else (1, 1)
        self.representation = read.choice("sparse_rep", REPRESENTATIONS, "ellpack_block")
        self.seed = read.whole("seed", 0, 1 << 62, 0)
        rowwise = read.flag("optimized_mapping", False)
        self.block = read.whole("block_size", 2, 1 << 16, 4) if rowwise else 0
        self.sram_byte = {
            name: 1024 * read.whole(f"{name}_sram_kB", 1, 1 << 40, 0)
            for name in SRAMS
            if read.text(f"{name}_sram_kB")
        }
        self.user_bandwidth = read.choice("bw_mode", ("calc", "user"), "calc") == "user"
        user = self.user_bandwidth and self.convention == "scalesim"
        ports = [read.whole(f"bw_{name}", 1, 1 << 31) if user else 0 for name in SRAMS]
        self.user_words = ports[0], ports[1], ports[2]
        self.network_words = read.whole("dn_bw", 1, 1 << 31, 1 << 31)
        self.ports = tuple(read.whole(f"{name}_port", 0, 1 << 31, 0) for name in SRAMS)
        self.words_per_cycle = read.real("bandwidth", 1e-6, 1e12, 0.0)
        self.double_buffer = read.flag("double_buffer", True)
        if rowwise and self.dataflow != WS and self.convention == "scalesim":
            read.complain("SCALE-Sim's optimized_mapping exists for the ws dataflow alone.")
        if self.convention == "stonne" and self.dataflow != OS:
            read.complain("The stonne convention describes an os mesh; dataflow must be os.")
        if self.m * self.n * self.k * (2 * self.rows + self.cols) >= MAX_WORK:
            read.complain(f"M x N x K = {self.m} x {self.n} x {self.k} is too large to count in 64 bits.")
        if user:
            self._demand_sram(read, "the USER mode")
            self._check_user(read)
        if self.convention == "physical":
            self._check_sram(read)
            self._check_blocks(read)

    @property
    def shares_input(self) -> bool:
        """Whether windows of the convolution overlap."""
        shape = self.convolution
        return shape is not None and (shape.rows > shape.down or shape.cols > shape.across)

    def _check_user(self, read: Reader) -> None:
        shape = self.convolution or Convolution(0, 0, 0, 0, 0, 1, 1)
        words = max(self.m * self.k, self.n * self.k, shape.height * shape.width * shape.channels)
        x, y, streamed = spatial(self.dataflow, self.m, self.n, self.k)
        period = fold_cycles(self.dataflow, self.rows, self.cols, streamed)
        folds = ceil_div(x, self.rows) * ceil_div(y, self.cols)
        demands = folds * period * (self.rows + 2 * self.cols)
        if self.sparse:
            read.complain("The USER mode is modelled for dense weights; CALC takes sparse ones.", "bw_mode")
        elif words > USER_WORDS or demands > USER_DEMANDS:
            read.complain(
                f"The USER mode is walked through word by word, up to {USER_WORDS} words of an operand and "
                f"{USER_DEMANDS} demands; here are {words} and {demands}. CALC has no such limit.",
                "bw_mode",
            )

    def _check_blocks(self, read: Reader) -> None:
        blocks = self.n * ceil_div(self.k, self.block) if self.block else 0
        visits = blocks * (ceil_div(self.m, self.rows) if self.dataflow == OS else 1)
        if blocks > MAX_BLOCKS or visits > MAX_VISITS:
            read.complain(
                f"Row-wise sparsity is modelled up to {MAX_BLOCKS} blocks of weights that are visited {MAX_VISITS} "
                f"times in all; here {blocks} blocks are visited {visits} times."
            )

    def _check_sram(self, read: Reader) -> None:
        if any(self.ports) and (self.words_per_cycle > 0 or self.block > 0):
            read.complain("Port widths are modelled without a bandwidth and without row-wise sparsity.")
        if self.arrays > 1 and (self.words_per_cycle > 0 or self.block > 0):
            read.complain("Several arrays are modelled without a bandwidth and without row-wise sparsity.")
        if self.words_per_cycle > 0 and self.block > 0:
            read.complain("A bandwidth is modelled without row-wise sparsity.")
        if self.words_per_cycle > 0:
            self._demand_sram(read, "a bandwidth")
        needed = bus.needed_words(self.dataflow, self.rows, self.cols, self.m, self.n, self.k)
        copies = 2 if self.words_per_cycle > 0 and self.double_buffer else 1
        if self.convolution and self.words_per_cycle > 0:
            self._check_convolution(read)
        for name, words in zip(SRAMS, needed, strict=True):
            held = self.sram_byte.get(name, words * copies)
            if held < words * copies:
                tile = "one tile and its double buffer" if copies == 2 else "one tile"
                read.complain(
                    f"{name}_sram_kB holds {held} words, fewer than the {words * copies} of {tile}.",
                    f"{name}_sram_kB",
                )

    def _check_convolution(self, read: Reader) -> None:
        x, y, _ = spatial(self.dataflow, self.m, self.n, self.k)
        folds = ceil_div(x, self.rows) * ceil_div(y, self.cols)
        shape = self.convolution
        assert shape is not None
        if self.sparse:
            read.complain("Behind a bandwidth convolutions are modelled with dense weights.", "sparsity")
        elif folds > MAX_FOLDS or folds * (shape.height + shape.width) > MAX_LINES:
            read.complain(
                f"Behind a bandwidth a convolution is walked through fold by fold, up to {MAX_FOLDS} folds and "
                f"{MAX_LINES} rows and columns of input; here are {folds} and {folds * (shape.height + shape.width)}.",
                "convolution",
            )

    def _demand_sram(self, read: Reader, reason: str) -> None:
        for name in SRAMS:
            if name not in self.sram_byte:
                read.complain(f"{name}_sram_kB is missing; {reason} needs the size of all three SRAMs.")

    def numbers(self) -> list[int]:
        """Row of `scalesim.batch`."""
        shape = [self.dataflow, self.rows, self.cols, self.m, self.n, self.k]
        return [*shape, self.keep, self.group, self.block]


def convolution_of(read: Reader) -> Convolution | None:
    """The cell `convolution`: height, width, filter rows, filter columns, channels, stride down, stride across."""
    word = read.text("convolution")
    if not word:
        return None
    numbers = word.split()
    if len(numbers) != 7 or not all(
        re.fullmatch("[0-9]{1,10}", number) and int(number) for number in numbers
    ):
        read.complain(
            "convolution must be seven whole numbers of at least 1 (height, width, filter height, filter width, "
            f"channels, stride down, stride across), not {clip(word)!r}.",
            "convolution",
        )
        return None
    shape = Convolution(*(int(number) for number in numbers))
    if shape.rows > shape.height or shape.cols > shape.width:
        read.complain(
            f"the filter of {shape.rows} x {shape.cols} is larger than the input of {shape.height} x {shape.width}.",
            "convolution",
        )
        return None
    return shape


def convention_of(peer: str) -> str:
    peer = peer.lower()
    return "scalesim" if "scale-sim" in peer else "stonne" if "stonne" in peer else "physical"


def pattern_of(read: Reader) -> tuple[int, int]:
    word = read.text("sparsity")
    keep, _, group = word.partition(":")
    if keep.isdecimal() and group.isdecimal() and 1 <= int(keep) <= int(group) <= 1024:
        return int(keep), int(group)
    read.complain(f"sparsity must be n:m with 1 <= n <= m <= 1024, such as 2:4, not {word!r}.", "sparsity")
    return 1, 1
