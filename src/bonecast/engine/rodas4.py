"""The coefficients of RODAS4: a stiffly accurate Rosenbrock method of order 4 with an embedded order 3.

Source: E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed., Springer 1996, section IV.7 and
the authors' code RODAS (method 1), in the form without matrix-vector products. With W = I/(gamma h) - J:

    W k_i = f(y + sum_j a_ij k_j) + (1/h) sum_j c_ij k_j,     y1 = y + sum_j a_6j k_j + k_6,     error = k_6

Between steps, at t + theta h:  y = (1-theta) y0 + theta (y1 + (1-theta) (d0 + theta d1)),  d_r = sum_j h_rj k_j.
"""

GAMMA = 0.25
ORDER = 4

# row s: the coefficients a_sj of stage s + 1 (the first stage has none); stage 6 starts from the fifth, a_65 = 1
A = (
    (),
    (1.544,),
    (0.9466785280815826, 0.2557011698983284),
    (3.314825187068521, 2.896124015972201, 0.9986419139977817),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950),
    (1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0),
)

C = (
    (),
    (-5.6688,),
    (-2.430093356833875, -0.2063599157091915),
    (-0.1073529058151375, -9.594562251023355, -20.47028614809616),
    (7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160),
    (8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054),
)

H = (
    (10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662),
    (-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872),
)
