"""Rows are found by whole keys, and there are no more than there is room for."""

import numpy as np

from bankside.arch.dram.channel.tables import TABLE_WORDS, found, kept, place_of, put, row_at

WORDS, ROOM, KEY_AT = 3, 4, 100


def table():
    memory = np.zeros(200, dtype=np.int64)
    memory[:TABLE_WORDS] = TABLE_WORDS, 2 * ROOM - 1, TABLE_WORDS + 2 * ROOM, WORDS, 0, ROOM
    return memory


def ask(memory, key):
    memory[KEY_AT : KEY_AT + WORDS] = key
    return found(memory, 0, place_of(memory, 0, KEY_AT, WORDS))


def keep(memory, key):
    memory[KEY_AT : KEY_AT + WORDS] = key
    return kept(memory, 0, KEY_AT, WORDS)


def test_keys_are_found_where_they_were_put():
    memory = table()
    keys = [(1, 2, 3), (3, 2, 1), (-1, -(1 << 61), 5)]
    assert [ask(memory, key) for key in keys] == [-1, -1, -1]
    assert [keep(memory, key) for key in keys] == [0, 1, 2]
    assert [keep(memory, key) for key in keys] == [ask(memory, key) for key in keys] == [0, 1, 2]
    assert memory[row_at(memory, 0, 2) :][:WORDS].tolist() == list(keys[2])


def test_keys_that_hash_alike_are_told_apart():
    """Two keys that share the place where they are first looked for, by trying."""
    memory, places = table(), {}
    for k in range(100):
        memory[KEY_AT : KEY_AT + WORDS] = 0, 0, k
        places.setdefault(place_of(memory, 0, KEY_AT, WORDS), []).append((0, 0, k))
    alike = max(places.values(), key=len)[:ROOM]
    assert len(alike) == ROOM
    assert [keep(memory, key) for key in alike] == [0, 1, 2, 3]
    assert [ask(memory, key) for key in alike] == [0, 1, 2, 3]


def test_a_full_table_takes_no_more_and_finds_what_it_has():
    memory = table()
    assert [keep(memory, (7, 7, k)) for k in range(ROOM + 1)] == [0, 1, 2, 3, -1]
    memory[KEY_AT : KEY_AT + WORDS] = 7, 7, 99
    assert put(memory, 0, place_of(memory, 0, KEY_AT, WORDS), KEY_AT, WORDS) == -1
    assert [ask(memory, (7, 7, k)) for k in range(ROOM)] == [0, 1, 2, 3]
