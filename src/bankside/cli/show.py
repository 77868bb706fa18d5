"""What `list`, `show` and `schema` say, gathered without importing what computes."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from bankside.report.quantities import si

if TYPE_CHECKING:
    from bankside.arch.dram.device.device import DeviceSpec
    from bankside.arch.dram.flash.device import FlashSpec
    from bankside.arch.technology.process import ProcessSpec
    from bankside.kernels.models import Model, Parameters
    from bankside.report.sheet import Constant, Sheet

_DESCRIPTION: Final = re.compile(
    r"^description:\s*(?P<quote>[\"']?)(?P<text>.*?)(?P=quote)\s*$", re.MULTILINE
)
_COMMENT: Final = re.compile(r"(?:^#(?! yaml-language-server).*\n)+", re.MULTILINE)
_EXTENDS: Final = re.compile(r"^extends:\s*(?P<name>\S+)", re.MULTILINE)
_SENTENCE: Final = re.compile(r".*?\.(?=\s|$)|.+")


def listed(kind: str) -> list[tuple[str, str]]:
    """Names of everything of `kind`, with one line on each."""
    from bankside.arch.spec import names, path_of

    if kind == "kernels":
        from bankside.kernels.catalog.catalog import CATALOG

        return [(entry.name, entry.help) for entry in CATALOG.values()]
    if kind == "units":
        from bankside.unit import unit_line, unit_names

        return [(name, unit_line(name)) for name in unit_names()]
    if kind == "claims":
        from bankside.validation.claims import sources

        return [(source.name, source.description) for source in sources()]
    if kind == "models":
        return [(name, _model_line(name)) for name in names(kind)]
    folder = "technology" if kind == "technologies" else kind
    return [(name, first_words(path_of(name, folder).read_text(encoding="utf-8"))) for name in names(folder)]


def _model_line(name: str) -> str:
    from bankside.kernels.models import load, parameters

    model = load(name)
    size = si(float(parameters(model).total), "").replace(" ", "")
    if not model.causal:
        return f"{size} parameters, an encoder in {model.format.name}"
    return f"{size} parameters, {model.kv_bytes_per_token():,} B of KV cache a token in {model.format.name}"


def first_words(text: str) -> str:
    """A line on a YAML file without parsing it: its `description`, else the first sentence of its first
    comment."""
    if found := _DESCRIPTION.search(text):
        return found["text"]
    if not (comment := _COMMENT.search(text)):
        extended = _EXTENDS.search(text)
        return f"{extended['name']}, with changes" if extended else ""
    words = " ".join(line.removeprefix("#").strip() for line in comment[0].splitlines())
    sentence = _SENTENCE.match(words)
    return sentence[0] if sentence else ""


def schema_of(kind: str) -> dict[str, Any]:
    """JSON Schema of the files of `kind`."""
    from bankside.arch.spec import json_schema

    if kind == "machine":
        from bankside.arch.machine.spec import MachineSpec

        return json_schema(MachineSpec)
    if kind == "device":
        from bankside.arch.dram.device.device import DeviceSpec

        return json_schema(DeviceSpec)
    if kind == "technology":
        from bankside.arch.technology.process import ProcessSpec

        return json_schema(ProcessSpec)
    if kind == "format":
        from bankside.kernels.formats.own import FormatSpec

        return json_schema(FormatSpec)
    if kind == "sweep":
        from bankside.experiment.sweep import SweepSpec

        return json_schema(SweepSpec)
    from bankside.validation.claims import ClaimsSpec

    return json_schema(ClaimsSpec)


def sheet(kind: str, name: str, overrides: Sequence[str]) -> "Sheet":
    """The data sheet of one thing; ConfigError when there is none of that name, or it is not sound."""
    if overrides and kind in ("kernel", "model"):
        from bankside.cli.options import refuse

        refuse(f"--set changes machines, devices and technologies; a {kind} has nothing to set.")
    if kind == "kernel":
        return _kernel(name)
    if kind == "model":
        return _model(name)
    if kind == "technology":
        return _technology(name, overrides)
    return _device(name, overrides) if kind == "device" else _machine(name, overrides)


def _constants(sources: Mapping[str, Any]) -> list["Constant"]:
    from bankside.report.sheet import Constant

    return [
        Constant(path, leaf.value, leaf.source, leaf.confidence, f"{leaf.file}:{leaf.line}")
        for path, leaf in sources.items()
    ]


def _machine(name: str, overrides: Sequence[str]) -> "Sheet":
    """Facts that follow from the tap, and every constant: the machine's, its devices', its processes'."""
    from bankside.api.machines import facts
    from bankside.arch.machine.machine import load_machine
    from bankside.report.sheet import Sheet

    machine = load_machine(name, overrides=overrides)
    assert machine.loaded is not None
    constants = {f"machine {machine.name}": _constants(machine.loaded.sources)}
    return Sheet(f"machine {machine.name}", machine.spec.description, facts(machine), constants)


