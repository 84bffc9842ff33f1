"""The integrator: RODAS4 over `LANES` persons side by side, each with its own step, events and outputs.

`kernel.py` runs this text once for each model and number of lanes, with the names declared below already bound;
numba keeps the machine code beside the copy of the text. Arrays of a lane group are flat: index * LANES + lane.
A lane that finishes its person takes the next one at once, so that no lane waits for the slowest.

An event happens at its time and never inside a step: a step ends there, outputs marked "before" are taken, the
events are applied in order, outputs marked "after" are taken. The side of a switch is held during a step; a step
over the crossing is cut to end on it (located on the step's own interpolant), and the side is changed there.
"""

import math

import numpy as np
from numba import njit

from bonecast.engine.rodas4 import (
    A21, A31, A32, A41, A42, A43, A51, A52, A53, A54, C21, C31, C32, C41, C42, C43, C51, C52, C53, C54,
    C61, C62, C63, C64, C65, GAMMA, H01, H02, H03, H04, H05, H11, H12, H13, H14, H15,
)  # fmt: skip

LANES: int
STATES: int
PARAMETERS: int
CONSTANTS: int
OUTPUTS: int
SWITCHES: int
FACTORS: int

SIGNATURE = (
    "void(float64[:,::1], float64[::1], boolean, float64[:,::1], float64[:,::1], float64[:,::1],"
    " int64[::1], int64[::1], float64[::1], int64[::1], int64[::1], float64[::1],"
    " int64[::1], int64[::1], int64[::1], int64,"
    " float64[::1], boolean[::1], int64[::1], float64, float64[::1], int64,"
    " float64[:,:,::1], int64[::1], int64[:,::1], float64[:,::1], float64[:,::1], float64[:,::1])"
)
SIZE = STATES * LANES
DOSE, RATE, PARAMETER, STATE, START = 0, 1, 2, 3, 4  # kinds of events, as in events.py
FINE, TOO_MANY_STEPS, STEP_TOO_SMALL, NOT_FINITE, SMALL_PIVOT = 0, 1, 2, 3, 4  # as in status.py
SMALLEST_PIVOT = 1e-13  # as a share of 1/(gamma h)
FIRST_STEP = 1e-4  # of the first stretch of a run; later restarts remember what worked
LANDINGS = 4  # times that one crossing is sought before the step is taken as it is
SAMPLES = 8  # points of a step at which a crossing is first looked for

FLAGS = {"contract"}


@njit(fastmath=FLAGS, error_model="numpy")
def aligned(count):
    block = np.zeros(count + 8)
    skip = ((64 - block.ctypes.data % 64) % 64) // 8
    return block[skip : skip + count]


