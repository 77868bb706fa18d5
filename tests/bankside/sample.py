"""Results made by hand under the contract `bankside/result/1`, so that reports are tested without a model."""

from typing import Any


def result(name: str = "hybrid-3d", time_fs: int = 12_345_000_000, **changes: Any) -> dict[str, Any]:
    """One result whose blocks agree with each other; `changes` replace top-level blocks."""
    cycles = -(-time_fs // 1_000_000)
    stack = {"dram_data": cycles * 6 // 10, "dram_act_pre": cycles * 3 // 10, "launch": 1}
    stack["compute"] = cycles - sum(stack.values())
    read_byte = 33_554_432
    time_s = time_fs * 1e-15
    parts_j = {
        "activation": 1e-6,
        "array_to_bank": 3e-6,
        "tsv": 1e-6,
        "mac": 2e-6,
        "static": 5e-7,
        "phy": 0.0,
    }
    total_j = sum(parts_j.values())
    full = {
        "schema": "bankside/result/1",
        "kernel": {
            "name": "decode-attention",
            "model": "llama-3-8b",
            "context": 8192,
            "batch": 1,
            "format": "bf16",
        },
        "machine": {
            "name": name,
            "placement": "PNM",
            "tap": "hbm.vault",
            "digest": "0123456789abcdef",
            "stacks": 1,
            "capacity_bytes": 4 * 2**30,
            "dies_mm2": 200.0,
        },
        "time_s": time_s,
        "time_fs": time_fs,
        "cycles": {"count": cycles, "clock_hz": 1e9, "clock": "pe"},
        "work": {
            "flops": 134_217_728,
            "macs": 67_108_864,
            "bytes_min": read_byte,
            "intensity_flop_per_byte": 4.0,
        },
        "ops": [
            {
                "label": "attn.score",
                "count": 1,
                "time_s": 0.6 * time_s,
                "flops": 67_108_864,
                "bytes": read_byte // 2,
                "binding": "dram",
            },
            {
                "label": "attn.context",
                "count": 1,
                "time_s": 0.4 * time_s,
                "flops": 67_108_864,
                "bytes": read_byte // 2,
                "binding": "dram",
            },
        ],
        "bound": {"time_s": 0.6 * time_s, "binding": "dram bandwidth", "fraction": 0.6},
        "cycle_stack": stack,
        "stack_fs": {name: count * 1_000_000 for name, count in stack.items()},
        "bandwidth": {
            "dram": {
                "bytes_read": read_byte,
                "bytes_useful": read_byte,
                "bytes_written": 0,
                "peak_Bps": 4e12,
                "achieved_Bps": read_byte / time_s,
                "utilisation": read_byte / time_s / 4e12,
            },
            "sram": {
                "bytes_read": read_byte,
                "bytes_useful": read_byte,
                "bytes_written": read_byte,
                "peak_Bps": 8e12,
                "achieved_Bps": read_byte / time_s,
                "utilisation": read_byte / time_s / 8e12,
            },
        },
        "energy": {"total_j": total_j, "parts_j": parts_j, "boundary": "whole machine"},
        "power_w": total_j / time_s,
        "area_mm2": {"pe": 12.5},
        "thermal": {
            "peak_c": {"logic": 61.25, "dram": 63.5},
            "density_w_per_mm2": {"max": 0.31, "mean": 0.1, "block": "pe"},
            "refresh_multiplier": 1,
            "feasible": True,
        },
        "mapping": {"split": "heads"},
        "shard": {"count": 1, "bytes": read_byte},
        "placement": {
            "pins_Bps": 1e12,
            "pins_j_per_bit": 3.6e-12,
            "shards": 16,
            "shard_bytes": 2**28,
            "mac_area_ratio": 1.0,
            "mac_energy_ratio": 1.0,
            "capacity_lost": 0.0,
            "headroom_c": 21.5,
        },
        "warnings": ["Temperature by 1-D series resistance."],
        "provenance": {"version": "0.1.0"},
    }
    return {**full, **changes}
