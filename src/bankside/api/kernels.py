"""Kernels that show themselves."""

from dataclasses import fields

from bankside.kernels import operators
from bankside.kernels.catalog.catalog import build
from bankside.report import html_of
from bankside.report.quantities import si
from bankside.report.sheet import Sheet


class Kernel(operators.Kernel):
    """A piece of work to run on a machine; in a notebook it shows its options and what it asks of any machine."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        options = [(name.replace("_", " "), str(value)) for name, value in self.parameters.items()]
        work = [
            ("work", si(float(self.flops), "FLOP")),
            ("operands", si(float(self.bytes_min), "B")),
            ("intensity", si(self.intensity, "FLOP/B")),
        ]
        return html_of(
            Sheet(f"kernel {self.name}", "", [*options, *work, *(("note", n) for n in self.notes)])
        )


def kernel(name: str, **options: object) -> Kernel:
    """Build a kernel of the catalog; see `bankside.kernels.catalog.build`.

    Raises
    ------
    ConfigError
        Every unknown, missing, wrong or contradicting option, one sentence each.
    """
    built = build(name, **options)
    return Kernel(*(getattr(built, each.name) for each in fields(built)))