@njit(fastmath=FLAGS, error_model="numpy")
def try_step(y, c, m, g, ih, f, w, q, y1, k1, k2, k3, k4, k5, k6):
    """All stages of one step in all lanes: y1 is the new state, k6 the error; q the smallest pivot's share."""
    factor(y.ctypes.data, c.ctypes.data, m.ctypes.data, g.ctypes.data, f.ctypes.data, w.ctypes.data, q.ctypes.data)
    for i in range(SIZE):
        k1[i] = f[i]
    solve(w.ctypes.data, k1.ctypes.data)

    for i in range(SIZE):
        y1[i] = y[i] + A21 * k1[i]
    rates(y1.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            k2[i] = f[i] + ih[lane] * (C21 * k1[i])
    solve(w.ctypes.data, k2.ctypes.data)

    for i in range(SIZE):
        y1[i] = y[i] + A31 * k1[i] + A32 * k2[i]
    rates(y1.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            k3[i] = f[i] + ih[lane] * (C31 * k1[i] + C32 * k2[i])
    solve(w.ctypes.data, k3.ctypes.data)

    for i in range(SIZE):
        y1[i] = y[i] + A41 * k1[i] + A42 * k2[i] + A43 * k3[i]
    rates(y1.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            k4[i] = f[i] + ih[lane] * (C41 * k1[i] + C42 * k2[i] + C43 * k3[i])
    solve(w.ctypes.data, k4.ctypes.data)

    for i in range(SIZE):
        y1[i] = y[i] + A51 * k1[i] + A52 * k2[i] + A53 * k3[i] + A54 * k4[i]
    rates(y1.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            k5[i] = f[i] + ih[lane] * (C51 * k1[i] + C52 * k2[i] + C53 * k3[i] + C54 * k4[i])
    solve(w.ctypes.data, k5.ctypes.data)

    for i in range(SIZE):
        y1[i] += k5[i]
    rates(y1.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            k6[i] = f[i] + ih[lane] * (
                C61 * k1[i] + C62 * k2[i] + C63 * k3[i] + C64 * k4[i] + C65 * k5[i]
            )
    solve(w.ctypes.data, k6.ctypes.data)
    for i in range(SIZE):
        y1[i] += k6[i]


@njit(fastmath=FLAGS, error_model="numpy")
def dense_coefficients(d0, d1, k1, k2, k3, k4, k5):
    for i in range(SIZE):
        d0[i] = H01 * k1[i] + H02 * k2[i] + H03 * k3[i] + H04 * k4[i] + H05 * k5[i]
        d1[i] = H11 * k1[i] + H12 * k2[i] + H13 * k3[i] + H14 * k4[i] + H15 * k5[i]


@njit(fastmath=FLAGS, error_model="numpy")
def interpolate(theta, y, y1, d0, d1, between):
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            th = theta[lane]
            between[i] = (1.0 - th) * y[i] + th * (y1[i] + (1.0 - th) * (d0[i] + th * d1[i]))


@njit(fastmath=FLAGS, error_model="numpy")
def polish(theta, ih, g, y, y1, d0, d1, c, m, w, f, correction, between):
    """Put the fast states of an interpolated point back on their course.

    The interpolant is of order 3 for slow states only. With the defect d = f(y) - y', the step's own factors
    give W^-1 d, right for fast states, and W^-1 d - g W^-2 d, which leaves the slow ones as they are.
    """
    rates(between.ctypes.data, c.ctypes.data, m.ctypes.data, f.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            th = theta[lane]
            slope = y1[i] - y[i] + (1.0 - 2.0 * th) * d0[i] + th * (2.0 - 3.0 * th) * d1[i]
            f[i] = f[i] - ih[lane] * slope
    solve(w.ctypes.data, f.ctypes.data)
    for i in range(SIZE):
        correction[i] = f[i]
    solve(w.ctypes.data, correction.ctypes.data)
    for s in range(STATES):
        for lane in range(LANES):
            i = s * LANES + lane
            if theta[lane] < 1.0:
                between[i] += f[i] - g[lane] * correction[i]


@njit(fastmath=FLAGS, error_model="numpy")
def record(pending, who, next_out, between, c, m, start, o, chosen, out):
    """Take the outputs of the pending lanes from the states `between` and move on to their next output time."""
    outputs(between.ctypes.data, c.ctypes.data, m.ctypes.data, start.ctypes.data, o.ctypes.data)
    for lane in range(LANES):
        if pending[lane]:
            for j in range(chosen.size):
                out[who[lane], next_out[lane], j] = o[chosen[j] * LANES + lane]
            next_out[lane] += 1


@njit(fastmath=FLAGS, error_model="numpy")
def set_modes(lane, y, c, m, x):
    """Set the side of every switch of one lane from its present states."""
    if SWITCHES > 0:
        switches(y.ctypes.data, c.ctypes.data, m.ctypes.data, x.ctypes.data)
        for k in range(SWITCHES):
            m[k * LANES + lane] = 1.0 if x[k * LANES + lane] > 0.0 else 0.0


@njit(fastmath=FLAGS, error_model="numpy")
def side(lane, k, th, theta, y, y1, d0, d1, c, m, between, x):
    """How far on the side of its mode is switch k of this lane at theta? Negative once it has crossed."""
    for other in range(LANES):
        theta[other] = th
    interpolate(theta, y, y1, d0, d1, between)
    switches(between.ctypes.data, c.ctypes.data, m.ctypes.data, x.ctypes.data)
    i = k * LANES + lane
    return x[i] if m[i] > 0.5 else -x[i]


@njit(fastmath=FLAGS, error_model="numpy")
def locate(lane, k, at_start, theta, y, y1, d0, d1, c, m, between, x):
    """At what share of the step does switch k of this lane leave its side? Zero if it never was on it.

    A first look at eighths finds the stretch (a step that follows a crossing may begin a hair before it), then
    regula falsi (Illinois) on the interpolant finds the point.
    """
    low, at_low, inside = 0.0, at_start, at_start > 0.0
    for j in range(1, SAMPLES + 1):
        high = j / SAMPLES
        at_high = side(lane, k, high, theta, y, y1, d0, d1, c, m, between, x)
        if at_high > 0.0:
            low, at_low, inside = high, at_high, True
        elif inside:
            scale = at_low - at_high
            for _ in range(30):
                th = low + at_low * (high - low) / (at_low - at_high)
                at = side(lane, k, th, theta, y, y1, d0, d1, c, m, between, x)
                if abs(at) <= 1e-9 * scale:
                    return th
                if at > 0.0:
                    low, at_low, at_high = th, at, 0.5 * at_high
                else:
                    high, at_high, at_low = th, at, 0.5 * at_low
            return high
    return 0.0


@njit(SIGNATURE, cache=True, nogil=True, fastmath=FLAGS, error_model="numpy")
def integrate(
    parameters, begin, resumed, given_states, given_starts, given_modes,
    event_from, event_to, event_time, event_kind, event_index, event_value,
    route_state, route_slot, route_rate, run_in_slot,
    out_time, out_after, chosen, rtol, atol, max_steps,
    out, status, counts, final_states, final_starts, final_modes,
):  # fmt: skip
    """Integrate every person of `parameters`, which at the end holds what the events made of them."""
    persons, times = parameters.shape[0], out_time.size
    end = out_time[times - 1]
    p = aligned(PARAMETERS * LANES)  # here a person's parameters lie side by side
    c, w, q, g, ih = aligned(CONSTANTS * LANES), aligned(FACTORS * LANES), aligned(LANES), aligned(LANES), aligned(LANES)
    y, y1, f, between, start = aligned(SIZE), aligned(SIZE), aligned(SIZE), aligned(SIZE), aligned(SIZE)
    k1, k2, k3, k4, k5, k6 = aligned(SIZE), aligned(SIZE), aligned(SIZE), aligned(SIZE), aligned(SIZE), aligned(SIZE)
    d0, d1, o = aligned(SIZE), aligned(SIZE), aligned(OUTPUTS * LANES)
    m, x, x_now = aligned((SWITCHES + 1) * LANES), aligned((SWITCHES + 1) * LANES), aligned((SWITCHES + 1) * LANES)
    theta, error = aligned(LANES), aligned(LANES)

    who = np.full(LANES, -1)
    t, h, step, reached, restart = np.zeros(LANES), np.ones(LANES), np.ones(LANES), np.zeros(LANES), np.ones(LANES)
    next_event, next_out, tries = np.zeros(LANES, np.int64), np.zeros(LANES, np.int64), np.zeros(LANES, np.int64)
    landing, landings, flip = np.full(LANES, -1), np.zeros(LANES, np.int64), np.full(LANES, -1)
    full_step = np.ones(LANES)
    last, accepted, pending = np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_)
    fresh, arrived, learning = np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_), np.zeros(LANES, np.bool_)
    next_person, live = 0, 0

    while True:
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
                prep(p.ctypes.data + 8 * lane * PARAMETERS, c.ctypes.data + 8 * lane)
                if resumed:
                    t[lane] = begin[person]
                    for s in range(STATES):
                        y[s * LANES + lane] = given_states[person, s]
                        start[s * LANES + lane] = given_starts[person, s]
                    for k in range(SWITCHES):
                        m[k * LANES + lane] = given_modes[person, k]
                else:
                    initial(p.ctypes.data + 8 * lane * PARAMETERS, y.ctypes.data + 8 * lane)
                    t[lane] = begin[person] - c[run_in_slot * LANES + lane]
                    for s in range(STATES):
                        start[s * LANES + lane] = y[s * LANES + lane]
                    set_modes(lane, y, c, m, x)
                next_event[lane], next_out[lane], tries[lane] = event_from[person], 0, 0
                restart[lane] = FIRST_STEP * (end - t[lane])
                h[lane] = restart[lane]
                landing[lane], landings[lane] = -1, 0
                fresh[lane], arrived[lane], learning[lane] = True, True, True
        if live == 0:
            break

        # --- outputs at the very beginning, before its events
        while seated:
            some = False
            for lane in range(LANES):
                pending[lane] = (
                    fresh[lane]
                    and next_out[lane] < times
                    and out_time[next_out[lane]] <= t[lane]
                    and not out_after[next_out[lane]]
                )
                some = some or pending[lane]
            if not some:
                break
            record(pending, who, next_out, y, c, m, start, o, chosen, out)

        # --- events at this time, in order, then the outputs after them
        some_arrived = False
        for lane in range(LANES):
            fresh[lane] = False
            if who[lane] < 0 or not arrived[lane]:
                continue
            some_arrived = True
            changed = False
            while next_event[lane] < event_to[who[lane]] and event_time[next_event[lane]] <= t[lane]:
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
                    if event_kind[e] == RATE:
                        p[lane * PARAMETERS + route_rate[index]] += value
                    else:
                        p[lane * PARAMETERS + index] = value
                    prep(p.ctypes.data + 8 * lane * PARAMETERS, c.ctypes.data + 8 * lane)
                changed = changed or event_kind[e] != START
                next_event[lane] += 1
            if changed:
                set_modes(lane, y, c, m, x)
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
                    and out_time[next_out[lane]] <= t[lane]
                )
                some = some or pending[lane]
            if not some:
                break
            record(pending, who, next_out, y, c, m, start, o, chosen, out)
        if some_arrived:
            vacated = False
            for lane in range(LANES):
                if who[lane] >= 0 and t[lane] >= end:
                    who[lane] = -1
                    live -= 1
                    vacated = True
                arrived[lane] = False
            if SWITCHES > 0:
                switches(y.ctypes.data, c.ctypes.data, m.ctypes.data, x_now.ctypes.data)
            if vacated:
                continue

        # --- choose each lane's step: to the next event or the end at most
        for lane in range(LANES):
            if who[lane] >= 0:
                stop = end
                if next_event[lane] < event_to[who[lane]] and event_time[next_event[lane]] < end:
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

        try_step(y, c, m, g, ih, f, w, q, y1, k1, k2, k3, k4, k5, k6)

        for lane in range(LANES):
            error[lane] = 0.0
        for s in range(STATES):
            for lane in range(LANES):
                i = s * LANES + lane
                e = k6[i] / (atol[s] + rtol * max(abs(y[i]), abs(y1[i])))
                error[lane] += e * e

        # --- accept or reject
        have_dense = False
        if SWITCHES > 0:
            switches(y1.ctypes.data, c.ctypes.data, m.ctypes.data, x.ctypes.data)
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
            change = min(6.0, max(0.2, 0.9 / math.sqrt(math.sqrt(max(norm, 1e-12)))))
            if norm <= 1.0:
                accepted[lane] = True
                counts[person, 0] += 1
                h[lane] = max(h[lane], step[lane] * change) if last[lane] and change > 1.0 else step[lane] * change
                if learning[lane]:  # what would have been the right first step is tried after the next event
                    restart[lane] = step[lane] * min(0.9 * change, 4.0)
                    learning[lane] = False
            else:
                counts[person, 1] += 1
                h[lane] = step[lane] * min(change, 0.9)
                landing[lane] = -1
                failure = FINE
                if tries[lane] >= max_steps:
                    failure = TOO_MANY_STEPS
                elif step[lane] <= 1e-13 * max(1.0, abs(t[lane])):
                    failure = STEP_TOO_SMALL
                    if not solid:
                        failure = SMALL_PIVOT
                    if not finite:
                        failure = NOT_FINITE
                if failure != FINE:
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
                if landing[lane] >= 0:  # this step was cut: the side changes at its end
                    flip[lane] = landing[lane]
                    landing[lane], landings[lane] = -1, 0
                    h[lane] = full_step[lane]
                    continue
                first_share, first_k = 2.0, -1
                for k in range(SWITCHES):
                    i = k * LANES + lane
                    if (x[i] > 0.0) == (m[i] > 0.5):
                        continue
                    if not have_dense:
                        dense_coefficients(d0, d1, k1, k2, k3, k4, k5)
                        have_dense = True
                    at_start = x_now[i] if m[i] > 0.5 else -x_now[i]
                    share = locate(lane, k, at_start, theta, y, y1, d0, d1, c, m, between, x)
                    switches(y1.ctypes.data, c.ctypes.data, m.ctypes.data, x.ctypes.data)
                    if share < first_share:
                        first_share, first_k = share, k
                if first_k < 0:
                    landings[lane] = 0
                    continue
                landings[lane] += 1
                if first_share >= 0.999999 or landings[lane] > LANDINGS:
                    flip[lane] = first_k
                    landings[lane] = 0
                elif first_share * step[lane] < 1e-9:  # it was on the wrong side all along
                    accepted[lane] = False
                    m[first_k * LANES + lane] = 1.0 - m[first_k * LANES + lane]
                    h[lane] = step[lane]
                else:
                    accepted[lane] = False
                    full_step[lane] = step[lane]
                    h[lane] = first_share * step[lane]
                    landing[lane] = first_k

        # --- a run-in that ends here gives the states that outputs compare with, these outputs included
        for lane in range(LANES):
            e = next_event[lane]
            if accepted[lane] and last[lane] and e < event_to[who[lane]]:
                if event_kind[e] == START and event_time[e] <= reached[lane]:
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
                    if out_time[n] < reached[lane]:
                        pending[lane] = True
                        theta[lane] = (out_time[n] - t[lane]) * ih[lane]
                    elif out_time[n] == reached[lane] and not out_after[n]:
                        pending[lane] = True
                some = some or pending[lane]
            if not some:
                break
            if not have_dense:
                dense_coefficients(d0, d1, k1, k2, k3, k4, k5)
                have_dense = True
            interpolate(theta, y, y1, d0, d1, between)
            polish(theta, ih, g, y, y1, d0, d1, c, m, w, f, k6, between)
            record(pending, who, next_out, between, c, m, start, o, chosen, out)

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
                person = who[lane]
                for s in range(STATES):
                    final_states[person, s] = y[s * LANES + lane]
                    final_starts[person, s] = start[s * LANES + lane]
                for k in range(SWITCHES):
                    final_modes[person, k] = m[k * LANES + lane]
                for j in range(PARAMETERS):
                    parameters[person, j] = p[lane * PARAMETERS + j]
