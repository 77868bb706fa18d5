"""The kernels by name: their options, and how each is built."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

from bankside.arch.spec import ConfigError
from bankside.kernels.catalog import builders
from bankside.kernels.catalog.kept import KEEPS
from bankside.kernels.catalog.nonlinear import ACTIVATIONS
from bankside.kernels.catalog.options import (
    BATCH,
    CONTEXT,
    FORMAT,
    INT64_END,
    KV_FORMAT,
    ROWS_FORMAT,
    WEIGHTS_FORMAT,
    Option,
    Values,
    model_option,
    parse,
)
from bankside.kernels.operators import Kernel
from bankside.kernels.operators.traversal import TRANSFERS, TRAVERSALS


class Entry(NamedTuple):
    """A kernel of the catalog: its name, one line of help, its options, and its builder."""

    name: str
    help: str
    options: tuple[Option, ...]
    build: Callable[[Values], Kernel]


def build(name: str, **options: object) -> Kernel:
    """Build a kernel of the catalog.

    Parameters
    ----------
    name
        A key of `CATALOG`: "gemv", "decode-attention", "layer".
    options
        Its options by name; numbers and texts as a user writes them. None counts as not given.

    Raises
    ------
    ConfigError
        Every unknown, missing, wrong or contradicting option, one sentence each.
    """
    entry = CATALOG.get(name)
    if entry is None:
        raise ConfigError([f"There is no kernel {name!r}; there are {', '.join(CATALOG)}."])
    values = parse(name, entry.options, options)
    kernel = entry.build(values)
    values.check()
    _check_size(kernel)
    return kernel


def _check_size(kernel: Kernel) -> None:
    sizes = {
        "operations": kernel.flops,
        "bytes of traffic": kernel.bytes_min,
        "bytes of resident tensors": kernel.capacity_bytes,
    }
    errors = [
        f"Kernel {kernel.name} would have {value:.3g} {what}, more than a 64-bit counter holds."
        for what, value in sizes.items()
        if value >= INT64_END
    ]
    if errors:
        raise ConfigError(errors)


_M = Option("m", "int", "rows of the result", required=True)
_N = Option("n", "int", "columns of the result", required=True)
_K = Option("k", "int", "length of the sums", required=True)
_ROWS = Option("rows", "int", "rows", required=True)
_COLS = Option("cols", "int", "elements of a row", required=True)
_HEADS = (
    Option("heads", "int", "query heads, instead of a model"),
    Option("kv_heads", "int", "key-value heads; as many as heads if not given"),
    Option("head_dim", "int", "elements of a head, instead of a model"),
)
_WINDOW = Option("window", "int", "tokens that a token sees, itself included; all without it")
_LENGTHS = (
    replace(CONTEXT, required=False),
    BATCH,
    Option("contexts", "text", "contexts of sequences that differ, and how many have them: 8192x3,512"),
)
_DECODED = (
    Option("keep", "choice", "which tokens of the cache are read; all without it", choices=KEEPS),
    Option("budget", "int", "how many tokens keep leaves"),
    Option("page", "int", "keys to a page of quest, or block of nsa; 16 and 64 if not given"),
    Option("residual", "int", "newest tokens that a quantised cache has in the activations' format"),
    Option("tokens", "int", "new tokens of a sequence, which are verified together; 1 if not given"),
    Option("candidates", "int", "sequences that go on from each prompt; without it every one has its own"),
    Option("prompt", "int", "tokens of the context that candidates share"),
)
_MODEL_FORMATS = (FORMAT, WEIGHTS_FORMAT, KV_FORMAT)

CATALOG: Final[dict[str, Entry]] = {
    entry.name: entry
    for entry in (
        Entry(
            "gemv",
            "y[M] = W[M, K] x[K], or one projection of a model's decode step",
            (
                Option("m", "int", "rows of W"),
                Option("k", "int", "columns of W"),
                model_option(required=False),
                Option("op", "text", "the model's projection: attn.q_proj, mlp.down_proj, head"),
                Option("batch", "int", "vectors that share W", default=1),
                FORMAT,
                WEIGHTS_FORMAT,
            ),
            builders.build_gemv,
        ),
        Entry(
            "gemm", "out[M, N] = a[M, K] b[K, N]", (_M, _N, _K, FORMAT, WEIGHTS_FORMAT), builders.build_gemm
        ),
        Entry(
            "batched-gemm",
            "independent products of one shape",
            (
                Option("batch", "int", "products", required=True),
                _M,
                _N,
                _K,
                Option("shared_b", "int", "consecutive products that read one b", default=1),
                Option(
                    "stationary",
                    "choice",
                    "what b is",
                    default="weights",
                    choices=("weights", "kv", "activations"),
                ),
                FORMAT,
            ),
            builders.build_batched_gemm,
        ),
        Entry(
            "decode-attention",
            "one new token of each sequence attends to its context",
            (
                model_option(required=False),
                *_HEADS,
                _WINDOW,
                *_LENGTHS,
                *_DECODED,
                FORMAT,
                KV_FORMAT,
            ),
            builders.build_decode_attention,
        ),
        Entry(
            "prefill-attention",
            "all tokens of each sequence attend to each other",
            (
                model_option(required=False),
                *_HEADS,
                _WINDOW,
                CONTEXT,
                BATCH,
                Option("mask", "choice", "what a token sees, instead of a model", choices=("causal", "full")),
                FORMAT,
                KV_FORMAT,
            ),
            builders.build_prefill_attention,
        ),
        Entry("softmax", "softmax of every row", (_ROWS, _COLS, FORMAT), builders.build_rowwise("softmax")),
        Entry(
            "rmsnorm",
            "root-mean-square norm of every row",
            (_ROWS, _COLS, FORMAT),
            builders.build_rowwise("rmsnorm"),
        ),
        Entry(
            "layernorm",
            "layer norm of every row",
            (_ROWS, _COLS, FORMAT),
            builders.build_rowwise("layernorm"),
        ),
        Entry(
            "activation",
            "a function of every element",
            (
                Option("function", "choice", "the function", required=True, choices=ACTIVATIONS),
                _ROWS,
                _COLS,
                FORMAT,
            ),
            builders.build_rowwise("activation"),
        ),
        Entry(
            "elementwise",
            "a function of every element of vectors that rest in memory, as its result does",
            (
                Option("function", "choice", "the function", required=True, choices=ACTIVATIONS),
                Option("elements", "int", "elements of each vector", required=True),
                FORMAT,
            ),
            builders.build_elementwise,
        ),
        Entry(
            "traversal",
            "a function of all elements of a vector that rests beside processors in the banks",
            (
                Option("function", "choice", "the function", required=True, choices=tuple(TRAVERSALS)),
                Option("elements", "int", "elements of the vector", required=True),
                Option("bins", "int", "counters of a histogram"),
                Option("percent", "int", "elements of a hundred that are kept"),
                FORMAT,
            ),
            builders.build_traversal,
        ),
        Entry(
            "embedding",
            "rows of tables that are looked up evenly by chance and added up, a bag of each table for every sample",
            (
                Option("tables", "int", "tables", required=True),
                Option("rows", "int", "rows of each table", required=True),
                Option("dim", "int", "elements of a row", required=True),
                Option("pooling", "int", "rows of a bag", required=True),
                BATCH,
                ROWS_FORMAT,
            ),
            builders.build_embedding,
        ),
        Entry(
            "transfer",
            "a vector from the host to processors in the banks, or back",
            (
                Option("way", "choice", "who gets what", required=True, choices=TRANSFERS),
                Option("bytes", "int", "bytes of the vector", required=True),
            ),
            builders.build_transfer,
        ),
        Entry(
            "layer",
            "every kernel of one layer in order",
            (
                model_option(required=True),
                *_LENGTHS,
                Option("layer", "int", "index of the layer, from 0; the last if not given", minimum=0),
                Option("stage", "choice", "decode, or prefill (encoders)", choices=("decode", "prefill")),
                *_DECODED,
                *_MODEL_FORMATS,
            ),
            builders.build_layer,
        ),
        Entry(
            "decode-step",
            "all layers, final norm and head for one new token per sequence",
            (model_option(required=True), *_LENGTHS, *_DECODED, *_MODEL_FORMATS),
            builders.build_decode_step,
        ),
    )
}
