"""Claims: published numbers that the models are held against, one folder a source, each as `claims.yaml`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from bankside.arch.spec import ConfigError, Spec, load

FOLDER: Final = Path(__file__).parent
FILE: Final = "claims.yaml"
GATED: Final = ("exact", "peer", "silicon")

_CONSTANT: Final = re.compile(r"[a-z]+/[a-z0-9.-]+ [A-Za-z0-9_.]+")
_TOLERANCE: Final = re.compile(r"(?P<number>\d+(\.\d+)?([eE][-+]?\d+)?) (?P<unit>\S.*)")


class CallSpec(Spec):
    """Which function of Bankside gives our value, and with what arguments."""

    function: str = Field(
        pattern=r"^[a-z_.]+:[a-z_0-9]+$", description="module:function, without 'bankside.'"
    )
    args: dict[str, bool | int | float | str] = Field(default={})


class ClaimSpec(Spec):
    """One published number, the tolerance it is held to, and the call that gives ours in the same unit."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    unit: str = Field(pattern=r"^[a-z][a-z-]*$", description="unit of Bankside that it holds")
    kind: Literal["exact", "peer", "silicon", "headline"]
    quantity: str
    value: float | int
    unit_of_value: str
    conditions: str
    source: str = Field(min_length=1, description="citation with table or figure")
    confidence: Literal["read", "computed", "recalled"]
    tolerance: str = Field(
        description="'exact', '0.5 %' of the value, or '0.01 UNIT' in the unit of the value"
    )
    reason: str = Field(min_length=1, description="why the tolerance is what it is")
    stands_on: tuple[str, ...] = Field(
        default=(),
        description="constants that were computed from this row or from the curve that it is of: FILE KEY",
    )
    call: CallSpec

    @model_validator(mode="after")
    def _tolerance_reads(self) -> "ClaimSpec":
        self.allowed()
        return self

    @model_validator(mode="after")
    def _names_constants(self) -> "ClaimSpec":
        for name in self.stands_on:
            if not _CONSTANT.fullmatch(name):
                raise ValueError(
                    "A constant is a file of configs and a key of it, such as "
                    f"'machines/upmem cores.dpu.offload.launch', not '{name}'."
                )
        return self

    @property
    def gated(self) -> bool:
        """Whether a miss fails the run: headlines and what is only recalled are shown, never gated."""
        return self.kind in GATED and self.confidence != "recalled"

    def allowed(self) -> float:
        """The largest difference that passes, in the unit of the value."""
        if self.tolerance == "exact":
            return 0.0
        found = _TOLERANCE.fullmatch(self.tolerance)
        if found is None or found["unit"] not in ("%", self.unit_of_value):
            raise ValueError(
                f"The tolerance is 'exact', per cent, or in {self.unit_of_value}, not '{self.tolerance}'."
            )
        number = float(found["number"])
        return abs(self.value) * number / 100 if found["unit"] == "%" else number


class UnmeasuredSpec(Spec):
    """A figure of the models that nobody is known to have measured, so that no claim holds it."""

    unit: str = Field(pattern=r"^[a-z][a-z-]*$", description="unit of Bankside that has it")
    figure: str = Field(
        min_length=1, description="what it is, and on what ours rests: a sentence without its subject"
    )

    @property
    def sentence(self) -> str:
        """It in words."""
        return f"Nobody is known to have measured {self.figure}"


class ClaimsSpec(Spec):
    """All claims from one source, and what was looked for beside them and is published nowhere."""

    description: str
    claims: tuple[ClaimSpec, ...]
    unmeasured: tuple[UnmeasuredSpec, ...] = ()


@dataclass(frozen=True)
class ClaimSource:
    """One folder of validation/: its name, what the source is, its claims, and what nobody measured."""

    name: str
    description: str
    claims: tuple[ClaimSpec, ...]
    unmeasured: tuple[UnmeasuredSpec, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What is asked for of all sources, in their order."""

    claims: tuple[ClaimSpec, ...]
    unmeasured: tuple[UnmeasuredSpec, ...]


def source_of(path: Path) -> ClaimSource:
    """The source of one file.

    Raises
    ------
    ConfigError
        With the faults of the file.
    """
    spec = load(path, "claims", ClaimsSpec).spec
    return ClaimSource(path.parent.name, spec.description, spec.claims, spec.unmeasured)


def sources(folder: Path = FOLDER) -> list[ClaimSource]:
    """Every source below `folder`, by name.

    Raises
    ------
    ConfigError
        With the faults of all files, and with every id that stands twice.
    """
    found: list[ClaimSource] = []
    faults: list[str] = []
    for path in sorted(folder.glob(f"*/{FILE}")):
        try:
            found.append(source_of(path))
        except ConfigError as error:
            faults += error.errors
    ids = [claim.id for source in found for claim in source.claims]
    faults += [
        f"The claim '{name}' stands twice in {folder}." for name in sorted(set(ids)) if ids.count(name) > 1
    ]
    if faults:
        raise ConfigError(faults)
    return found


def claims_of(asked: Sequence[str], folder: Path = FOLDER) -> list[ClaimSpec]:
    """The claims of what is `asked` for, see `asked_for`."""
    return list(asked_for(asked, folder).claims)


def asked_for(asked: Sequence[str], folder: Path = FOLDER) -> Asked:
    """What sources hold of what is `asked` for, a unit that they hold, a source or a file of one each, or all where
    nothing is; all files are read once.

    Raises
    ------
    ConfigError
        When a name is of nothing that has claims.
    """
    every = sources(folder)
    units: dict[str, Any] = dict.fromkeys(sorted(claim.unit for source in every for claim in source.claims))
    shipped = {(folder / source.name / FILE).resolve(): source.name for source in every}
    wanted, faults = set(asked), []
    for name in asked:
        if name in units or name in shipped.values():
            continue
        if not Path(name).is_file():
            known = f"claims hold {', '.join(units)}, of the sources {', '.join(shipped.values())}."
            faults.append(f"No claim holds '{name}'; {known}")
            continue
        file = Path(name).resolve()
        if file not in shipped:
            every.append(replace(source_of(file), name=str(file)))
        wanted.add(shipped.get(file, str(file)))
    if faults:
        raise ConfigError(faults)

    def held(source: ClaimSource, unit: str) -> bool:
        return not asked or unit in wanted or source.name in wanted

    return Asked(
        tuple(one for source in every for one in source.claims if held(source, one.unit)),
        tuple(one for source in every for one in source.unmeasured if held(source, one.unit)),
    )