def _device(name: str, overrides: Sequence[str]) -> "Sheet":
    from bankside.arch.dram.flash.device import FlashSpec
    from bankside.arch.machine.devices import device_class
    from bankside.arch.spec import load
    from bankside.report.sheet import Sheet

    loaded = load(name, "devices", device_class(name), overrides)
    title = f"device {loaded.name}"
    facts = _flash(loaded.spec) if isinstance(loaded.spec, FlashSpec) else _dram(loaded.spec)
    return Sheet(title, "", facts, {title: _constants(loaded.sources)})


def _technology(name: str, overrides: Sequence[str]) -> "Sheet":
    """A process with what follows from its constants, or the materials and coolers of packages."""
    from bankside.arch.spec import load
    from bankside.arch.technology.packaging import PackagingSpec
    from bankside.arch.technology.process import ProcessSpec
    from bankside.report.sheet import Sheet

    if name == "packaging":
        packaging = load(name, "technology", PackagingSpec, overrides)
        return Sheet("technology packaging", "", (), {"technology packaging": _constants(packaging.sources)})
    loaded = load(name, "technology", ProcessSpec, overrides)
    process, title = loaded.spec, f"technology {loaded.name}"
    facts = [
        (f"SRAM of {text}", f"{_access(process, byte)}, {process.sram_area_m2(byte) * 1e6:.3g} mm2")
        for text, byte in (("8 KiB", 2**13), ("1 MiB", 2**20))
    ]
    facts += [
        (f"multiply-accumulate of {format}", f"{si(mac.energy, 'J')}, {mac.area * 1e12:.4g} um2")
        for format, mac in process.mac.items()
    ]
    constants = {path: leaf for path, leaf in loaded.sources.items() if path != "description"}
    return Sheet(title, process.description, facts, {title: _constants(constants)})


def _access(process: "ProcessSpec", byte: int) -> str:
    return f"{si(process.sram_read_j_per_byte(byte) / 8, 'J/bit')} read"


def _dram(spec: "DeviceSpec") -> list[tuple[str, str]]:
    from bankside.arch.dram.device.peak import peak_bytes_per_s
    from bankside.arch.dram.device.standard import compile_standard

    standard = compile_standard(spec)
    capacity_byte = standard.channels * standard.channel_bytes
    peak = standard.channels * peak_bytes_per_s(standard, "vault")
    return [
        ("family", spec.family),
        ("capacity", f"{capacity_byte / 2**30:.4g} GiB"),
        ("peak bandwidth of its channels", si(peak, "B/s")),
    ]


def _flash(spec: "FlashSpec") -> list[tuple[str, str]]:
    from bankside.arch.dram.flash.device import compile_flash

    flash = compile_flash(spec)
    written_byte = flash.capacity_bytes * spec.endurance.cycles / spec.endurance.write_amplification
    return [
        ("family", spec.family),
        ("capacity", f"{flash.capacity_bytes / 2**30:.4g} GiB"),
        ("peak bandwidth of its channels", si(flash.channels * flash.peak_bytes_per_s, "B/s")),
        ("time of a page", si(flash.page_time_s, "s")),
        ("programming of its channels", si(flash.channels * flash.write_bytes_per_s, "B/s")),
        *(
            [("programming a bit", si(spec.energy.program / (8 * spec.page.bytes), "J"))]
            if spec.energy
            else []
        ),
        ("bytes that may be written in its life", si(written_byte, "B")),
    ]


