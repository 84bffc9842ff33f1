"""Models as text for other programs: the texts give the numbers of the engine, or are those agreed on."""

from __future__ import annotations

import math
import re
import shutil
import subprocess

import numpy as np
import pytest

import bonecast as bc
from bonecast.engine import System, switch
from bonecast.engine.maths import floor, maximum
from bonecast.errors import InputError, UnknownName
from bonecast.models import EXPORTS, Model, export_model, load_model

SMALL = System(
    name="small",
    time_unit="d",
    states=("A", "S1"),
    parameters={"k": 0.5, "K": 2.0, "F1": 0.8, "g": 1.5},
    initial=lambda p: {"A": p.K / p.k, "S1": 1.0},
    rates=lambda y, p: {
        "A": -p.k * y.A + switch(y.S1, 0.5, -(p.K), y.S1 - -p.g),
        "S1": (y.A + p.K) ** p.g / (p.K + y.A) - 2 * maximum(y.S1, 0.1),
    },
    outputs=lambda y, p, start: {"ratio": y.A / start.A - 1.0},
    output_names=("ratio",),
    scales={"A": 1.0, "S1": 1.0},
)
MODELS = ["choi-2025", "bonecast-1", "peterson-riggs-2010"]


def states_of(system):
    """States away from the start, and rates and outputs there."""
    p = system.named_parameters()
    start = {name: float(value) for name, value in system.initial(p).items()}
    y = {name: value * (1.1 + 0.01 * i) + 0.01 for i, (name, value) in enumerate(start.items())}
    from types import SimpleNamespace

    there = SimpleNamespace(**y)
    rates = system.rates(there, p)
    outputs = system.outputs(there, p, SimpleNamespace(**start))
    return (
        list(y.values()), list(start.values()),
        [float(rates[name]) for name in system.states], [float(outputs[name]) for name in system.output_names],
    )  # fmt: skip


