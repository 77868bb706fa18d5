"""Tensor parallel: every package has its share of the columns, heads and depth, and all work at the same time.

A product of whole rows gives its share of the columns where what follows takes shares; of shares it gives sums that are
still to be added up, which linear functions pass on. What needs the whole has it gathered or added up first
(Shoeybi et al., Megatron-LM, arXiv 1909.08053). What follows a product and needs all columns of it has every package
make the whole product instead.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from bankside.arch.spec import ConfigError
from bankside.kernels.operators import Attention, Collective, MatMul, Operator, RowWise, Tensor
from bankside.kernels.operators.rowwise import FUNCTIONS
from bankside.kernels.operators.table import Table

LINEAR: Final = ("add", "weighted_sum")
"""Functions of which sums may be added up behind them."""

WHOLE: Final = Fraction(1)
State = Literal["whole", "share", "partial"]


def shared_by(operators: Sequence[Operator], packages: int) -> tuple[Operator, ...]:
    """What one of so many packages does of a phase.

    Raises
    ------
    ConfigError
        When heads, columns or products cannot be dealt to them.
    """
    walk = _Walk(packages, operators)
    for at, op in enumerate(operators):
        walk.take(at, op)
    walk.end()
    return tuple(walk.made)


def share_of_heads(op: Attention, packages: int) -> tuple[int, int]:
    """Key-value heads of a package and query heads of each.

    Raises
    ------
    ConfigError
        When there are more packages than query heads, or these cannot be dealt to them.
    """
    if packages > op.heads:
        raise ConfigError(
            [
                f"{op.label} has {op.heads} query heads for {packages} packages; beyond the heads the length of "
                f"keys and values would have to be split, which is not modelled: tp={op.heads} is the most, with pp "
                "for the rest."
            ]
        )
    kv = max(1, op.kv_heads // packages)
    if op.heads % packages or (op.kv_heads % packages and packages % op.kv_heads):
        raise ConfigError(
            [
                f"{op.label}: {packages} packages cannot share {op.heads} query and {op.kv_heads} key-value "
                "heads evenly."
            ]
        )
    return kv, op.heads // packages // kv


@dataclass
class _Walk:
    """The shares of a phase's tensors, as one operator after the other is dealt.

    share: by tensor, what part of its columns a package has; partial: tensors whose sums are not added up.
    """

    packages: int
    operators: Sequence[Operator]
    made: list[Operator] = field(default_factory=list)
    share: dict[str, Fraction] = field(default_factory=dict)
    partial: set[str] = field(default_factory=set)
    part_of: dict[str, str] = field(default_factory=dict)
    columns_of: dict[str, int] = field(default_factory=dict)

    def take(self, at: int, op: Operator) -> None:
        """Deal one operator."""
        for tensor in (*op.inputs, *op.outputs):
            self.columns_of.setdefault(tensor.name, tensor.columns)
            if tensor.of is not None:
                self.part_of[tensor.name] = tensor.of
        _rule(op).deal(self, at, op)

    def end(self) -> None:
        """What a product made last is gathered or added up, for all packages to have."""
        last = self.operators[-1]
        if _rule(last).ends_whole or self._key(last.outputs[0]) in self.partial:
            self.whole(last.outputs[0])

    def _key(self, tensor: Tensor) -> str:
        """The name under which a tensor, or what it is part of, is known."""
        name = tensor.name
        while name not in self.share and name in self.part_of:
            name = self.part_of[name]
        return name

    def of(self, tensor: Tensor) -> Fraction:
        """The share that a package has of a tensor."""
        return self.share.get(self._key(tensor), WHOLE)

    def whole(self, tensor: Tensor) -> None:
        """Bring a tensor to all packages whole."""
        key, share = self._key(tensor), self.of(tensor)
        if key in self.partial:
            self._exchange("all_reduce", tensor, tensor, key)
        elif share != WHOLE:
            self._exchange("all_gather", tensor, scaled(tensor, share), key)

    def _exchange(
        self, pattern: Literal["all_reduce", "all_gather"], tensor: Tensor, has: Tensor, key: str
    ) -> None:
        label = f"{tensor.name.removesuffix('.out')}.{pattern}"
        self.made.append(Collective(label, pattern, self.packages, has, replace(tensor, name=tensor.name)))
        self.share[key] = self.share[tensor.name] = WHOLE
        self.partial -= {key, tensor.name}

    def refuse(self, at: int, op: Operator) -> None:
        """What packages cannot share."""
        del at
        raise ConfigError([f"{op.label} cannot be shared by tensors; use --parallel pp."])

    def product(self, at: int, op: MatMul) -> None:
        """A share of the columns, of the depth, or of the heads."""
        if op.windows is not None:
            self.refuse(at, op)
        if op.b.role != "weights":
            self._batch(op)
            return
        share = self.of(op.a)
        if self._key(op.a) in self.partial:
            self.whole(op.a)
            share = WHOLE
        if share != WHOLE and op.batch > 1 and self.columns_of[self._key(op.a)] != op.a.columns:
            self._heads(op, share)
            return
        if share != WHOLE:
            k = _whole(op.label, "depth", op.k * share)
            b = replace(op.b, shape=(*op.b.shape[:-2], k, op.n))
            self.made.append(replace(op, k=k, a=scaled(op.a, share), b=b))
            self.share[op.out.name] = WHOLE
            self.partial.add(op.out.name)
            return
        columns = self._columns(at, op)
        n = _whole(op.label, "columns", op.n * columns)
        b = replace(op.b, shape=(*op.b.shape[:-2], op.k, n))
        self.made.append(replace(op, n=n, b=b, out=scaled(op.out, columns)))
        self.share[op.out.name] = columns

    def _columns(self, at: int, op: MatMul) -> Fraction:
        """The share of its columns that a package makes of a product of whole rows."""
        cache = next(
            (share for o in self.operators if (share := _rule(o).cached(o, op.out.of, self.packages))), None
        )
        if cache is not None:
            return cache
        share = Fraction(1, self.packages)
        if op.n < self.packages:
            return WHOLE
        followers = list(_users(op.out, self.operators[at + 1 :]))
        if all(_takes_shares(user, op.n * share, self.operators) for user in followers):
            return share
        return WHOLE

    def _batch(self, op: MatMul) -> None:
        """Products of what is made and kept: whole products to each package."""
        share = Fraction(1, self.packages)
        if (op.batch * share / op.shared_b).denominator != 1:
            raise ConfigError(
                [
                    f"{op.label}: {self.packages} packages cannot share {op.batch} products, {op.shared_b} of "
                    "which read one operand."
                ]
            )
        self._heads(op, share)
        self.share[op.out.name] = WHOLE

    def _heads(self, op: MatMul, share: Fraction) -> None:
        """A product for each head: a package has those of its own heads."""
        a, b, out = (
            replace(t, shape=(_whole(op.label, "products", t.shape[0] * share), *t.shape[1:]))
            for t in (op.a, op.b, op.out)
        )
        self.made.append(replace(op, batch=_whole(op.label, "products", op.batch * share), a=a, b=b, out=out))
        self.share[op.out.name] = share
        if op.out.of is not None:
            self.share[op.out.of] = share

    def attention(self, at: int, op: Attention) -> None:
        """A package has its share of the heads."""
        del at
        kv, group = share_of_heads(op, self.packages)
        share = Fraction(kv * group, op.heads)
        k, v = (replace(t, shape=(t.shape[0], kv, *t.shape[2:])) for t in (op.k, op.v))
        q, out = scaled(op.q, share), scaled(op.out, share)
        self.made.append(replace(op, kv_heads=kv, group=group, q=q, k=k, v=v, out=out))
        self.share[op.out.name] = share

    def function(self, at: int, op: RowWise) -> None:
        """Of shares of its sources where it can be, else of whole ones."""
        if op.kv_bytes:
            self.refuse(at, op)
        sources = [tensor for tensor in op.sources if tensor.role == "activation"]
        sums = [self._key(tensor) in self.partial for tensor in sources]
        if any(sums) and not (all(sums) and op.function in LINEAR):
            for tensor in sources:
                if self._key(tensor) in self.partial:
                    self.whole(tensor)
            sums = [False]
        side_by_side = sum(t.columns for t in op.sources) == op.cols and not FUNCTIONS[op.function].reduces
        shares = {self.of(tensor) for tensor in sources}
        if not side_by_side and (len(shares) > 1 or not _fits(op, min(shares, default=WHOLE))):
            for tensor in sources:
                self.whole(tensor)
        each = [self.of(tensor) for tensor in op.sources]
        self.made.append(_scaled_function(op, each))
        self.share[op.out.name] = each[0]
        if any(sums):
            self.partial.add(op.out.name)


def scaled(tensor: Tensor, share: Fraction) -> Tensor:
    """A package's share of a tensor's columns."""
    return replace(
        tensor, shape=(*tensor.shape[:-1], _whole(tensor.name, "columns", tensor.shape[-1] * share))
    )


def _whole(label: str, what: str, number: Fraction | int) -> int:
    if Fraction(number).denominator != 1:
        raise ConfigError(
            [f"{label}: its {what} cannot be dealt evenly: a package would have {float(number):g}."]
        )
    return int(number)


def _users(tensor: Tensor, later: Iterable[Operator]) -> Iterable[Operator]:
    """Operators that read a tensor or a part of it."""
    names = {tensor.name}
    for op in later:
        parts = {t.name for t in op.inputs if t.of in names}
        if parts or names & {t.name for t in op.inputs}:
            yield op
        names |= parts


def _takes_shares(op: Operator, width: Fraction, operators: Sequence[Operator]) -> bool:
    """Whether an operator works on a share of its input's columns."""
    return _rule(op).takes_shares(op, width, operators)


