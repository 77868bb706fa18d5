import subprocess
import sys

import pytest

from bankside.arch import spec


def test_names_cost_no_library() -> None:
    code = (
        "import sys; from bankside.arch.spec import ConfigError, names, path_of; names('machines');"
        "print([m for m in ('numba', 'numpy', 'pydantic', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_loading_never_needs_numba() -> None:
    code = (
        "import sys; from bankside.arch.spec import *; from_dict({}, Spec); json_schema(Spec);"
        "print([m for m in ('numba', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    assert spec.__all__ == sorted(spec.__all__)
    for name in spec.__all__:
        assert getattr(spec, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = spec.nonsense