@pytest.mark.parametrize("model", [Model.of(SMALL), *map(load_model, MODELS)], ids=lambda model: model.name)
def test_julia_text_gives_the_rates_and_outputs_of_the_model(model):
    text = export_model(model, "julia")
    functions = {}
    for name, body in re.findall(r"^function (\w+!?)\(.*?\)\n(.*?)^end$", text, re.M | re.S):
        lines = [line.strip() for line in body.splitlines()]
        functions[name] = [line.split("#")[0] for line in lines if not line.startswith(("(;", "return", "#"))]
    names = dict(re.findall(r"(\w+) = ([-\d.e+]+)", text.split("const parameters = (")[1].split(",)")[0]))
    y, start, rates, outputs = states_of(model.system)
    space = {n: float(v) for n, v in names.items()} | {
        n: getattr(math, n) for n in ("exp", "log", "sqrt", "floor")
    }
    space |= {
        "ifelse": lambda x, a, b: a if x else b,
        "u": [0.0, *y],
        "start": [0.0, *start],
        "du": [0.0] * (len(y) + 1),
    }
    for name in ("initial", "rates!", "outputs"):
        exec("\n".join(functions[name]).replace("^", "**"), space)
    np.testing.assert_allclose(space["du"][1:], rates, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose([space[f"y{i + 1}"] for i in range(len(y))], start, rtol=1e-12)
    captured = text.split("function outputs")[1].split("return (; ")[1].split(")")[0].split(", ")
    np.testing.assert_allclose([space[name] for name in captured], outputs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("model", [Model.of(SMALL), load_model("bonecast-1")], ids=lambda model: model.name)
def test_nonmem_text_gives_the_rates_of_the_model(model):
    text = export_model(model, "nonmem")
    part = {name: text.split(f"${name}\n")[1].split("\n$")[0] for name in ("PK", "DES", "ERROR", "THETA")}
    theta = [0.0, *(float(line.split(" FIX")[0]) for line in part["THETA"].strip().splitlines())]
    y, start, rates, outputs = states_of(model.system)
    space = {"THETA": theta, "A": [0.0, *y], "DADT": [0.0] * (len(y) + 1), "A_0": [0.0] * (len(y) + 1)}
    space |= {"EXP": math.exp, "LOG": math.log, "SQRT": math.sqrt}
    for block in ("PK", "DES", "ERROR"):
        lines = re.sub(r";.*", "", part[block])
        lines = re.sub(r"\b(THETA|DADT|A_0|A)\((\d+)\)", r"\1[\2]", lines)
        lines = re.sub(r"^IF \((.*)\.GT\.(.*)\) THEN$", r"if \1 > \2:", lines, flags=re.M)
        exec(lines.replace("ELSE\n", "else:\n").replace("ENDIF", ""), space)
    np.testing.assert_allclose(space["DADT"][1:], rates, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(space["A_0"][1:], start, rtol=1e-12)
    written = [line.split(" = ")[0] for line in part["ERROR"].splitlines() if " = " in line]
    np.testing.assert_allclose([space[n] for n in written[-len(outputs) :]], outputs, rtol=1e-10, atol=1e-12)
    assert all(len(name) <= 20 for name in re.findall(r"\b[A-Z]\w*", text.split("$PK")[1].split("$THETA")[0]))
    assert not re.search(r"[-+*/] ?[-+]", re.sub(r"E[-+]", "E", text.split("$PK")[1].split("$THETA")[0]))


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs a C++ compiler")
def test_mrgsolve_text_compiles_and_gives_the_rates_of_the_model(tmp_path):
    model = load_model("bonecast-1")
    text = export_model(model, "mrgsolve")
    part = dict(re.findall(r"^\$(\w+)\n(.*?)(?=^\$|\Z)", text, re.M | re.S))
    states = text.split("$CMT ")[1].splitlines()[0].split()
    y, _, rates, outputs = states_of(model.system)
    captured = text.split("$CAPTURE ")[1].split()
    assert len(captured) == len(outputs)
    given = sorted(set(re.findall(r"^((?:F|ALAG)_\w+) =", part["MAIN"], re.M)))
    source = "\n".join(
        [
            "#include <cmath>\n#include <cstdio>\nusing namespace std;\nint main() {",
            *(f"double {line};" for line in part["PARAM"].splitlines()),
            *(f"double {name} = {value!r}, {name}_0, dxdt_{name};" for name, value in zip(states, y, strict=True)),
            *(f"double {name};" for name in given),
            part["MAIN"], part["ODE"], part["TABLE"],
            *(f'printf("%.17g\\n", {name});' for name in [*(f"dxdt_{s}" for s in states), *captured]),
            "}",
        ]
    )  # fmt: skip
    (tmp_path / "model.cpp").write_text(source, encoding="utf-8")
    subprocess.run(["g++", "-O0", "-o", tmp_path / "model", tmp_path / "model.cpp"], check=True)
    values = subprocess.run([tmp_path / "model"], capture_output=True, check=True, text=True).stdout.split()
    np.testing.assert_allclose([float(v) for v in values], [*rates, *outputs], rtol=1e-10, atol=1e-12)


def test_the_latex_of_a_small_system_is_the_agreed_text():
    text = export_model(Model.of(SMALL), "latex")
    assert "\\mathrm{A}(0) &= \\frac{\\mathrm{K}}{\\mathrm{k}} \\\\" in text
    rate = text.split("\\frac{d \\mathrm{A}}{dt} &= ")[1].splitlines()[0]
    assert rate.startswith(
        "\\mathrm{A} \\cdot (-\\mathrm{k}) + \\begin{cases} -\\mathrm{K} & \\text{if } \\mathrm{S1} - 0.5 > 0"
    )
    assert rate.endswith("\\mathrm{S1} - (-\\mathrm{g}) & \\text{otherwise} \\end{cases} \\\\")
    assert (
        "\\frac{d \\mathrm{S1}}{dt} &= \\frac{\\left(\\tau_{1}\\right)^{\\mathrm{g}}}{\\tau_{1}} - " in text
    )
    assert text.count("\\begin{") == text.count("\\end{")
    assert "$\\mathrm{k}$ & k & $0.5$ & model units & system \\\\" in text


@pytest.mark.parametrize("target", sorted(EXPORTS))
def test_what_another_program_cannot_say_is_refused_by_name(target):
    with pytest.raises(InputError, match="joerg-2022 has a life before time zero"):
        export_model(load_model("joerg-2022"), target)


def test_an_unknown_format_and_a_function_that_is_missing_there_are_refused():
    with pytest.raises(UnknownName, match="mrgsolve"):
        export_model(load_model("choi-2025"), "mrgsolv")
    stepped = System(
        name="stepped", time_unit="d", states=("A",), parameters={"k": 1.0}, initial=lambda p: {"A": 1.0},
        rates=lambda y, p: {"A": -floor(y.A)}, outputs=lambda y, p, start: {"A": y.A}, output_names=("A",),
    )  # fmt: skip
    with pytest.raises(InputError, match="floor cannot be written"):
        export_model(bc.Model.of(stepped), "nonmem")
