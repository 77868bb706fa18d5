"""The models that BBS (BitVert) was evaluated on, as products of weights: three of convolutions, four of transformers.

Images are 224 x 224, texts are padded to 512 tokens (yc2367/BitSim: sim/hw/accelerator.py, nlp/mrpc_t2c.py). Products
of activations, pooling and sums are not counted there, and are left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from bankside.kernels.formats import FORMATS
from bankside.kernels.operators import MatMul, Phase, Tensor, Windows

INT8: Final = FORMATS["int8"]
SIDE: Final = 224
CLASSES: Final = 1000
TEXT_TOKENS: Final = 512
PATCH: Final = 16


@dataclass
class Layers:
    """Products one after the other; each takes what the one before made, or a pooled part of it."""

    name: str = "layer"
    made: list[MatMul] = field(default_factory=list)

    def convolution(
        self, side: int, channels: int, filters: int, size: int, stride: int = 1, of: Tensor | None = None
    ) -> Tensor:
        """Filters over an image of so many pixels each way, and what they make of it."""
        windows = Windows(side, side, channels, size, stride, (size - 1) // 2 if size != PATCH else 0)
        return self._add(windows.rows, filters, windows.depth, of, windows)

    def product(self, rows: int, outputs: int, depth: int, of: Tensor | None = None) -> Tensor:
        """A product of rows, and what it makes of them."""
        return self._add(rows, outputs, depth, of)

    def _add(
        self, rows: int, outputs: int, depth: int, of: Tensor | None, windows: Windows | None = None
    ) -> Tensor:
        loops = 1, rows, outputs, depth
        op = MatMul.of(f"{self.name}{len(self.made)}", loops, "weights", (INT8, INT8, INT8), windows=windows)
        source = of or (self.made[-1].out if self.made else None)
        if source is not None:
            same = source.elements == op.a.elements
            op = replace(op, a=source if same else source.part(op.a.name, op.a.shape))
        self.made.append(op)
        return op.out


def vgg16() -> list[Phase]:
    """Five stages of 3 x 3 filters with pooling between them, and three layers of all inputs."""
    layers, side, channels = Layers(), SIDE, 3
    for count, filters in ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)):
        for _ in range(count):
            layers.convolution(side, channels, filters, 3)
            channels = filters
        side //= 2
    for outputs, depth in ((4096, side * side * channels), (4096, 4096), (CLASSES, 4096)):
        layers.product(1, outputs, depth)
    return [Phase(1, tuple(layers.made))]


def resnet(deep: bool) -> list[Phase]:
    """Four stages of 3, 4, 6 and 3 blocks: two 3 x 3 filters, or `deep` 1 x 1, 3 x 3 and 1 x 1 with four times as many
    channels after them (ResNet-34 and ResNet-50)."""
    layers, side, channels = Layers(), SIDE // 4, 64
    last = layers.convolution(SIDE, 3, channels, 7, 2)
    for stage, blocks in enumerate((3, 4, 6, 3)):
        width = 64 << stage
        for block in range(blocks):
            before, stride = last, 2 if stage and not block else 1
            if deep:
                layers.convolution(side, channels, width, 1, of=before)
                layers.convolution(side, width, width, 3, stride)
                last = layers.convolution(side // stride, width, 4 * width, 1)
            else:
                layers.convolution(side, channels, width, 3, stride, before)
                last = layers.convolution(side // stride, width, width, 3)
            made = 4 * width if deep else width
            if (stride, made) != (1, channels):
                layers.convolution(side, channels, made, 1, stride, before)
            side, channels = side // stride, made
    layers.product(1, CLASSES, channels, last)
    return [Phase(1, tuple(layers.made))]


def _block(rows: int, width: int) -> Phase:
    layers = Layers()
    for outputs, depth in ((3 * width, width), (width, width), (4 * width, width), (width, 4 * width)):
        layers.product(rows, outputs, depth)
    return Phase(12, tuple(layers.made))


def vit(width: int) -> list[Phase]:
    """Patches of 16 x 16 pixels and a token beside them in twelve blocks, and the classes."""
    first, last = Layers("patches"), Layers("classes")
    first.convolution(SIDE, 3, width, PATCH, PATCH)
    last.product(1, CLASSES, width)
    return [
        Phase(1, tuple(first.made)), _block((SIDE // PATCH) ** 2 + 1, width), Phase(1, tuple(last.made))
    ]  # fmt: skip


def bert() -> list[Phase]:
    """Twelve blocks."""
    return [_block(TEXT_TOKENS, 768)]


MODELS: Final[dict[str, Callable[[], list[Phase]]]] = {
    "vgg16": vgg16,
    "resnet34": lambda: resnet(deep=False),
    "resnet50": lambda: resnet(deep=True),
    "vit-small": lambda: vit(384),
    "vit-base": lambda: vit(768),
    "bert-mrpc": bert,
    "bert-sst2": bert,
}
"""Those of Figures 12 and 13."""
