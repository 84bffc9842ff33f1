"""The small acts of the integrator's loop: taking outputs, setting and finding the sides of switches, keeping the end.

`kernel.py` runs this text before `loop.py`, in the same names (`LANES`, `STATES`, the calls of `bindings.py` ...).
"""

# pyright: reportUndefinedVariable=false

from numba import njit

FLAGS = {"contract"}
SAMPLES = 8  # points of a step at which a crossing is first looked for


@njit(fastmath=FLAGS, error_model="numpy")
def record(table, pending, who, next_out, inside, o, chosen, out):
    """Take the outputs of the pending lanes, now or inside the step, and move on to their next output time."""
    if inside:
        outputs_between(table)
    else:
        outputs_now(table)
    for lane in range(LANES):
        if pending[lane]:
            for j in range(chosen.size):
                out[who[lane], next_out[lane], j] = o[chosen[j] * LANES + lane]
            next_out[lane] += 1


@njit(fastmath=FLAGS, error_model="numpy")
def set_modes(table, lane, m, x):
    """Set the side of every switch of one lane from its present states."""
    if SWITCHES > 0:
        switches_now(table)
        for k in range(SWITCHES):
            m[k * LANES + lane] = 1.0 if x[k * LANES + lane] > 0.0 else 0.0


@njit(fastmath=FLAGS, error_model="numpy")
def side(table, i, share, theta, m, x):
    """How far on the side of its mode is switch i (of one lane) at a share of the step? Negative once across."""
    for lane in range(LANES):
        theta[lane] = share
    between(table)
    switches_between(table)
    return x[i] if m[i] > 0.5 else -x[i]


@njit(fastmath=FLAGS, error_model="numpy")
def locate(table, i, at_start, theta, m, x):
    """At what share of the step does switch i (of one lane) leave its side? 0: it never was on it; 2: not at all.

    A first look at eighths finds the stretch (a step that follows a crossing may begin a hair before it), then
    regula falsi (Illinois) on the interpolant finds the point.
    """
    low, at_low, at_high, inside = 0.0, at_start, 0.0, at_start > 0.0
    for j in range(1, SAMPLES + 1):
        high = j / SAMPLES
        at_high = side(table, i, high, theta, m, x)
        if at_high > 0.0:
            low, at_low, inside = high, at_high, True
        elif inside:
            scale = at_low - at_high
            for _ in range(30):
                share = low + at_low * (high - low) / (at_low - at_high)
                at = side(table, i, share, theta, m, x)
                if abs(at) <= 1e-9 * scale:
                    return share
                if at > 0.0:
                    low, at_low, at_high = share, at, 0.5 * at_high
                else:
                    high, at_high, at_low = share, at, 0.5 * at_low
            return high
    return 2.0 if at_high > 0.0 else 0.0


@njit(fastmath=FLAGS, error_model="numpy")
def no_other_crossed(lane, k, x, m):
    """Are all switches of one lane but k on the side of their modes?"""
    for other in range(SWITCHES):
        i = other * LANES + lane
        if other != k and (x[i] > 0.0) != (m[i] > 0.5):
            return False
    return True


@njit(fastmath=FLAGS, error_model="numpy")
def keep(person, lane, p, y, start, m, parameters, final_states, final_starts, final_modes):
    """Keep what another run needs to go on from here: before the events of this very time."""
    for s in range(STATES):
        final_states[person, s] = y[s * LANES + lane]
        final_starts[person, s] = start[s * LANES + lane]
    for k in range(SWITCHES):
        final_modes[person, k] = m[k * LANES + lane]
    for j in range(PARAMETERS):
        parameters[person, j] = p[lane * PARAMETERS + j]
