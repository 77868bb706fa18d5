"""What an exchange among packages says of itself."""

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import Collective, Tensor


def test_bytes_are_a_package_s() -> None:
    x = Tensor("x", (4, 64), FORMATS["bf16"])
    assert Collective("c", "all_reduce", 4, x, x).bytes_each == 512
    assert Collective("c", "all_to_all", 4, x, x).bytes_each == 128
    assert not Collective("c", "all_reduce", 4, x, x).launched
