"""Ramulator 2's YAML as a device: the presets that it names, as the tool resolves them, with what it changes of them.

References: Ramulator 2.1 c5b1c3a, presets resolved by the tool; its names are nRCD where ours are tRCD.
"""

from collections.abc import Iterator
from typing import Final

from bankside.arch.spec.errors import Complaint, clip
from bankside.arch.spec.foreign import block, leaf, stated
from bankside.arch.spec.node import Node

KEY: Final = "MemorySystem"
PRESETS: Final = {
    ("DDR4_8Gb_x8", "DDR4_2400U"): "ramulator2-ddr4-8gb-x8-2400u",
    ("DDR4_8Gb_x8", "DDR4_3200AA"): "ramulator2-ddr4-8gb-x8-3200aa",
    ("DDR5_16Gb_x8", "DDR5_4800BN"): "ramulator2-ddr5-16gb-x8-4800bn",
    ("GDDR6_8Gb_x16", "GDDR6_14000_1350mV_double"): "ramulator2-gddr6-8gb-x16-14000",
    ("HBM2_8Gb", "HBM2_2000Mbps"): "ramulator2-hbm2-8gb-2000",
    ("HBM2_8Gb", "HBM2_2400Mbps"): "ramulator2-hbm2-8gb-2400",
    ("HBM3_16Gb_8hi", "HBM3_6400Mbps"): "ramulator2-hbm3-16gb-8hi-6400",
    ("HBM4_32Gb_8Hi", "HBM4_8000Mbps"): "ramulator2-hbm4-32gb-8hi-8000",
    ("LPDDR5_16Gb_x16", "LPDDR5_6400"): "ramulator2-lpddr5-16gb-x16-6400",
}
"""Device file of an organisation and a timing preset."""

LEVELS: Final = {
    "channel": "channel", "pseudochannel": "pseudo_channel", "rank": "rank", "bankgroup": "bank_group",
    "bank": "bank", "row": "row",
}  # fmt: skip
RENAMED: Final = {"nCL": "tCL", "nCWL": "tCWL", "nCCDS": "tCCD_S", "nCCDL": "tCCD_L", "nCCDR": "tCCD_R",
                  "nRRDS": "tRRD_S", "nRRDL": "tRRD_L", "nWTRS": "tWTR_S", "nWTRL": "tWTR_L", "nRTPL": "tRTP",
                  "nRFC1": "tRFC", "nRFCSB": "tRFCpb", "nREFISB": "tREFIpb", "nRREFD": "tRREFD"}  # fmt: skip
"""Our names of timings that are not theirs with a t for the n."""


def read_ramulator2(tree: Node, complaints: list[Complaint]) -> Node:
    """The tree of our own device file that says the same."""
    source = f"{tree.at.file}, as Ramulator 2.1 reads it"
    memory = _child(tree, KEY)
    dram = _child(memory, "DRAM")
    if dram is None or not isinstance(dram.value, dict):
        complaints.append(Complaint((memory or tree).place, KEY, "a DRAM is missing."))
        return block({}, tree.at)
    found: dict[str, Node] = {}
    names = {}
    for part, into in (("org", "levels"), ("timing", "timings")):
        said = _child(dram, part)
        preset = _child(said, "preset")
        names[part] = str(preset.value) if preset else ""
        if said is None or preset is None:
            complaints.append(Complaint(dram.place, f"{KEY}.DRAM.{part}", "a preset is missing."))
            continue
        changed = dict(_changes(said, part, complaints))
        if changed:
            found[into] = block(changed, said.place)
    base = PRESETS.get((names["org"], names["timing"]))
    if base is None and all(names.values()):
        known = "; ".join(" with ".join(pair) for pair in PRESETS)
        sentence = (
            f"the presets {clip(names['org'])} with {clip(names['timing'])} are none of those known: {known}."
        )
        complaints.append(Complaint(dram.place, f"{KEY}.DRAM", sentence))
    if base is not None:
        found["extends"] = leaf(base, dram.place)
    return stated(found, tree.at, source)


def _child(node: Node | None, name: str) -> Node | None:
    return node.value.get(name) if node is not None and isinstance(node.value, dict) else None


def _changes(said: Node, part: str, complaints: list[Complaint]) -> Iterator[tuple[str, Node]]:
    """What is said beside the preset, by our names."""
    for key, child in said.children():
        if key == "preset":
            continue
        ours = (
            LEVELS.get(key)
            if part == "org"
            else RENAMED.get(key, f"t{key[1:]}" if key.startswith("n") else None)
        )
        if ours is None or isinstance(child.value, bool) or not isinstance(child.value, int):
            what = "is not understood" if ours is None else "must be a whole number"
            complaints.append(Complaint(child.place, f"{KEY}.DRAM.{part}.{key}", f"{what}."))
            continue
        yield ours, leaf(child.value, child.place)
