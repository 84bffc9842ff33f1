"""The small acts of the integrator's loop: taking outputs, setting and finding the sides of switches, keeping the end.

`compiled_loop.py` runs this text before `loop.py`, in the same names (the calls of `bindings.py`).
"""

# pyright: reportUndefinedVariable=false

from numba import njit

FLAGS = {"contract"}
SAMPLES = 8  # points of a step at which a crossing is first looked for


@njit(fastmath=FLAGS, error_model="numpy")
def record(table, lanes, pending, who, next_out, inside, o, chosen, out):
    """Take the outputs of the pending lanes, now or inside the step, and move on to their next output time."""
    if inside:
        outputs_between(table)
    else:
        outputs_now(table)
    for lane in range(lanes):
        if pending[lane]:
            for j in range(chosen.size):
                out[who[lane], next_out[lane], j] = o[chosen[j] * lanes + lane]
            next_out[lane] += 1


@njit(fastmath=FLAGS, error_model="numpy")
def set_modes(table, lane, sizes, m, x):
    """Set the side of every switch of one lane from its present states."""
    lanes, switches = sizes[0], sizes[3]
    if switches > 0:
        switches_now(table)
        for k in range(switches):
            m[k * lanes + lane] = 1.0 if x[k * lanes + lane] > 0.0 else 0.0


@njit(fastmath=FLAGS, error_model="numpy")
def side(table, lanes, i, share, theta, m, x):
    """How far on the side of its mode is switch i (of one lane) at a share of the step? Negative once across."""
    for lane in range(lanes):
        theta[lane] = share
    between(table)
    switches_between(table)
    return x[i] if m[i] > 0.5 else -x[i]


@njit(fastmath=FLAGS, error_model="numpy")
def locate(table, lanes, i, at_start, theta, m, x):
    """At what share of the step does switch i (of one lane) leave its side? 0: it never was on it; 2: not at all.

    A first look at eighths finds the stretch (a step that follows a crossing may begin a hair before it), then
    regula falsi (Illinois) on the interpolant finds the point.
    """
    low, at_low, at_high, inside = 0.0, at_start, 0.0, at_start > 0.0
    for j in range(1, SAMPLES + 1):
        high = j / SAMPLES
        at_high = side(table, lanes, i, high, theta, m, x)
        if at_high > 0.0:
            low, at_low, inside = high, at_high, True
        elif inside:
            scale = at_low - at_high
            for _ in range(30):
                share = low + at_low * (high - low) / (at_low - at_high)
                at = side(table, lanes, i, share, theta, m, x)
                if abs(at) <= 1e-9 * scale:
                    return share
                if at > 0.0:
                    low, at_low, at_high = share, at, 0.5 * at_high
                else:
                    high, at_high, at_low = share, at, 0.5 * at_low
            return high
    return 2.0 if at_high > 0.0 else 0.0


@njit(fastmath=FLAGS, error_model="numpy")
def no_other_crossed(lane, k, sizes, x, m):
    """Are all switches of one lane but k on the side of their modes?"""
    lanes, switches = sizes[0], sizes[3]
    for other in range(switches):
        i = other * lanes + lane
        if other != k and (x[i] > 0.0) != (m[i] > 0.5):
            return False
    return True


@njit(fastmath=FLAGS, error_model="numpy")
def keep(person, lane, sizes, p, y, start, m, parameters, final_states, final_starts, final_modes):
    """Keep what another run needs to go on from here: before the events of this very time."""
    lanes, states, width, switches = sizes[0], sizes[1], sizes[2], sizes[3]
    for s in range(states):
        final_states[person, s] = y[s * lanes + lane]
        final_starts[person, s] = start[s * lanes + lane]
    for k in range(switches):
        final_modes[person, k] = m[k * lanes + lane]
    for j in range(width):
        parameters[person, j] = p[lane * width + j]
