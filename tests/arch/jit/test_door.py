"""What Python calls: code from files without numba, the same answers and faults as with it."""

import numpy as np
import pytest
from tests.arch.jit.mini import Mini

from bankside.arch.jit import kernel
from bankside.arch.jit.door import kind_of

FUNCTIONS = """\
import numpy as np
from mini.arch.jit import kernel
from mini.arch.callee import callee


@kernel
def total(rows, pair, share=0.5):
    scratch = np.zeros(rows.shape[0], dtype=np.int64)
    for i in range(rows.shape[0]):
        scratch[i] = rows[i]["a"] // pair[0]
    return scratch.sum(), callee(pair[1][0]) * share, rows.shape[0] > 1


@kernel
def doubled(values):
    return values * 2
"""
CALLS = """\
import sys
import numpy as np
from mini.arch.functions import doubled, total

def check(holds):  # an assert would go under -O, and what it calls with it
    if not holds:
        raise SystemExit("An answer is wrong.")

rows = np.array([(6, 1.0), (9, 2.0), (12, 3.0)], dtype=[("a", "i8"), ("b", "f8")])
one = np.array([3], dtype=np.int64)
check(total(rows, (3, one)) == total(rows, pair=(3, one), share=0.5) == (9, 10.5, True))
check(total(rows[::2], (3, one)) == (6, 10.5, True))
rows.flags.writeable = False
check(total(rows, (3, one), 1.0) == (9, 21.0, True))
alone = "numba" not in sys.modules
try:
    total(rows, (0, one))
except ZeroDivisionError as error:
    check("zero" in str(error))
else:
    check(False)
try:
    total(rows, 3)
except Exception:
    pass
else:
    check(False)
check(doubled(one).tolist() == [6])
print(int(alone), total.loaded)
"""


def test_what_is_in_files_is_called_without_numba_and_does_the_same(mini: Mini) -> None:
    (mini.arch / "functions.py").write_text(FUNCTIONS)
    assert mini.fork(CALLS) == (0, 0)
    assert mini.run(CALLS) == (1, 3)
    for path in mini.cache.rglob("*.way"):
        path.write_bytes(b"")
    assert mini.fork(CALLS) == (0, 3)  # numba finds them, and says again where they are
    assert mini.run(CALLS) == (1, 3)


@kernel
def plus(left: int, right: int = 2) -> int:
    """A sum."""
    return left + right


def test_arguments_go_by_place_or_name_and_the_count_is_told():
    assert plus(1) == plus(right=2, left=1) == plus(1, 2) == 3
    with pytest.raises(TypeError, match="unexpected keyword"):
        plus(1, wrong=3)
    with pytest.raises(TypeError, match="too many"):
        plus(1, 2, 3)


def test_kinds_tell_what_a_version_is_compiled_for_apart():
    flat = np.zeros(6, dtype=np.int64)
    fixed = flat.copy()
    fixed.flags.writeable = False
    square = flat.reshape(2, 3)
    told = [flat, fixed, flat[::2], square, square.T, flat.astype(np.int32), 1, 1.0, True, (1, 2), (1, 2.0)]
    assert len({kind_of(each) for each in told}) == len(told)
    assert kind_of(np.ones(9, dtype=np.int64)) == kind_of(flat)