def _function_takes_shares(op: RowWise, width: Fraction, operators: Sequence[Operator]) -> bool:
    if op.function == "add" or (FUNCTIONS[op.function].reduces and width % op.cols):
        return False
    followers = _users(op.out, operators[operators.index(op) + 1 :])
    return all(_takes_shares(user, width, operators) for user in followers)


def _cached_share(op: Attention, name: str | None, packages: int) -> Fraction | None:
    """The share of keys or values called `name` that a package reads, if they are this operator's."""
    if name is None or name not in (op.k.name, op.v.name):
        return None
    return Fraction(share_of_heads(op, packages)[0], op.kv_heads)


def _fits(op: RowWise, share: Fraction) -> bool:
    """Whether a function may work on such a share of its columns."""
    if share == WHOLE:
        return True
    if not FUNCTIONS[op.function].reduces:
        return True
    return (op.rows * share).denominator == 1 and op.sources[0].columns > op.cols


def _scaled_function(op: RowWise, shares: Sequence[Fraction]) -> RowWise:
    """A function of so large shares of its sources, which are equal or stand side by side."""
    if set(shares) == {WHOLE}:
        return op
    sources = tuple(scaled(t, share) for t, share in zip(op.sources, shares, strict=True))
    weights = op.weights
    if FUNCTIONS[op.function].reduces:
        rows = _whole(op.label, "rows", op.rows * shares[0])
        return replace(op, rows=rows, sources=sources, out=scaled(op.out, shares[0]))
    share = shares[0]
    if len(set(shares)) > 1:
        share = Fraction(sum(t.columns for t in sources), sum(t.columns for t in op.sources))
    if weights is not None:
        weights = replace(weights, shape=(_whole(op.label, "weights", weights.elements * share),))
    cols = _whole(op.label, "columns", op.cols * share)
    return replace(op, cols=cols, sources=sources, out=scaled(op.out, share), weights=weights)


class _Rule(NamedTuple):
    """How an operator is dealt; whether it works on shares of columns; whether what it makes last is brought to all;
    what share of the keys or values of a name it reads."""

    deal: Callable[[_Walk, int, Any], None]
    takes_shares: Callable[[Any, Fraction, Sequence[Operator]], bool]
    ends_whole: bool = False
    cached: Callable[[Any, str | None, int], Fraction | None] = lambda op, name, packages: None


_OTHER: Final = _Rule(_Walk.refuse, lambda op, width, operators: False)
_RULES: Final[Table[_Rule]] = Table(
    "tensor parallelism",
    {
        MatMul: _Rule(_Walk.product, lambda op, width, operators: True, ends_whole=True),
        Attention: _Rule(_Walk.attention, lambda op, width, operators: True, cached=_cached_share),
        RowWise: _Rule(_Walk.function, _function_takes_shares),
    },
)


def _rule(op: Operator) -> _Rule:
    return _RULES.of(op) if type(op) in _RULES else _OTHER