def _kernel(name: str) -> "Sheet":
    from bankside.cli.options import refuse
    from bankside.kernels.catalog.catalog import CATALOG
    from bankside.report.sheet import Sheet

    if name not in CATALOG:
        refuse(f"There is no kernel '{name}'; there are {', '.join(CATALOG)}.")
    entry = CATALOG[name]
    facts = []
    for option in entry.options:
        words = [option.help]
        if option.choices:
            words.append(f"one of {', '.join(option.choices)}")
        if option.required:
            words.append("required")
        elif option.default is not None:
            words.append(f"{option.default} when not given")
        facts.append(("--" + option.name.replace("_", "-"), "; ".join(words)))
    return Sheet(f"kernel {name}", entry.help, facts)


def _model(name: str) -> "Sheet":
    from bankside.kernels.models import load, parameters
    from bankside.kernels.models.describe import describe, streamed_bytes
    from bankside.report.sheet import Sheet

    model = load(name)
    counted = parameters(model)
    facts = [
        ("type", model.model_type),
        ("number format", str(model.format.name)),
        *_stored(model),
        ("layers", f"{len(model.layers)}"),
        *_layers(model),
        ("hidden width", f"{model.hidden:,}"),
        ("vocabulary", f"{model.vocab:,}"),
        ("parameters", f"{counted.total:,}"),
        ("  attention", f"{counted.attention:,}"),
        ("  feed-forward", f"{counted.mlp:,}"),
        ("  norms", f"{counted.norm:,}"),
        ("  embedding", f"{counted.embedding:,}"),
        *_head(model, counted),
        ("parameters a token meets", f"{counted.active:,}"),
    ]
    if model.causal:
        read = streamed_bytes(model)
        told = "in a format that is not known" if read is None else f"{read:,} B"
        facts.append(("weights read per decoded token", told))
        facts.append(("KV bytes per token", f"{model.kv_bytes_per_token():,} B"))
    facts += [("note", note) for note in model.notes]
    return Sheet(f"model {model.name}", "", facts, more=describe(model))


def _stored(model: "Model") -> list[tuple[str, str]]:
    """How the checkpoint is stored, where it is quantised."""
    stored = model.stored
    if not stored.method:
        return []
    facts = [("stored weights", stored.weights or "module by module")]
    facts += [(f"  {format}", f"{len(modules):,} modules") for format, modules in stored.others]
    facts += [("  kept as they were", f"{len(stored.kept):,} modules")] if stored.kept else []
    return [*facts, ("stored KV", stored.kv or "as the number format")]


def _layers(model: "Model") -> list[tuple[str, str]]:
    """Both parts of every kind of layer."""
    from bankside.kernels.models.describe import distinct, words

    facts = []
    for layer, indices in distinct(model):
        attention, feed_forward = words(layer)
        shown = ", ".join(map(str, indices[:3])) + (f", ... ({len(indices)})" if len(indices) > 3 else "")
        facts.append((f"  {layer.stack} {shown}".rstrip(), f"{attention}; {feed_forward}"))
    return facts


def _head(model: "Model", counted: "Parameters") -> list[tuple[str, str]]:
    """The head, and what the checkpoint holds beside what is counted."""
    facts = []
    if model.head.outputs:
        shared = "shared with the embedding"
        facts.append(("  head", f"{counted.head:,}" if counted.head or not model.head.tied else shared))
    if counted.apart:
        names = " and ".join(dict.fromkeys(each.name.split(".")[0] for each in model.head.apart))
        facts.append((f"not counted: {names}", f"{counted.apart:,}"))
    return facts
