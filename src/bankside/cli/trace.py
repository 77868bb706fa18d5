"""`bankside trace`: a request trace of another simulator through the controllers of a device."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bankside.cli.options import refuse
from bankside.cli.output import STDOUT, check_target, console, progress, to_json, write

if TYPE_CHECKING:
    from bankside.arch.dram.device.device import DeviceSpec

FORMS: Final = ("auto", "ramulator-loadstore", "ramulator-readwrite", "dramsim3")
SCHEDULERS: Final = ("frfcfs", "frfcfs-rowhit", "per-bank")
SWITCH: Final = {"on": True, "off": False}


def trace(
    file: Annotated[Path, typer.Argument(help="Request trace of Ramulator 2 or DRAMsim3.", metavar="FILE")],
    device: Annotated[str, typer.Option(help="Shipped device, or the path of a YAML file.")],
    form: Annotated[str, typer.Option("--format", help=", ".join(FORMS))] = "auto",
    scheduler: Annotated[str, typer.Option(help=", ".join(SCHEDULERS))] = "frfcfs",
    page: Annotated[str, typer.Option(help="open or closed: whether columns close their row.")] = "open",
    refresh: Annotated[str, typer.Option(help="on or off")] = "on",
    depth: Annotated[int, typer.Option(help="Entries of the read and of the write queue of a channel.")] = 32,
    max_outstanding: Annotated[
        int, typer.Option(help="Reads in flight at most in a channel, 0 for no limit.")
    ] = 0,
    address: Annotated[
        str,
        typer.Option(
            help="Fields of a byte address, most significant first, or a mapping of DRAMsim3 (rochrababgco).",
            metavar="FIELD,...",
        ),
    ] = "row,rank,bank,column,bank_group,pseudo_channel,channel",
    wrap: Annotated[
        bool, typer.Option("--wrap", help="Take addresses modulo the capacity instead of refusing them.")
    ] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Change a value of the device.")
    ] = None,
    commands: Annotated[
        str | None, typer.Option(help="Write the commands as DRAMsim3 does, - for stdout.", metavar="FILE")
    ] = None,
    json: Annotated[str | None, typer.Option("--json", help="Write JSON to a file, - for stdout.")] = None,
) -> None:
    """Replay a request trace on a device: cycles and their causes, bandwidth, latency, commands, energy."""
    from bankside.arch.dram.channel.controller import Controller
    from bankside.arch.dram.device.standard import compile_standard
    from bankside.cli.compiling import announce
    from bankside.trace.replay import replay
    from bankside.trace.report import ReplayTable
    from bankside.trace.request_trace import field_order, read_trace
    from bankside.trace.trace_text import piece_count

    _check_words(form, refresh)
    if json == commands == STDOUT:
        refuse("--json and --commands cannot both go to stdout.")
    check_target(json)
    check_target(commands)
    controller = Controller(scheduler, page, SWITCH[refresh], depth=depth)
    standard = compile_standard(_device(device, set_ or []))
    announce()
    requests = read_trace(file, standard, form, field_order(address), wrap)
    with progress(piece_count(file), "simulating") as done:
        replayed = replay(standard, requests, controller, max_outstanding, commands is not None, done)
    if commands is not None:
        from bankside.trace.command_trace import command_lines

        issued = [(channel, outcome.trace) for channel, outcome in replayed.channels.items()]
        write(command_lines(standard, issued, replayed.first_slot), commands)
    data = {"trace": str(file), "device": device, **replayed.data()}
    if json is not None:
        write(to_json(data), json)
    if STDOUT not in (json, commands):
        console().print(ReplayTable(data))


def _check_words(form: str, refresh: str) -> None:
    from bankside.arch.spec import ConfigError

    wrong = []
    if form not in FORMS:
        wrong.append(f"--format is one of {', '.join(FORMS)}, not '{form}'.")
    if refresh not in SWITCH:
        wrong.append(f"--refresh is on or off, not '{refresh}'.")
    if wrong:
        raise ConfigError(wrong)


def _device(name: str, overrides: list[str]) -> "DeviceSpec":
    from bankside.arch.dram.device.device import DeviceSpec
    from bankside.arch.spec import load

    return load(name, "devices", DeviceSpec, overrides).spec
