"""The integrator's loop: RODAS4 over `LANES` persons side by side, each with its own step, events and outputs.

`kernel.py` runs this text, after `loop_parts.py`, once for each model and number of lanes, with the names declared
below already bound; numba keeps the machine code beside the copies of the texts. Arrays of a lane group are flat:
index * LANES + lane.
A lane that finishes its person takes the next one at once, so that no lane waits for the slowest.

An event happens at its time and never inside a step: a step ends there, outputs marked "before" are taken, the
events are applied in order, outputs marked "after" are taken. The side of a switch is held during a step; a step
over the crossing is cut to end on it (located on the step's own interpolant), and the side is changed there.
`halt[0]`, set from another thread, ends the loop at its next round; what is not filled then is not to be read.
"""

# pyright: reportUndefinedVariable=false, reportUnboundVariable=false, reportOperatorIssue=false

import math

import numpy as np
from numba import njit

from bonecast.engine.events import DOSE, RATE, SAME_TIME, START, STATE
from bonecast.engine.rodas4 import GAMMA

# record, set_modes, locate, no_other_crossed, keep, FLAGS: from loop_parts.py
LANES: int
STATES: int
PARAMETERS: int
SWITCHES: int
JUMPS: tuple[bool, ...]  # of the switches, which are jumps; the others are kinks
BASE: (
    int  # states of the model itself in a system with tangents, else 0; its last outputs are, of each switch,
)
MOVES: int  # from here on, how its distance moves with the direction, and then in time
SPACE: int  # doubles in the working arrays
PLACES: tuple[int, ...]  # where each working array begins, in the order of workspace.NAMES
# bound too: AT_P, AT_C ... the same places by name; and the calls of bindings.py: prep, initial, attempt, dense,
# between, polish, outputs_now, outputs_between, switches_now, switches_next, switches_between, rates_now

SIZE = STATES * LANES
FINE, TOO_MANY_STEPS, STEP_TOO_SMALL, NOT_FINITE, SMALL_PIVOT = 0, 1, 2, 3, 4  # as in status.py
SMALLEST_PIVOT = 1e-13  # as a share of 1/(gamma h)
FIRST_STEP = 1e-4  # of the first stretch of a run; later restarts remember what worked
LANDINGS = 12  # times that one crossing is sought before the side is changed where the step ends
ON_JUMP, ON_KINK = (
    1e-7,
    1e-2,
)  # distance from a crossing that counts as on it, as a share of the step's change
SLIDING = 0.03  # of the step: how far to go at a time where both sides lead back to the crossing
PATIENCE = 32  # such steps in one run after which they are doubled, four times at most
NEAR = 0.02  # of its greatest distance so far: a jump as near as this is looked for inside every step

SIGNATURE = (
    "void(float64[:,::1], float64[::1], boolean, float64[:,::1], float64[:,::1], float64[:,::1],"
    " int64[::1], int64[::1], float64[::1], int64[::1], int64[::1], float64[::1],"
    " int64[::1], int64[::1], int64[::1], int64,"
    " float64[::1], boolean[::1], int64[::1], float64, float64[::1], int64, int64[::1],"
    " float64[:,:,::1], int64[::1], int64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1])"
)


