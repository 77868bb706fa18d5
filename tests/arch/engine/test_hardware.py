"""Parts of the hardware: parameters kept once, states that stay with the caller."""

import numpy as np

from bankside.arch.engine.hardware import MEMORY_AT, MEMORY_END, NO_HARDWARE, PARAMS_AT, PARAMS_END, Hardware


def test_shared_parameters_are_kept_once_and_states_are_views() -> None:
    one, other = np.array([1, 2, 3]), np.array([4])
    parts = Hardware.of([(one, np.array([7])), (other, np.array([8, 9])), (one, np.array([6]))])
    assert parts.params.tolist() == [1, 2, 3, 4]
    assert parts.place[:, PARAMS_AT].tolist() == [0, 3, 0]
    assert parts.place[:, PARAMS_END].tolist() == [3, 4, 3]
    parts.state(1)[0] = 5
    assert parts.states.tolist() == [7, 5, 9, 6]


def test_parts_share_what_is_remembered() -> None:
    params = np.array([1])
    parts = Hardware.of([(params, np.array([7])), (params, np.array([8])), (np.array([2]), np.array([9]))])
    memory = np.zeros(10, dtype=np.int64)
    remembering = parts.remembering(memory, [(0, 4), (0, 4)])
    assert remembering.memory is memory
    assert remembering.place[:, MEMORY_AT].tolist() == [0, 0, 0]
    assert remembering.place[:, MEMORY_END].tolist() == [4, 4, 0]
    assert parts.place[:, MEMORY_END].tolist() == [0, 0, 0]
    assert parts.remembering(memory, []).place.tolist() == parts.place.tolist()


def test_no_hardware_has_no_parts() -> None:
    assert len(NO_HARDWARE.place) == len(NO_HARDWARE.params) == len(NO_HARDWARE.states) == 0
