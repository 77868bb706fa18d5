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


def test_rows_of_one_word_are_as_long_as_what_they_begin_with():
    """A key says how long it is; behind it there is room that was put with it."""
    memory, behind = np.zeros(200, dtype=np.int64), 2
    memory[:TABLE_WORDS] = TABLE_WORDS, 15, TABLE_WORDS + 16, 1, 0, 17
    keys, rows = [(2, 5), (4, 5, 6, 7), (3, 5, 6), (1,)], []
    for key in keys:
        memory[KEY_AT : KEY_AT + len(key)] = key
        place = place_of(memory, 0, KEY_AT, len(key))
        assert found(memory, 0, place) == -1
        rows.append(put(memory, 0, place, KEY_AT, len(key) + behind))
        if rows[-1] >= 0:
            memory[row_at(memory, 0, rows[-1]) + len(key) :][:behind] = -len(key)
    assert rows == [0, 4, 10, -1], "the last would end beyond the room of 17 words"
    for key, row in zip(keys[:3], rows, strict=False):
        memory[KEY_AT : KEY_AT + len(key)] = key
        assert found(memory, 0, place_of(memory, 0, KEY_AT, len(key))) == row
        kept_here = memory[row_at(memory, 0, row) :][: len(key) + behind].tolist()
        assert kept_here == [*key, *(-len(key),) * behind]
