import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("options", "imported"), [("'gemv', m=64, k=64", False), ("'layer', model='llama-3-8b', context=8", True)]
)
def test_models_are_imported_for_kernels_that_have_one(options: str, imported: bool) -> None:
    program = (
        "import sys\n"
        "from bankside.kernels.catalog.catalog import build\n"
        f"build({options})\n"
        "print('bankside.kernels.models' in sys.modules)\n"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == f"{imported}"
