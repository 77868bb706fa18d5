"""Cases of the fuzzer: a shipped or small sound file of every kind, mutated, and a command that reads it."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
from safetensors.numpy import save
from tests.arch.dram.device.foreign_files import DRAMSIM3, ini, ramulator2
from tests.arch.dram.device.foreign_files import PIM as PIM_INI
from tests.fuzz.mutate import edited_bytes, mutated

from bankside.arch.dram.device.foreign.ramulator2 import PRESETS
from bankside.arch.spec import names, path_of
from bankside.validation.claims import FOLDER

BYTES = "latin-1"
"""The encoding whose characters are bytes."""
PRODUCTS = "Layer, M, N, K,\nq, 40, 64, 128,\ns, 8, 8, 64,\n"
CONVOLUTIONS = (
    "Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides,\n"
    "c1, 20, 18, 3, 3, 4, 8, 1,\nc2_DP, 12, 12, 3, 3, 8, 1, 2,\n"
)
CONFIG = """[general]
run_name = run
[architecture_presets]
ArrayHeight:    8
ArrayWidth:     4
IfmapSramSzkB:  4
FilterSramSzkB: 4
OfmapSramSzkB:  4
Dataflow : ws
Bandwidth : 10
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 4
FilterSRAMBankBandwidth: 4
[sparsity]
SparsitySupport: false
BlockSize: 4
[run_presets]
InterfaceBandwidth: USER
UseRamulatorTrace: False
"""
SYSTOLIC = (
    "dataflow,rows,cols,M,N,K,convention,shadow,bandwidth,ifmap_sram_kB,filter_sram_kB,ofmap_sram_kB,sparsity,convolution\n"
    "ws,8,8,20,17,33,physical,true,2,4,4,4,,\nos,4,16,64,64,64,scalesim,,,64,64,64,2:4,\n"
    "is,8,8,,16,,physical,false,4,64,64,64,,12 12 3 3 4 1 1\n"
)
DRAM = (
    "device,scheduler,stream,refresh,max_outstanding,n_req\n"
    "ddr4-2400,frfcfs,rand_mix33_s3,on,0,300\nhbm3,per-bank,seq_rd_bgint,off,4,200\n"
)
SRAM = "accesses,banks,stride,granule,ports,random,samples,seed\n32,16,3,1,1,,,\n16,8,,,2,true,100,1\n"
PIM = (
    "workload,channels,refresh,L,nhead,dhead,dbyte,pim_type,power_constraint\n"
    "GEMV 256x256 FP16,64,on,,,,,,\n,,on,256,4,128,2,BA,true\n"
)
TRACES = {
    "ramulator-loadstore": "LD 0x12345680\nST 4096\nLD 64\nLD 8192\nST 0x40000\n",
    "ramulator-readwrite": "R 0,0,2,1,100,3\nW 0,0,1,1,7,5\nR 0,0,2,1,100,4\n",
    "dramsim3": "0x12345680 READ 0\n0x40 WRITE 12\n0x12345690 READ 100\n0x80 READ 4000\n",
}
SWEEP = (
    "description: small\nkernel: gemv\noptions:\n  m: [64, 128]\n  k: [128]\n  format: bf16\nmachines: [base-die]\n"
    "vary: {cores.pe.clock: [1 GHz, 1.2 GHz]}\nset: [place.kv=hbm]\nstacks: 1\nfold: true\nduty: 0.5\n"
)
PINS = (
    "operators:\n  - {operator: gemm, core: pe, split: {batch: 1, m: 1, n: 16, k: 1}, cores: {batch: 1, m: 1, n: 1},\n"
    "     tile: {m: 64, n: 16, k: 128}, order: nk, unit: matrix}\n"
)
KERNELS = (
    ["gemv", "--m", "256", "--k", "512"],
    ["gemm", "--m", "32", "--n", "128", "--k", "256"],
    ["decode-attention", "--heads", "8", "--kv-heads", "2", "--head-dim", "64", "--context", "128"],
    ["softmax", "--rows", "16", "--cols", "256"],
)


@dataclass(frozen=True)
class Case:
    """A file, its text, and the command that reads it; FILE and FOLDER in the words stand for their paths."""

    kind: str
    name: str
    text: str
    words: list[str]
    encoding: str = "utf-8"

    @property
    def binary(self) -> bool:
        """Whether the characters of the text are bytes."""
        return self.encoding == BYTES


@cache
def _shipped(kind: str) -> dict[str, str]:
    return {name: path_of(name, kind).read_text(encoding="utf-8") for name in names(kind)}


def _machine(r: random.Random) -> Case:
    text = r.choice(list(_shipped("machines").values()))
    words = r.choice(
        [["show", "machine", "FILE"], *[["run", *kernel, "--machine", "FILE"] for kernel in KERNELS]]
    )
    return Case("machine", "m.yaml", text, words)


def _device(r: random.Random) -> Case:
    text = r.choice(list(_shipped("devices").values()))
    stream = r.choice(["rand_mix33_s3", "seq_rd_bgint", "idle_newbank_i512"])
    words = r.choice(
        [
            ["show", "device", "FILE"],
            ["unit", "dram", "--device", "FILE", "--stream", stream, "--n-req", "200"],
            ["run", *KERNELS[0], "--machine", "base-die", "--set", "memories.hbm.device=FILE"],
            ["run", *KERNELS[0], "--machine", "hbf-pnm", "--set", "memories.hbf.flash=FILE"],
        ]
    )
    return Case("device", "d.yaml", text, words)


def _foreign(r: random.Random) -> Case:
    name, text = r.choice(_foreign_texts())
    words = r.choice(
        [
            ["show", "device", "FILE"],
            ["unit", "dram", "--device", "FILE", "--stream", "rand_mix33_s3", "--n-req", "200"],
            ["run", *KERNELS[0], "--machine", "xpu-a100", "--set", "memories.hbm.device=FILE"],
        ]
    )
    return Case("foreign device", name, text, words)


@cache
def _foreign_texts() -> list[tuple[str, str]]:
    of_ramulator = [("d.yaml", ramulator2(*presets)) for presets in PRESETS]
    return [*[("d.ini", ini(name)) for name in DRAMSIM3], *[("d.ini", PIM_INI)] * 5, *of_ramulator]


def _model(r: random.Random) -> Case:
    text = r.choice(_models())
    words = r.choice(
        [
            ["show", "model", "FILE", "--json", "-"],
            ["run", "layer", "--model", "FILE", "--context", "64", "--machine", "xpu-h100", "--stacks", "40"],
        ]
    )
    return Case("model", "m.json", text, words)


@cache
def _models() -> list[str]:
    paths = (FOLDER / "checkpoints" / "models").glob("*.json")
    return [path.read_text(encoding="utf-8") for path in sorted(paths)]


def _process(r: random.Random) -> Case:
    name = r.choice([name for name in _shipped("technology") if name != "packaging"])
    die = "dies.dram.process" if name.startswith("dram") else "dies.base.process"
    words = ["run", *r.choice(KERNELS), "--machine", "base-die", "--set", f"{die}=FILE"]
    return Case("process", "p.yaml", _shipped("technology")[name], words)


def _cases(kind: str, unit: str, text: str) -> Callable[[random.Random], Case]:
    words = ["unit", unit, "--cases", "FILE", "--json", "-", "--out", "FOLDER/out.csv"]
    return lambda r: Case(kind, "cases.csv", text, words)


def _topology(r: random.Random) -> Case:
    array = ["--dataflow", r.choice(["ws", "os", "is"]), "--rows", "8", "--cols", "4"]
    srams = [word for name in ("ifmap", "filter", "ofmap") for word in (f"--{name}-sram-kB", "64")]
    more = r.choice([["--convention", "scalesim"], ["--bandwidth", "4", *srams]])
    words = ["unit", "systolic", "--topology", "FILE", *array, *more]
    return Case("topology", "t.csv", r.choice([PRODUCTS, CONVOLUTIONS]), words)


def _config(r: random.Random) -> Case:
    sizes = r.choice(
        [["--M", "20", "--N", "8", "--K", "36"], ["--N", "8", "--convolution", "12 12 3 3 4 1 1"]]
    )
    return Case("config", "run.cfg", CONFIG, ["unit", "systolic", "--config", "FILE", *sizes])


def _trace(r: random.Random) -> Case:
    form = r.choice(list(TRACES))
    words = [
        "trace",
        "FILE",
        "--device",
        r.choice(["ddr4-2400", "hbm3", "lpddr5", "gddr6"]),
        "--format",
        form,
    ]
    words += ["--scheduler", r.choice(["frfcfs", "per-bank"]), *r.choice([[], ["--wrap"]])]
    return Case("trace", "t.trace", TRACES[form], words)


def _sweep(r: random.Random) -> Case:
    return Case("sweep", "s.yaml", SWEEP, ["sweep", "FILE", "--store", "FOLDER/store.csv"])


def _npy(r: random.Random) -> Case:
    dtype = r.choice(["<f4", "<f2", "<f8", "<i1", "|b1"])
    stream = BytesIO()
    np.save(stream, (np.arange(64).reshape(4, 16) % 7 - 3).astype(dtype))
    return _tensor(r, "w.npy", stream.getvalue())


def _safetensors(r: random.Random) -> Case:
    numbers = (np.arange(64).reshape(4, 16) % 7 - 3).astype(r.choice(["f4", "f2", "i1", "u2"]))
    if numbers.dtype.kind == "u":
        numbers &= 0x3FFF
        header = {"w": {"dtype": "BF16", "shape": [4, 16], "data_offsets": [0, 128]}}
        told = json.dumps(header).encode()
        return _tensor(r, "w.safetensors", len(told).to_bytes(8, "little") + told + numbers.tobytes())
    return _tensor(r, "w.safetensors", save({"w": numbers}))


def _tensor(r: random.Random, name: str, content: bytes) -> Case:
    words = r.choice(
        [
            ["unit", "format", "--format", r.choice(["int4_g16", "mxfp4", "bf16", "bf16_2:4"])],
            ["unit", "sparsity", "--encoding", r.choice(["csr", "bitmap", "rle"]), "--bits", "8"],
        ]
    )
    kind = name.partition(".")[2]
    return Case(kind, name, content.decode(BYTES), [*words, "--tensor", "FILE", "--json", "-"], BYTES)


def _pins(r: random.Random) -> Case:
    words = [
        "run",
        "gemm",
        "--m",
        "64",
        "--n",
        "256",
        "--k",
        "512",
        "--machine",
        "hybrid-3d",
        "--mapping",
        "FILE",
    ]
    return Case("pins", "pins.yaml", PINS, words)


KINDS: tuple[tuple[int, Callable[[random.Random], Case]], ...] = (
    (6, _machine), (6, _device), (2, _foreign), (5, _model), (2, _process), (2, _sweep), (2, _pins), (4, _trace),
    (3, _topology), (3, _config),
    (3, _cases("systolic cases", "systolic", SYSTOLIC)), (3, _cases("dram cases", "dram", DRAM)),
    (2, _npy), (2, _safetensors), (1, _cases("sram cases", "sram", SRAM)), (2, _cases("pim cases", "pim", PIM)),
)  # fmt: skip
"""How often each kind comes, and its maker."""


def sound(seed: int) -> Case:
    """A case as it is before its mutation."""
    r = random.Random(seed)
    return r.choices([make for _, make in KINDS], [often for often, _ in KINDS])[0](r)


def case(seed: int) -> Case:
    """The mutated case of a seed."""
    before = sound(seed)
    edit = edited_bytes if before.binary else mutated
    return replace(before, text=edit(before.text, random.Random(f"edit {seed}")))


def written(each: Case, folder: Path) -> list[str]:
    """The words of a case whose file stands in `folder`."""
    path = folder / each.name
    path.write_bytes(each.text.encode(each.encoding))
    for left in ("store.csv", "out.csv"):
        (folder / left).unlink(missing_ok=True)
    return [word.replace("FILE", str(path)).replace("FOLDER", str(folder)) for word in each.words]
