"""Matchings between inputs and outputs, by their definitions."""

from collections import defaultdict


class Allocator:
    """iSLIP, or separable input first; pointers move for pairs accepted in the first iteration alone."""

    def __init__(self, inputs: int, outputs: int, separable: bool, iterations: int = 1) -> None:
        self.inputs, self.outputs, self.separable, self.iterations = inputs, outputs, separable, iterations
        self.grant, self.accept = [0] * outputs, [0] * inputs

    def match(self, requests: dict[tuple[int, int], int]) -> dict[int, int]:
        """Input -> output of `requests`, (input, output) -> priority."""
        won = self._separable(requests) if self.separable else self._islip(requests)
        for i, o in won.items():
            self.grant[o], self.accept[i] = (i + 1) % self.inputs, (o + 1) % self.outputs
        for _ in range(self.iterations - 1):
            left = {(i, o): p for (i, o), p in requests.items() if i not in won and o not in won.values()}
            won |= self._islip(left)
        return won

    def _islip(self, requests: dict[tuple[int, int], int]) -> dict[int, int]:
        granted: dict[int, list[int]] = defaultdict(list)
        for o in {o for _, o in requests}:
            winner = min(
                (i for i, out in requests if out == o), key=lambda i: (i - self.grant[o]) % self.inputs
            )
            granted[winner].append(o)
        return {i: min(os, key=lambda o: (o - self.accept[i]) % self.outputs) for i, os in granted.items()}

    def _separable(self, requests: dict[tuple[int, int], int]) -> dict[int, int]:
        bids: dict[int, list[int]] = defaultdict(list)
        for i in {i for i, _ in requests}:
            outs = [o for into, o in requests if into == i]
            best = min(outs, key=lambda o: (-requests[i, o], (o - self.accept[i]) % self.outputs))
            bids[best].append(i)
        won = {}
        for o, ins in bids.items():
            won[min(ins, key=lambda i: (-requests[i, o], (i - self.grant[o]) % self.inputs))] = o
        return won
