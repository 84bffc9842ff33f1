"""The integrator's loop: RODAS4 over several persons side by side, each with its own step, events and outputs.

`compiled_loop.py` runs this text, after `loop_parts.py`, with the names declared below already bound; numba keeps the
machine code beside the copies of the texts. What belongs to a model and to the number of lanes comes as arguments: the
sizes, the working arrays, and the addresses of the vector functions. Arrays of a lane group are flat: index * lanes +
lane.
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
# bound too: the calls of bindings.py: prep, initial, attempt, dense, between, polish, outputs_now, outputs_between,
# switches_now, switches_next, switches_between, rates_now
# working arrays, as `workspace.py` makes them: `table` is the address of theirs and of the vector functions; in p a
# person's parameters lie side by side

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
    "void(int64[::1], boolean[::1], int64, float64[:,::1], int64[:,::1], boolean[:,::1], float64[::1], "
    + "float64[::1], " * 18
    + "float64[:,::1], float64[::1], boolean,"
    " float64[:,::1], float64[:,::1], float64[:,::1],"
    " int64[::1], int64[::1], float64[::1], int64[::1], int64[::1], float64[::1],"
    " int64[::1], int64[::1], int64[::1], int64,"
    " float64[::1], boolean[::1], int64[::1], float64, float64[::1], int64, int64[::1],"
    " float64[:,:,::1], int64[::1], int64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1])"
)


@njit(SIGNATURE, cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def integrate(
    sizes, jumps, table, reals, whole, flags, farthest,
    p, c, m, y, y1, f, q, before, start, o, x, x_now, g, ih, theta, error, tol, rtols,
    parameters, begin, resumed, given_states, given_starts, given_modes,
    event_from, event_to, event_time, event_kind, event_index, event_value,
    route_state, route_slot, route_rate, run_in_slot,
    out_time, out_after, chosen, rtol, atol, max_steps, halt,
    out, status, counts, final_states, final_starts, final_modes,
):  # fmt: skip
    """Integrate every person of `parameters`, which at the end holds what the events made of them."""
    persons, times = parameters.shape[0], out_time.size
    lanes, states, width, switches, base, moves = (
        sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5],
    )  # fmt: skip
    end = out_time[times - 1]
    for lane in range(lanes):
        rtols[lane] = rtol
        for s in range(states):
            tol[s * lanes + lane] = atol[s]

    t, h, step, reached = reals[0], reals[1], reals[2], reals[3]
    restart, full_step, span = reals[4], reals[5], reals[6]
    who, next_event, next_out, tries = whole[0], whole[1], whole[2], whole[3]
    landing, landings, flip, slides = whole[4], whole[5], whole[6], whole[7]
    last, accepted, pending = flags[0], flags[1], flags[2]
    fresh, arrived, learning = flags[3], flags[4], flags[5]
    next_person, live = 0, 0

    while halt[0] == 0:
        # --- seat the next persons in empty lanes
        seated = False
        for lane in range(lanes):
            if who[lane] < 0 and next_person < persons:
                person = next_person
                next_person += 1
                live += 1
                seated = True
                who[lane] = person
                for j in range(width):
                    p[lane * width + j] = parameters[person, j]
                prep(table, lane)
                if resumed:
                    t[lane] = begin[person]
                    for s in range(states):
                        y[s * lanes + lane] = given_states[person, s]
                        start[s * lanes + lane] = given_starts[person, s]
                    for k in range(switches):
                        m[k * lanes + lane] = given_modes[person, k]
                else:
                    initial(table, lane)
                    t[lane] = begin[person] - c[run_in_slot * lanes + lane]
                    for s in range(states):
                        start[s * lanes + lane] = y[s * lanes + lane]
                    set_modes(table, lane, sizes, m, x)
                next_event[lane], next_out[lane], tries[lane] = event_from[person], 0, 0
                restart[lane] = FIRST_STEP * (end - t[lane])
                h[lane] = restart[lane]
                landing[lane], landings[lane], slides[lane] = -1, 0, 0
                for k in range(switches):
                    farthest[k * lanes + lane] = 0.0
                fresh[lane], arrived[lane], learning[lane] = True, True, True
                if t[lane] >= end:  # a run without length
                    keep(
                        person,
                        lane,
                        sizes,
                        p,
                        y,
                        start,
                        m,
                        parameters,
                        final_states,
                        final_starts,
                        final_modes,
                    )
        if live == 0:
            break

        # --- outputs at the very beginning, before its events
        while seated:
            some = False
            for lane in range(lanes):
                pending[lane] = (
                    fresh[lane]
                    and next_out[lane] < times
                    and out_time[next_out[lane]] <= t[lane] + SAME_TIME
                    and not out_after[next_out[lane]]
                )
                some = some or pending[lane]
            if not some:
                break
            record(table, lanes, pending, who, next_out, False, o, chosen, out)

        # --- events at this time, in order, then the outputs after them
        some_arrived = False
        for lane in range(lanes):
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
                    y[route_state[index] * lanes + lane] += value * c[route_slot[index] * lanes + lane]
                elif event_kind[e] == STATE:
                    y[index * lanes + lane] = value
                elif event_kind[e] == START:
                    for s in range(states):
                        start[s * lanes + lane] = y[s * lanes + lane]
                else:
                    place = lane * width + (route_rate[index] if event_kind[e] == RATE else index)
                    p[place] = p[place] + value if event_kind[e] == RATE else value
                    prep(table, lane)
                changed = changed or event_kind[e] != START
                next_event[lane] += 1
            if changed:
                set_modes(table, lane, sizes, m, x)
                h[lane] = restart[lane]
                learning[lane] = True
                landing[lane], landings[lane] = -1, 0
        while some_arrived:
            some = False
            for lane in range(lanes):
                pending[lane] = (
                    who[lane] >= 0
                    and arrived[lane]
                    and next_out[lane] < times
                    and out_time[next_out[lane]] <= t[lane] + SAME_TIME
                )
                some = some or pending[lane]
            if not some:
                break
            record(table, lanes, pending, who, next_out, False, o, chosen, out)
        if some_arrived:
            vacated = False
            for lane in range(lanes):
                if who[lane] >= 0 and t[lane] >= end:
                    who[lane] = -1
                    live -= 1
                    vacated = True
                arrived[lane] = False
            if switches > 0:
                switches_now(table)
                for i in range(switches * lanes):
                    x_now[i] = x[i]
            if vacated:
                continue

        # --- choose each lane's step: to the next event or the end at most
        for lane in range(lanes):
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
        if switches > 0:
            switches_next(table)
        some = False
        for lane in range(lanes):
            accepted[lane] = False
            person = who[lane]
            if person < 0:
                continue
            tries[lane] += 1
            norm = math.sqrt(error[lane] / states)
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
                for s in range(states):
                    final_states[person, s] = np.nan
                who[lane] = -1
                live -= 1
            some = some or accepted[lane]

        # --- a step over a jump is cut to end on it
        if switches > 0 and some:
            for lane in range(lanes):
                if not accepted[lane]:
                    continue
                if landing[lane] >= 0:  # this step was cut to end on a crossing: is it close enough?
                    i = landing[lane] * lanes + lane
                    enough = ON_JUMP if jumps[landing[lane]] else ON_KINK
                    close = abs(x[i]) <= enough * span[lane] or landings[lane] > LANDINGS
                    alone = no_other_crossed(lane, landing[lane], sizes, x, m)
                    if alone and (close or (x[i] > 0.0) == (m[i] > 0.5)):
                        flip[lane] = landing[lane] if close else -1
                        landings[lane] = 0 if close else landings[lane]
                        landing[lane] = -1
                        h[lane] = full_step[lane]
                        continue
                    landing[lane] = -1
                first_share, first_k = 2.0, -1
                for k in range(switches):
                    i = k * lanes + lane
                    farthest[i] = max(farthest[i], abs(x[i]))
                    near = jumps[k] and min(abs(x[i]), abs(x_now[i])) < NEAR * farthest[i]
                    if (x[i] > 0.0) == (m[i] > 0.5) and not near:
                        continue
                    if not have_dense:
                        dense(table)
                        have_dense = True
                    at_start = x_now[i] if m[i] > 0.5 else -x_now[i]
                    share = locate(table, lanes, i, at_start, theta, m, x)
                    switches_next(table)
                    if share < first_share:
                        first_share, first_k = share, k
                if first_share > 1.0:
                    landings[lane] = 0
                    continue
                landings[lane] += 1
                i = first_k * lanes + lane
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
        for lane in range(lanes):
            e = next_event[lane]
            due = accepted[lane] and last[lane] and e < event_to[who[lane]]
            if due and event_kind[e] == START and event_time[e] <= reached[lane] + SAME_TIME:
                for s in range(states):
                    start[s * lanes + lane] = y1[s * lanes + lane]

        # --- outputs inside the accepted steps
        while some:
            some = False
            for lane in range(lanes):
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
            record(table, lanes, pending, who, next_out, True, o, chosen, out)

        # --- a crossing that comes sooner or later moves the tangents by as much of the jump
        if base > 0 and switches > 0:
            some = False
            for lane in range(lanes):
                pending[lane] = accepted[lane] and flip[lane] >= 0 and jumps[max(flip[lane], 0)]
                if pending[lane]:
                    some = True
                    for s in range(states):
                        y[s * lanes + lane] = y1[s * lanes + lane]
            if some:
                outputs_now(table)
                rates_now(table)
                for lane in range(lanes):
                    if pending[lane]:
                        for s in range(base):
                            before[s * lanes + lane] = f[s * lanes + lane]
                        m[flip[lane] * lanes + lane] = 1.0 - m[flip[lane] * lanes + lane]
                rates_now(table)
                for lane in range(lanes):
                    if pending[lane]:
                        k = flip[lane]
                        m[k * lanes + lane] = 1.0 - m[k * lanes + lane]
                        speed = o[(moves + switches + k) * lanes + lane]
                        later = -o[(moves + k) * lanes + lane] / speed if speed != 0.0 else 0.0
                        for s in range(base):
                            i = s * lanes + lane
                            y1[base * lanes + i] += (before[i] - f[i]) * later

        # --- move on
        for lane in range(lanes):
            if not accepted[lane]:
                continue
            t[lane] = reached[lane]
            for s in range(states):
                y[s * lanes + lane] = y1[s * lanes + lane]
            for k in range(switches):
                x_now[k * lanes + lane] = x[k * lanes + lane]
                if flip[lane] == k:
                    m[k * lanes + lane] = 1.0 - m[k * lanes + lane]
            flip[lane] = -1
            arrived[lane] = last[lane]
            if t[lane] >= end:
                keep(
                    who[lane], lane, sizes, p, y, start, m, parameters, final_states, final_starts, final_modes
                )  # fmt: skip
