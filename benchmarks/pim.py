"""Speed of PIM programs, warm, one thread: a 64-channel GEMV with every channel simulated, and AttAcc's attention.

Budget: 10 M channel-cycles/s (Samsung's PIMSimulator: 0.31 M on the same kernel). Run `python benchmarks/pim.py`.
"""

import sys
import time

from bankside.arch.dram.channel.pim.program import Entries, commands
from bankside.arch.dram.channel.pim.run import AHEAD, FENCED, Controller, run_programs
from bankside.arch.dram.device.device import DeviceSpec
from bankside.arch.dram.device.standard import Standard, compile_standard
from bankside.arch.spec import load
from bankside.kernels.lower.pim.attention_commands import Shape, attention_program
from bankside.kernels.lower.pim.placement import PLACEMENTS, place
from bankside.unit.pim import gemv_program

CHANNELS, TRIES = 64, 20


def best_s(standard: Standard, program: Entries, controller: Controller, channels: int) -> tuple[float, int]:
    """Least process time of `channels` channels one after the other [s], and the slots of one."""
    slots = run_programs(standard, [program], controller).slots
    spent = []
    for _ in range(TRIES):
        start = time.process_time()
        for _ in range(channels):
            run_programs(standard, [program], controller)
        spent.append(time.process_time() - start)
    return min(spent), slots


def main() -> None:
    """Print a line for each kernel."""
    device = load("pimsimulator-hbm2-2m-16b-x64", "devices", DeviceSpec).spec
    standard = compile_standard(device, "bank_pair")
    program = gemv_program(standard, 4096, 4096, CHANNELS, 2)
    seconds, slots = best_s(standard, program, Controller(FENCED, 64, 2), CHANNELS)
    rate = CHANNELS * slots / seconds / 1e6
    sys.stdout.write(
        f"GEMV 4096 x 4096, {CHANNELS} channels, fold off: {seconds * 1e3:.0f} ms, {rate:.1f} M channel-cycles/s\n"
    )
    device = load("attacc-hbm3-5200", "devices", DeviceSpec).spec
    for name, scope in PLACEMENTS.items():
        standard = compile_standard(device, scope)
        program, _ = attention_program(standard, place(standard, name), Shape(2048, 128), 9)
        seconds, slots = best_s(standard, program, Controller(AHEAD, 33), 1)
        sys.stdout.write(
            f"attention of 9 heads a channel, {name}: {seconds * 1e3:.1f} ms, {slots / seconds / 1e6:.1f} M cycles/s, "
            f"{commands(program) / seconds / 1e6:.2f} M commands/s\n"
        )


if __name__ == "__main__":
    main()
