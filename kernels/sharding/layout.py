"""How packages share a kernel: tensors, layers or experts dealt to so many of them."""

import re
from dataclasses import dataclass
from typing import Final

from bankside.arch.spec import ConfigError

WAYS: Final = ("tp", "pp", "ep")
WAY: Final = re.compile(r"(tp|pp|ep)(?:=([1-9][0-9]{0,5}))?")


@dataclass(frozen=True)
class Layout:
    """Packages that share each tensor (tp), stages of layers (pp), and packages that share the experts (ep)."""

    tp: int = 1
    pp: int = 1
    ep: int = 1

    @property
    def ranks(self) -> int:
        """Packages that work at the same time."""
        return self.tp * self.ep

    @property
    def packages(self) -> int:
        """All packages."""
        return self.ranks * self.pp

    def __str__(self) -> str:
        return ",".join(f"{way}={n}" for way in WAYS if (n := getattr(self, way)) > 1) or "tp=1"


def layout_of(text: str, packages: int) -> Layout:
    """The layout that "tp", "pp=4" or "tp=8,pp=4" asks for on so many packages; one way may leave its number open.

    Raises
    ------
    ConfigError
        When it is none of these, or its numbers do not make up the packages.
    """
    given: dict[str, int | None] = {}
    for word in text.split(","):
        found = WAY.fullmatch(word.strip())
        if found is None or found[1] in given:
            raise ConfigError(
                [
                    f"--parallel is {text!r:.60}; it must be tp, pp or ep, or several with numbers, as tp=8,pp=4."
                ]
            )
        given[found[1]] = int(found[2]) if found[2] else None
    stated = 1
    for number in given.values():
        stated *= number or 1
    left = [way for way, number in given.items() if number is None]
    rest, odd = divmod(packages, stated)
    if len(left) > 1 or odd or (not left and rest != 1):
        asked = (
            f"{' x '.join(str(number) for number in given.values() if number)} packages"
            if stated > 1
            else text
        )
        raise ConfigError(
            [
                f"--parallel {text} asks for {asked}, but {packages} packages run; state numbers that make them up."
            ]
        )
    numbers = {way: number or rest for way, number in given.items()}
    if numbers.get("ep", 1) > 1 and numbers.get("tp", 1) > 1:
        raise ConfigError(["Packages that share experts share no tensors here: give ep or tp, not both."])
    return Layout(**numbers)