@njit(SIGNATURE, cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def integrate(
    parameters, begin, resumed, given_states, given_starts, given_modes,
    event_from, event_to, event_time, event_kind, event_index, event_value,
    route_state, route_slot, route_rate, run_in_slot,
    out_time, out_after, chosen, rtol, atol, max_steps, halt,
    out, status, counts, final_states, final_starts, final_modes,
):  # fmt: skip
    """Integrate every person of `parameters`, which at the end holds what the events made of them."""
    persons, times = parameters.shape[0], out_time.size
    end = out_time[times - 1]
    # the table of addresses lies in the same block, because numba frees an array after the last use of its name
    block = np.zeros(SPACE + 8 + len(PLACES))
    skip = ((64 - block.ctypes.data % 64) % 64) // 8
    space = block[skip : skip + SPACE]
    places = block[SPACE + 8 :].view(np.int64)
    for i in range(len(PLACES)):
        places[i] = space.ctypes.data + 8 * PLACES[i]
    table = places.ctypes.data
    p, c, m = space[AT_P:], space[AT_C:], space[AT_M:]  # in p a person's parameters lie side by side
    y, y1, start, o, q = space[AT_Y:], space[AT_Y1:], space[AT_START:], space[AT_O:], space[AT_Q:]
    x, x_now, theta, error = space[AT_X:], space[AT_X_NOW:], space[AT_THETA:], space[AT_ERROR:]
    g, ih, tol = space[AT_G:], space[AT_IH:], space[AT_TOL:]
    for lane in range(LANES):
        space[AT_RTOL + lane] = rtol
        for s in range(STATES):
            tol[s * LANES + lane] = atol[s]

    who = np.full(LANES, -1)
    t, h, step, reached = np.zeros(LANES), np.ones(LANES), np.ones(LANES), np.zeros(LANES)
    restart, full_step, span = np.ones(LANES), np.ones(LANES), np.ones(LANES)
    next_event, next_out, tries = (
        np.zeros(LANES, np.int64),
        np.zeros(LANES, np.int64),
        np.zeros(LANES, np.int64),
    )
    landing, landings, flip = np.full(LANES, -1), np.zeros(LANES, np.int64), np.full(LANES, -1)
    slides, farthest = np.zeros(LANES, np.int64), np.zeros((SWITCHES + 1) * LANES)
    last, accepted, pending = np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_)
    fresh, arrived, learning = np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_)
    next_person, live = 0, 0

    while halt[0] == 0:
        # --- seat the next persons in empty lanes
        seated = False
        for lane in range(LANES):
            if who[lane] < 0 and next_person < persons:
                person = next_person
                next_person += 1
                live += 1
                seated = True
                who[lane] = person
                for j in range(PARAMETERS):
                    p[lane * PARAMETERS + j] = parameters[person, j]
                prep(table, lane)
                if resumed:
                    t[lane] = begin[person]
                    for s in range(STATES):
                        y[s * LANES + lane] = given_states[person, s]
                        start[s * LANES + lane] = given_starts[person, s]
                    for k in range(SWITCHES):
                        m[k * LANES + lane] = given_modes[person, k]
                else:
                    initial(table, lane)
                    t[lane] = begin[person] - c[run_in_slot * LANES + lane]
                    for s in range(STATES):
                        start[s * LANES + lane] = y[s * LANES + lane]
                    set_modes(table, lane, m, x)
                next_event[lane], next_out[lane], tries[lane] = event_from[person], 0, 0
                restart[lane] = FIRST_STEP * (end - t[lane])
                h[lane] = restart[lane]
                landing[lane], landings[lane], slides[lane] = -1, 0, 0
                for k in range(SWITCHES):
                    farthest[k * LANES + lane] = 0.0
                fresh[lane], arrived[lane], learning[lane] = True, True, True
                if t[lane] >= end:  # a run without length
                    keep(person, lane, p, y, start, m, parameters, final_states, final_starts, final_modes)
        if live == 0:
            break

        # --- outputs at the very beginning, before its events
        while seated:
            some = False
            for lane in range(LANES):
                pending[lane] = (
                    fresh[lane]
                    and next_out[lane] < times
                    and out_time[next_out[lane]] <= t[lane] + SAME_TIME
                    and not out_after[next_out[lane]]
                )
                some = some or pending[lane]
            if not some:
                break
            record(table, pending, who, next_out, False, o, chosen, out)

        # --- events at this time, in order, then the outputs after them
        some_arrived = False
        for lane in range(LANES):
            fresh[lane] = False
            if who[lane] < 0 or not arrived[lane]:
                continue
            some_arrived = True
            changed = False
            while (
                next_event[lane] < event_to[who[lane]] and event_time[next_event[lane]] <= t[lane] + SAME_TIME
            ):
                e = next_event[lane]
                index, value = event_index[e], event_value[e]
                if event_kind[e] == DOSE:
                    y[route_state[index] * LANES + lane] += value * c[route_slot[index] * LANES + lane]
                elif event_kind[e] == STATE:
                    y[index * LANES + lane] = value
                elif event_kind[e] == START:
                    for s in range(STATES):
                        start[s * LANES + lane] = y[s * LANES + lane]
                else:
                    place = lane * PARAMETERS + (route_rate[index] if event_kind[e] == RATE else index)
                    p[place] = p[place] + value if event_kind[e] == RATE else value
                    prep(table, lane)
                changed = changed or event_kind[e] != START
                next_event[lane] += 1
            if changed:
                set_modes(table, lane, m, x)
                h[lane] = restart[lane]
                learning[lane] = True
                landing[lane], landings[lane] = -1, 0
        while some_arrived:
            some = False
            for lane in range(LANES):
                pending[lane] = (
                    who[lane] >= 0
                    and arrived[lane]
                    and next_out[lane] < times
                    and out_time[next_out[lane]] <= t[lane] + SAME_TIME
                )
                some = some or pending[lane]
            if not some:
                break
            record(table, pending, who, next_out, False, o, chosen, out)
        if some_arrived:
            vacated = False
            for lane in range(LANES):
                if who[lane] >= 0 and t[lane] >= end:
                    who[lane] = -1
                    live -= 1
                    vacated = True
                arrived[lane] = False
            if SWITCHES > 0:
                switches_now(table)
                for i in range(SWITCHES * LANES):
                    x_now[i] = x[i]
            if vacated:
                continue

        # --- choose each lane's step: to the next event or the end at most
        for lane in range(LANES):
            if who[lane] >= 0:
                stop = end
                if next_event[lane] < event_to[who[lane]] and event_time[next_event[lane]] < end - SAME_TIME:
                    stop = event_time[next_event[lane]]
                rest = stop - t[lane]
                reached[lane] = stop
                last[lane] = h[lane] >= rest * 0.9999999
                if last[lane]:
                    step[lane] = rest
                elif h[lane] > 0.5 * rest and landing[lane] < 0:
                    step[lane] = 0.5 * rest
                else:
                    step[lane] = h[lane]
                if not last[lane]:
                    reached[lane] = t[lane] + step[lane]
            else:
                step[lane] = 1.0
            ih[lane] = 1.0 / step[lane]
            g[lane] = ih[lane] / GAMMA

        attempt(table)

        # --- accept or reject
        have_dense = False
        if SWITCHES > 0:
            switches_next(table)
        some = False
        for lane in range(LANES):
            accepted[lane] = False
            person = who[lane]
            if person < 0:
                continue
            tries[lane] += 1
            norm = math.sqrt(error[lane] / STATES)
            finite = norm < 1e100
            solid = q[lane] > SMALLEST_PIVOT
            if not finite or not solid:
                norm = 1e8
            failure = FINE
            change = min(6.0, max(0.2, 0.9 / math.sqrt(math.sqrt(max(norm, 1e-12)))))
            if norm <= 1.0:
                accepted[lane] = True
                counts[person, 0] += 1
                h[lane] = (
                    max(h[lane], step[lane] * change) if last[lane] and change > 1.0 else step[lane] * change
                )
                if learning[lane]:  # what would have been the right first step is tried after the next event
                    restart[lane] = step[lane] * min(0.9 * change, 4.0)
                    learning[lane] = False
            else:
                counts[person, 1] += 1
                h[lane] = step[lane] * min(change, 0.9)
                landing[lane] = -1
                if step[lane] <= 1e-13 * max(1.0, abs(t[lane])):
                    failure = STEP_TOO_SMALL
                    if not solid:
                        failure = SMALL_PIVOT
                    if not finite:
                        failure = NOT_FINITE
            if failure == FINE and tries[lane] >= max_steps and not (accepted[lane] and reached[lane] >= end):
                failure = TOO_MANY_STEPS
            if failure != FINE:
                accepted[lane] = False
                status[person] = failure
                for i in range(next_out[lane], times):
                    for j in range(chosen.size):
                        out[person, i, j] = np.nan
                for s in range(STATES):
                    final_states[person, s] = np.nan
                who[lane] = -1
                live -= 1
            some = some or accepted[lane]

        # --- a step over a jump is cut to end on it
        if SWITCHES > 0 and some:
            for lane in range(LANES):
                if not accepted[lane]:
                    continue
                if landing[lane] >= 0:  # this step was cut to end on a crossing: is it close enough?
                    i = landing[lane] * LANES + lane
                    enough = ON_JUMP if JUMPS[landing[lane]] else ON_KINK
                    close = abs(x[i]) <= enough * span[lane] or landings[lane] > LANDINGS
                    alone = no_other_crossed(lane, landing[lane], x, m)
                    if alone and (close or (x[i] > 0.0) == (m[i] > 0.5)):
                        flip[lane] = landing[lane] if close else -1
                        landings[lane] = 0 if close else landings[lane]
                        landing[lane] = -1
                        h[lane] = full_step[lane]
                        continue
                    landing[lane] = -1
                first_share, first_k = 2.0, -1
                for k in range(SWITCHES):
                    i = k * LANES + lane
                    farthest[i] = max(farthest[i], abs(x[i]))
                    near = JUMPS[k] and min(abs(x[i]), abs(x_now[i])) < NEAR * farthest[i]
                    if (x[i] > 0.0) == (m[i] > 0.5) and not near:
                        continue
                    if not have_dense:
                        dense(table)
                        have_dense = True
                    at_start = x_now[i] if m[i] > 0.5 else -x_now[i]
                    share = locate(table, i, at_start, theta, m, x)
                    switches_next(table)
                    if share < first_share:
                        first_share, first_k = share, k
                if first_share > 1.0:
                    landings[lane] = 0
                    continue
                landings[lane] += 1
                i = first_k * LANES + lane
                if landings[lane] == 1:
                    full_step[lane] = step[lane]
                    span[lane] = abs(x_now[i]) + abs(x[i])
                small = SLIDING * full_step[lane] * 2.0 ** min(slides[lane] // PATIENCE, 4)
                if landings[lane] > LANDINGS and step[lane] > small:
                    accepted[lane] = False  # both sides lead back to the crossing: go along it in small steps
                    h[lane] = small
                elif landings[lane] > LANDINGS:
                    flip[lane] = first_k
                    landings[lane] = 0
                    slides[lane] += 1
                    h[lane] = 1.5 * full_step[lane]
                elif first_share >= 0.999999:
                    flip[lane] = first_k
                    landings[lane] = 0
                elif first_share * step[lane] < 1e-9:  # it was on the wrong side all along
                    accepted[lane] = False
                    m[i] = 1.0 - m[i]
                    h[lane] = step[lane]
                else:
                    accepted[lane] = False
                    h[lane] = first_share * step[lane]
                    landing[lane] = first_k

        # --- a run-in that ends here gives the states that outputs compare with, these outputs included
        for lane in range(LANES):
            e = next_event[lane]
            due = accepted[lane] and last[lane] and e < event_to[who[lane]]
            if due and event_kind[e] == START and event_time[e] <= reached[lane] + SAME_TIME:
                for s in range(STATES):
                    start[s * LANES + lane] = y1[s * LANES + lane]

        # --- outputs inside the accepted steps
        while some:
            some = False
            for lane in range(LANES):
                pending[lane] = False
                theta[lane] = 1.0
                n = next_out[lane]
                if accepted[lane] and n < times:
                    inside = (
                        out_time[n] < reached[lane] - SAME_TIME
                        if last[lane]
                        else out_time[n] <= reached[lane]
                    )
                    if inside:
                        pending[lane] = True
                        theta[lane] = min((out_time[n] - t[lane]) * ih[lane], 1.0)
                    elif last[lane] and out_time[n] <= reached[lane] + SAME_TIME and not out_after[n]:
                        pending[lane] = True
                some = some or pending[lane]
            if not some:
                break
            if not have_dense:
                dense(table)
                have_dense = True
            between(table)
            polish(table)
            record(table, pending, who, next_out, True, o, chosen, out)

        # --- a crossing that comes sooner or later moves the tangents by as much of the jump
        if BASE > 0 and SWITCHES > 0:
            some = False
            for lane in range(LANES):
                pending[lane] = accepted[lane] and flip[lane] >= 0 and JUMPS[max(flip[lane], 0)]
                if pending[lane]:
                    some = True
                    for s in range(STATES):
                        y[s * LANES + lane] = y1[s * LANES + lane]
            if some:
                f, before = space[AT_F:], space[AT_CORRECTION:]
                outputs_now(table)
                rates_now(table)
                for lane in range(LANES):
                    if pending[lane]:
                        for s in range(BASE):
                            before[s * LANES + lane] = f[s * LANES + lane]
                        m[flip[lane] * LANES + lane] = 1.0 - m[flip[lane] * LANES + lane]
                rates_now(table)
                for lane in range(LANES):
                    if pending[lane]:
                        k = flip[lane]
                        m[k * LANES + lane] = 1.0 - m[k * LANES + lane]
                        speed = o[(MOVES + SWITCHES + k) * LANES + lane]
                        later = -o[(MOVES + k) * LANES + lane] / speed if speed != 0.0 else 0.0
                        for s in range(BASE):
                            i = s * LANES + lane
                            y1[BASE * LANES + i] += (before[i] - f[i]) * later

        # --- move on
        for lane in range(LANES):
            if not accepted[lane]:
                continue
            t[lane] = reached[lane]
            for s in range(STATES):
                y[s * LANES + lane] = y1[s * LANES + lane]
            for k in range(SWITCHES):
                x_now[k * LANES + lane] = x[k * LANES + lane]
                if flip[lane] == k:
                    m[k * LANES + lane] = 1.0 - m[k * LANES + lane]
            flip[lane] = -1
            arrived[lane] = last[lane]
            if t[lane] >= end:
                keep(
                    who[lane], lane, p, y, start, m, parameters, final_states, final_starts, final_modes
                )  # fmt: skip
