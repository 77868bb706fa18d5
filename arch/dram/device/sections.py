"""The sections of a DRAM device file: a standard as data (levels, timings, constraints, refresh, PIM, energy).

Nothing in the file is evaluated: a latency is a list whose items are summed, each the name of a timing
(`tRCD`), the word `burst`, a negated name (`-tCWL`), a number of clocks, or `{name: multiplier}`.
"""

from typing import Annotated, Literal

from pydantic import Field

from bankside.arch.spec import Count, Energy, EnergyPerBit, Frequency, Power, Spec, Time, Timing

Command = Literal[
    "ACT", "PRE", "PREA", "RD", "RDA", "WR", "WRA", "REF", "REFSB",
    "ACT_AB", "PRE_AB", "MAC", "PIM_WR", "PIM_RD", "ENTER", "EXIT",
]  # fmt: skip
Level = Literal["bank", "bank_group", "rank", "pseudo_channel", "channel", "vault"]
Limit = Literal["tRRD", "tFAW", "t32AW", "power"]
Scope = Literal["bank", "bank_pair", "bank_group"]
Term = str | int | dict[str, int]
Terms = tuple[Term, ...]


class Levels(Spec):
    """How many nodes of a level one node of the level outside has; rows of a bank, bursts (columns) of a row.

    `vault` or `channel` counts those of the whole device (one stack, one package, one module).
    """

    channel: Count | None = None
    vault: Count | None = None
    pseudo_channel: Count = 1
    rank: Count = 1
    bank_group: Count = 1
    bank: Count
    row: Count
    column: Count


class Burst(Spec):
    """One column access on the data bus of a pseudo-channel: size [byte] and time on the bus [tCK]."""

    bytes: Count
    cycles: Annotated[float, Field(gt=0)]


class Constraint(Spec):
    """`following` may come no sooner than `latency` after `preceding` in the same node of `level`.

    With `window: n` it is counted from the n-th last `preceding` command. `sibling: true` relates different
    nodes of `level` inside one node of the level outside. `limit` names the switch of `pim.limits` that
    this line belongs to, `scope` the only PIM scope that it is about. A line that names a PIM command
    stands for what that pair of commands would inherit from the ordinary ones.
    """

    level: Level
    preceding: tuple[Command, ...]
    following: tuple[Command, ...]
    latency: Terms
    window: Count = 1
    sibling: bool = False
    limit: Limit | None = None
    scope: Scope | None = None


class Refresh(Spec):
    """How often refreshes come, how long they take (names of timings); one REF takes all banks of `level`."""

    mode: Literal["all_bank", "per_bank", "off"] = "all_bank"
    interval: str = "tREFI"
    cycle: str = "tRFC"
    bank_interval: str = "tREFIpb"
    level: Level = "rank"


class PowerLimit(Spec):
    """At most `activates` row activations of one pseudo-channel in any `window`."""

    window: Time
    activates: Count


class Limits(Spec):
    """Which limits hold for PIM activations; each is switched on its own.

    `power` true: the constraints marked `limit: power` hold; with a window also that many activates in it.
    """

    tRRD: bool = True  # noqa: N815
    tFAW: bool = True  # noqa: N815
    t32AW: bool = True  # noqa: N815
    power: PowerLimit | bool = False


class Step(Spec):
    """Accesses of a sequence, done before the next step: `count` columns from `column` on of `row` in each of `banks`.

    Banks are those of a pseudo-channel (`all`: those of different groups in turn); a PIM command goes to the banks that
    it spans with the one that is named. Negative rows and columns count from the last.
    """

    command: Literal["RD", "WR", "PIM_WR", "PIM_RD"]
    banks: tuple[Annotated[int, Field(ge=0)], ...] | Literal["all"] = "all"
    row: int
    column: int = 0
    count: Annotated[int, Field(ge=1)] = 1


class Pim(Spec):
    """PIM commands of the device: what a command may span, how modes alternate, limits, further constraints.

    `exclusive`: ordinary and PIM accesses need a switch of mode: the accesses of `enter` or `exit`, or without them all
    rows closed and a command that takes `switch`; `mixed`: they share the banks freely. `start` and `stop` are the
    accesses before and after each tile of results by which units begin and end their kernel. `registers`: operands and
    results lie in buffers that are reached at any time, or in columns of a reserved `row` (the last), which has to be
    open.
    """

    scopes: tuple[Scope, ...]
    mode: Literal["exclusive", "mixed"] = "mixed"
    switch: Terms = ()
    enter: tuple[Step, ...] = ()
    exit: tuple[Step, ...] = ()
    start: tuple[Step, ...] = ()
    stop: tuple[Step, ...] = ()
    registers: Literal["buffer", "row"] = "buffer"
    limits: Limits = Limits()
    constraints: tuple[Constraint, ...] = ()


class ColumnWake(Spec):
    """Where the data clock stops: the first column after a pause comes `cycles` [tCK] late.

    The clock runs for `read` after a read and for `write` after a write (LPDDR5's CAS command and WCK).
    """

    cycles: Count
    read: Terms
    write: Terms


class DeviceEnergy(Spec):
    """Energy of one channel's events.

    `activate`: one row opened and closed in one bank. `refresh`: one all-bank refresh of one channel.
    `background`: standby power of one channel with rows open. `path`: energy to bring one bit up to a level
    from the one below, by part; `path_write` where writing differs.
    """

    activate: Energy
    refresh: Energy
    background: Power
    background_precharged: Power | None = None
    path: dict[str, dict[str, EnergyPerBit]]
    path_write: dict[str, dict[str, EnergyPerBit]] | None = None


class DeviceFields(Spec):
    """All sections of a file, by themselves: nothing is known yet of how they fit together."""

    family: str
    clock: Frequency
    slots_per_ck: Literal[1, 2] = 1
    levels: Levels
    burst: Burst
    command_bus: tuple[Literal["row", "column", "single"], ...]
    command_cycles: dict[Command, float] = Field(default_factory=dict)
    latency_from: Literal["first", "last"] = "last"
    timings: dict[str, Timing]
    constraints: tuple[Constraint, ...]
    read_latency: Terms = ("tCL",)
    write_latency: Terms = ("tCWL",)
    column_wake: ColumnWake | None = None
    refresh: Refresh = Refresh()
    activate_second: str | None = None
    pim: Pim | None = None
    energy: DeviceEnergy | None = None
