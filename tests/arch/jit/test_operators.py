"""What operators make of numbers is found out once, and is what numba finds."""

import operator

import numba
import pytest
from numba.core import types
from numba.core.registry import cpu_target
from numba.core.types.functions import BaseFunction

from bankside.arch.jit import operators

NUMBERS = types.int64, types.float64, types.boolean, types.literal(3)
OPERATORS = (
    operator.add,
    operator.iadd,
    operator.mul,
    operator.lt,
    operator.eq,
    operator.and_,
    operator.truediv,
)


def answers() -> list[object]:
    context, found = cpu_target.typing_context, list[object]()
    context.refresh()
    for of in OPERATORS:
        kind = context.resolve_value_type(of)
        for left in NUMBERS:
            for right in NUMBERS:
                try:
                    made = kind.get_call_type(context, (left, right), {})
                except numba.TypingError as error:
                    found.append(type(error))
                    continue
                found.append((made.return_type, made.args, kind.get_impl_key(made)))
    return found


def test_numbers_are_what_numba_finds_and_it_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, asked = answers(), list[object]()
    own = BaseFunction.get_call_type

    def counted(self: object, context: object, arguments: object, keywords: object) -> object:
        asked.append(self)
        return own(self, context, arguments, keywords)

    monkeypatch.setattr(operators, "_known", {})
    monkeypatch.setattr(BaseFunction, operators.INTERNAL, counted)
    with operators.operators_known():
        assert answers() == plain
        first = len(asked)
        with operators.operators_known():  # as where a callee is compiled meanwhile
            assert answers() == plain
    refused = sum(isinstance(each, type) for each in plain)
    assert 0 < refused < len(plain) // 4
    assert len(asked) - first == refused  # nothing is known of what is refused
    assert BaseFunction.get_call_type is counted


def test_a_numba_without_that_method_finds_out_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "INTERNAL", "no_such_method")
    with operators.operators_known():
        assert not hasattr(BaseFunction, "no_such_method")
