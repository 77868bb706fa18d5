"""A processor cycle by cycle: a turn of the pipeline, then the DMA engine; written without a thought for speed."""

COMPUTE, DMA, BARRIER, HAND, LOCKED = range(5)


def cycles(interval: int, steps: list[tuple[int, int]], rounds: list[int]) -> int:
    """Cycles until all tasklets have ended; amounts are whole."""
    tasklets = [{"round": 0, "step": 0, "left": steps[0][1], "ready": 0} for _ in rounds]
    alive = [count > 0 for count in rounds]
    engine: list[int] = []
    lock: list[int] = []
    turn, now, last = 0, 0, -1
    queued = [False] * len(rounds)

    def ahead(t: int) -> None:
        one = tasklets[t]
        one["step"] += 1
        queued[t] = False
        if one["step"] == len(steps):
            one["step"], one["round"] = 0, one["round"] + 1
            alive[t] = one["round"] < rounds[t]
        one["left"] = steps[one["step"]][1]

    def kind(t: int) -> int:
        return steps[tasklets[t]["step"]][0]

    while any(alive):
        living = [t for t in range(len(rounds)) if alive[t]]
        if all(kind(t) == BARRIER for t in living):
            turn = 0
            for t in living:
                ahead(t)
            continue
        for t in living:
            if kind(t) in (DMA, LOCKED) and not queued[t]:
                (engine if kind(t) == DMA else lock).append(t)
                queued[t] = True
        if engine:
            tasklets[engine[0]]["left"] -= 1
        # the tasklet after the one that issued last has the first look
        for i in range(1, len(rounds) + 1):
            t = (last + i) % len(rounds)
            inside = alive[t] and (kind(t) in (COMPUTE, LOCKED) or (kind(t) == HAND and turn == t))
            if inside and (tasklets[t]["left"] > 0 or kind(t) == LOCKED) and tasklets[t]["ready"] <= now:
                tasklets[t]["ready"], last = now + interval, t
                if kind(t) != LOCKED or lock[0] == t:
                    # an instruction is over when the next may start
                    tasklets[t]["left"] -= 1
                break
        now += 1
        if engine and tasklets[engine[0]]["left"] <= 0:
            ahead(engine.pop(0))
        for t in living:
            ended = alive[t] and kind(t) in (COMPUTE, LOCKED, HAND) and tasklets[t]["left"] <= 0
            if ended and tasklets[t]["ready"] <= now:
                if kind(t) == LOCKED:
                    lock.pop(0)
                if kind(t) == HAND:
                    turn = t + 1
                ahead(t)
    return now
