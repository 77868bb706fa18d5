"""Cells of a case of the unit `systolic`."""

from typing import Final

from bankside.arch.pe.systolic import bus
from bankside.arch.pe.systolic.fold import DATAFLOWS, OS, WS, ceil_div
from bankside.unit.cases.reader import Reader

CONVENTIONS: Final = ("physical", "scalesim", "stonne")
REPRESENTATIONS: Final = ("ellpack_block", "csr", "csc")
SRAMS: Final = ("ifmap", "filter", "ofmap")
MAX_EXTENT, MAX_PES, MAX_WORK = 1 << 31, 65536, 1 << 62
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
        self.m, self.n, self.k = (read.whole(name, 1, MAX_EXTENT) for name in ("M", "N", "K"))
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
        self.shared_input = read.flag("shared_input", False)
        user = self.user_bandwidth and self.convention == "scalesim"
        self.user_words = tuple(read.whole(f"bw_{name}", 1, 1 << 31) for name in SRAMS) if user else ()
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
        if self.convention == "physical":
            self._check_sram(read)
            self._check_blocks(read)

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
        for name, words in zip(SRAMS, needed, strict=True):
            held = self.sram_byte.get(name, words * copies)
            if held < words * copies:
                tile = "one tile and its double buffer" if copies == 2 else "one tile"
                read.complain(
                    f"{name}_sram_kB holds {held} words, fewer than the {words * copies} of {tile}.",
                    f"{name}_sram_kB",
                )

    def _demand_sram(self, read: Reader, reason: str) -> None:
        for name in SRAMS:
            if name not in self.sram_byte:
                read.complain(f"{name}_sram_kB is missing; {reason} needs the size of all three SRAMs.")

    def numbers(self) -> list[int]:
        """Row of `scalesim.batch`."""
        shape = [self.dataflow, self.rows, self.cols, self.m, self.n, self.k]
        return [*shape, self.keep, self.group, self.block]


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
