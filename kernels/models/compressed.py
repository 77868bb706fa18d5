"""Attention to compressed runs of tokens beside a window (DeepSeek-V4)."""

from dataclasses import dataclass

from bankside.kernels.models.weight import Weight, matrix


@dataclass(frozen=True, slots=True)
class Compressed:
    """One key-value row for all heads; earlier tokens are met `ratio` at a time, all or as picked.

    Parameters
    ----------
    heads, head_dim
        Query heads, and the width of the row that is key and value of all of them.
    rotary
        Elements of it that are rotated.
    window
        Tokens that are met one by one.
    ratio
        Tokens to a compressed row; 0 where only the window is met.
    q_lora
        Width of the query's latent.
    o_lora, o_groups
        Width that each group of heads' results is projected to, and number of groups.
    overlap
        Rows that a compressor makes of a token: 2 where runs overlap.
    index_heads, index_dim, top
        Query heads, width and picks of the indexer; 0 where all compressed rows are met.
    """

    heads: int
    head_dim: int
    rotary: int
    window: int
    ratio: int
    q_lora: int
    o_lora: int
    o_groups: int
    overlap: int = 1
    index_heads: int = 0
    index_dim: int = 0
    top: int = 0

    @property
    def kind(self) -> str:
        """The word for it in reports."""
        if not self.ratio:
            return "sliding"
        return "compressed-sparse" if self.top else "compressed"

    @property
    def kv_elements(self) -> int:
        """Elements that are cached per token: its row, its share of a compressed one, and of the indexer's key."""
        if not self.ratio:
            return self.head_dim
        return self.head_dim + (self.head_dim + self.index_dim) // self.ratio

    @property
    def state_elements(self) -> int:
        """None: nothing but the cache is kept."""
        return 0

    def weights(self, hidden: int) -> tuple[Weight, ...]:
        """Projections on a residual stream of width `hidden`, norms, compressor and indexer."""
        rows = self.heads * self.head_dim
        return (
            matrix("attn.q_a_proj", self.q_lora, hidden),
            Weight("attn.q_a_norm", self.q_lora),
            matrix("attn.q_b_proj", rows, self.q_lora),
            matrix("attn.kv_proj", self.head_dim, hidden),
            Weight("attn.kv_norm", self.head_dim),
            matrix("attn.o_a_proj", self.o_groups * self.o_lora, rows // self.o_groups),
            matrix("attn.o_b_proj", hidden, self.o_groups * self.o_lora),
            Weight("attn.sinks", self.heads),
            *(self._compressor("attn.compress", self.head_dim, hidden) if self.ratio else ()),
            *(self._indexer(hidden) if self.top else ()),
        )

    def _compressor(self, name: str, width: int, hidden: int) -> tuple[Weight, ...]:
        """Rows and their gates, a table of positions inside a run, and a norm."""
        return (
            matrix(f"{name}.kv_proj", self.overlap * width, hidden),
            matrix(f"{name}.gate_proj", self.overlap * width, hidden),
            Weight(f"{name}.positions", self.ratio, self.overlap * width),
            Weight(f"{name}.norm", width),
        )

    def _indexer(self, hidden: int) -> tuple[Weight, ...]:
        return (
            *self._compressor("attn.index", self.index_dim, hidden),
            matrix("attn.index.q_proj", self.index_heads * self.index_dim, self.q_lora),
            matrix("attn.index.weights_proj", self.index_heads, hidden),
        )
