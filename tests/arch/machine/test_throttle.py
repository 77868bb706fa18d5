"""Clocks under a limit of power."""

from bankside.arch.machine.machine import load_machine
from bankside.arch.machine.throttle import FULL, LEAST, fastest, throttled, voltages


def test_cores_on_logic_slow_down_and_those_in_the_memory_do_not() -> None:
    machine = load_machine("attacc-bank")
    assert throttled(machine, FULL) is machine
    half = throttled(machine, FULL // 2)
    assert half.cores["pe"] is machine.cores["pe"]
    assert half.cores["softmax"].spec.clock == machine.cores["softmax"].spec.clock / 2
    assert half.cores["softmax"].period_fs == 2 * machine.cores["softmax"].period_fs
    assert half.spec.cores["softmax"].clock == half.cores["softmax"].spec.clock
    assert set(voltages(machine, FULL // 2)) == {"buffer", "host"}


def test_the_step_is_the_fastest_that_v2f_allows() -> None:
    machine = load_machine("xpu-h100", ["power_limit=350 W"], stacks=10)
    step = fastest(machine, FULL, power_w=1000.0, static_w=100.0)

    def drawn_w(at: int) -> float:
        volt = voltages(machine, at)["gpu"]
        return 100 * volt + 900 * volt**2 * at / FULL

    assert drawn_w(step) <= 700 < drawn_w(step + 1)
    assert fastest(machine, step, 699.0, 100.0) == step - 1
    assert fastest(machine, FULL, 1e6, 100.0) == 0 == fastest(machine, LEAST, 701.0, 100.0)
