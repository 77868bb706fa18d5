"""Compressed lengths and metadata against masks written out."""

from itertools import product

from bankside.peers.sparse_weights.pattern import compressed_length, index_bits, metadata_bits


def test_compression() -> None:
    for k, (keep, group) in product(range(1, 30), ((1, 2), (2, 4), (4, 8), (1, 4), (4, 4))):
        mask = [i % group < keep for i in range(k)]
        assert compressed_length(k, keep, group) == sum(mask)
    assert [index_bits(g) for g in (1, 2, 4, 8, 16)] == [0, 1, 2, 3, 4]
    assert metadata_bits(64, 10, 2, 4, False) == metadata_bits(64, 10, 2, 4, True) == 640 * 1
    assert metadata_bits(64, 10, 4, 8, False) > metadata_bits(64, 10, 4, 8, True)
