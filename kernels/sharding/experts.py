"""Expert parallel: packages have tokens of their own and share the experts, to which tokens go and come back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from bankside.arch.spec import ConfigError
from bankside.kernels.operators import Attention, Collective, MatMul, Operator, RowWise, Tensor
from bankside.kernels.operators.table import Table

EXPERTS: Final = "moe.experts."
"""What the labels of the operators on routed tokens begin with."""


def shared_by_experts(operators: Sequence[Operator], packages: int) -> tuple[Operator, ...]:
    """What one of so many packages does of a phase: its tokens all along, and all tokens of its experts.

    The experts that run are dealt evenly, the fullest package rounded up; each has as many rows as before.

    Raises
    ------
    ConfigError
        When tokens or sequences cannot be dealt, or something keeps a state.
    """
    made: list[Operator] = []
    before: Operator | None = None
    for op in operators:
        inside, was = _routed(op), before is not None and _routed(before)
        if inside and not was:
            (x,) = (t for t in op.carried)
            made.append(_exchange("moe.dispatch", packages, x))
        if before is not None and was and not inside and _rule(before).returned:
            made.append(_exchange("moe.return", packages, before.outputs[0]))
        rule = _rule(op)
        made.append((rule.of_experts if inside else rule.of_tokens)(op, packages))
        before = op
    return tuple(made)


def _routed(op: Operator) -> bool:
    return op.label.startswith(EXPERTS)


def _exchange(label: str, packages: int, rows: Tensor) -> Collective:
    """Rows of a package's tokens, one for each expert of each, go to all packages alike."""
    *_, columns = rows.shape
    own = _dealt(label, "rows", rows.elements // columns, packages, up=True)
    x = Tensor(f"{label}.x", (own, columns), rows.format)
    return Collective(label, "all_to_all", packages, x, replace(x, name=f"{label}.out"))


def _product_of_experts(op: MatMul, packages: int) -> Operator:
    batch = _dealt(op.label, "experts", op.batch, packages, up=True)
    a, b, out = (replace(t, shape=(batch, *t.shape[1:])) for t in (op.a, op.b, op.out))
    return replace(op, batch=batch, a=a, b=b, out=out)


def _product(op: MatMul, packages: int) -> Operator:
    if op.b.role != "weights":
        return _refused(op, packages)
    m = _dealt(op.label, "tokens", op.m, packages)
    a, out = (replace(t, shape=(*t.shape[:-2], m, t.shape[-1])) for t in (op.a, op.out))
    return replace(op, m=m, a=a, out=out)


def _attention(op: Attention, packages: int) -> Operator:
    sequences = _dealt(op.label, "sequences", op.sequences, packages)
    q, k, v, out = (
        replace(t, shape=(_dealt(op.label, "rows", t.shape[0], packages), *t.shape[1:]))
        for t in (op.q, op.k, op.v, op.out)
    )
    return replace(op, sequences=sequences, q=q, k=k, v=v, out=out)


def _function(op: RowWise, packages: int) -> Operator:
    return _refused(op, packages) if op.kv_bytes else _rows(op, packages)


def _refused(op: Operator, packages: int) -> Operator:
    raise ConfigError([f"{op.label} cannot be dealt to {packages} packages by tokens; use --parallel pp."])


def _rows(op: RowWise, packages: int, up: bool = False) -> RowWise:
    rows = _dealt(op.label, "rows", op.rows, packages, up)
    sources = tuple(_first(t, packages, up) for t in op.sources)
    return replace(
        op,
        rows=rows,
        sources=_filled(sources, rows * op.cols * op.operands),
        out=_first(op.out, packages, up),
    )


def _filled(sources: tuple[Tensor, ...], elements: int) -> tuple[Tensor, ...]:
    """Sources as one, where shares that are rounded up are not as many elements as the function reads."""
    if sum(t.elements for t in sources) == elements:
        return sources
    first = sources[0]
    return (replace(first, shape=(elements // first.columns, first.columns)),)


def _first(tensor: Tensor, packages: int, up: bool) -> Tensor:
    """A tensor's share of the rows."""
    *_, columns = tensor.shape
    rows = _dealt(tensor.name, "rows", tensor.elements // columns, packages, up)
    return replace(tensor, shape=(rows, columns))


def _dealt(label: str, what: str, number: int, packages: int, up: bool = False) -> int:
    if number % packages and not up:
        raise ConfigError(
            [
                f"{label}: {packages} packages cannot share {number} {what} evenly; give a batch that they divide."
            ]
        )
    return -(-number // packages)


class _Rule(NamedTuple):
    """How an operator on tokens of a package's own, and one on routed tokens, is dealt; `returned`: what it makes of
    routed tokens goes back to their packages."""

    of_tokens: Callable[[Any, int], Operator]
    of_experts: Callable[[Any, int], Operator]
    returned: bool = False


_OTHER: Final = _Rule(_refused, _refused)
_RULES: Final[Table[_Rule]] = Table(
    "expert parallelism",
    {
        MatMul: _Rule(_product, _product_of_experts, returned=True),
        Attention: _Rule(_attention, _refused),
        RowWise: _Rule(_function, lambda op, packages: _rows(op, packages, up=True)),
    },
)


def _rule(op: Operator) -> _Rule:
    return _RULES.of(op) if type(op) in _RULES else _OTHER
