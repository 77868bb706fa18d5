"""The clock-by-clock queue does on small cases what can be worked out by hand."""

from tests.oracles.pim_ticks import Entry, Fenced, Ticks

TIMING = {
    "A>A": 10, "A>R": 3, "A>W": 2, "A>P": 6, "P>A": 4, "R>P": 1, "W>P": 5, "A>A near": 2, "A>A far": 1,
    "R>R near": 2, "R>R far": 1, "W>W near": 2, "W>W far": 1, "R>W": 3, "W>R": 4, "F>A": 20,
}  # fmt: skip


def run(entries: list[Entry], first: int = 1 << 30) -> list[tuple[int, str, int]]:
    return Fenced(Ticks(TIMING, [0, 0, 1, 1]), entries, 8, first, 1 << 30, 1 << 30).run()


def test_a_row_is_opened_read_and_closed_for_the_next() -> None:
    entries = [Entry("R", 0, 5, 0, False), Entry("R", 0, 5, 1, False), Entry("R", 0, 6, 0, False)]
    # one entry comes a clock, from clock 1 on
    assert run(entries) == [
        (1, "A", 0), (4, "R", 0), (6, "R", 0), (7, "P", 0), (11, "A", 0), (14, "R", 0),
    ]  # fmt: skip


def test_a_row_without_hits_before_the_fence_is_closed() -> None:
    trace = run([Entry("R", 0, 5, 0, True), Entry("R", 2, 1, 0, True), Entry("R", 0, 5, 1, True)])
    # while the second read waits for its row, nothing before its fence hits the row that the third will need again
    assert trace == [
        (1, "A", 0), (4, "R", 0), (5, "A", 2), (7, "P", 0), (8, "R", 2), (11, "A", 0), (12, "P", 2), (14, "R", 0),
    ]  # fmt: skip


def test_a_refresh_closes_rows_as_soon_as_they_may_be() -> None:
    trace = run([Entry("R", 0, 5, i, False) for i in range(3)], first=2)
    assert trace == [
        (1, "A", 0),
        (4, "R", 0),
        (6, "R", 0),
        (7, "P", 0),
        (8, "F", 0),
        (28, "A", 0),
        (31, "R", 0),
    ]
