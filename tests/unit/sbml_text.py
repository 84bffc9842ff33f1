"""SBML text for tests, put together from short parts."""

from __future__ import annotations

MATHML = 'xmlns="http://www.w3.org/1998/Math/MathML"'
TIME = '<csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">t</csymbol>'


def ci(name: str) -> str:
    return f"<ci>{name}</ci>"


def cn(value: float) -> str:
    return f"<cn>{value}</cn>"


def apply(op: str, *args: str) -> str:
    return f"<apply><{op}/>{''.join(args)}</apply>"


def symbol(kind: str, *args: str) -> str:
    url = f"http://www.sbml.org/sbml/symbols/{kind}"
    head = f'<csymbol encoding="text" definitionURL="{url}">{kind}</csymbol>'
    return f"<apply>{head}{''.join(args)}</apply>"


def math_of(text: str) -> str:
    return f"<math {MATHML}>{text}</math>"


def parameter(name: str, value: float | None = 0.0, constant: bool = False) -> str:
    given = "" if value is None else f' value="{value}"'
    return f'<parameter id="{name}"{given} constant="{str(constant).lower()}"/>'


def compartment(name: str = "C", size: float = 1.0, constant: bool = True) -> str:
    return (
        f'<compartment id="{name}" size="{size}" spatialDimensions="3" constant="{str(constant).lower()}"/>'
    )


def species(name: str, given: str, substance: bool = False, more: str = "") -> str:
    only = str(substance).lower()
    more = more or 'boundaryCondition="false" constant="false"'
    return f'<species id="{name}" compartment="C" {given} hasOnlySubstanceUnits="{only}" {more}/>'


def rule(kind: str, name: str, text: str) -> str:
    variable = f' variable="{name}"' if name else ""
    return f"<{kind}Rule{variable}>{math_of(text)}</{kind}Rule>"


def assignment(name: str, text: str) -> str:
    return f'<initialAssignment symbol="{name}">{math_of(text)}</initialAssignment>'


def event(trigger: str, targets: dict[str, str], delay: str = "", priority: str = "", **how: bool) -> str:
    flags = {"initialValue": True, "persistent": True, "useValuesFromTriggerTime": True, **how}
    said = {key: str(value).lower() for key, value in flags.items()}
    listed = "".join(
        f'<eventAssignment variable="{n}">{math_of(t)}</eventAssignment>' for n, t in targets.items()
    )
    return (
        f'<event useValuesFromTriggerTime="{said["useValuesFromTriggerTime"]}">'
        f'<trigger initialValue="{said["initialValue"]}" persistent="{said["persistent"]}">{math_of(trigger)}</trigger>'
        + (f"<delay>{math_of(delay)}</delay>" if delay else "")
        + (f"<priority>{math_of(priority)}</priority>" if priority else "")
        + f"<listOfEventAssignments>{listed}</listOfEventAssignments></event>"
    )


def reaction(
    rate: str, reactants: dict[str, str], products: dict[str, str], local: str = "", name: str = "J"
) -> str:
    def references(kind: str, given: dict[str, str]) -> str:
        listed = "".join(f'<speciesReference species="{n}" {how}/>' for n, how in given.items())
        return f"<listOf{kind}>{listed}</listOf{kind}>" if given else ""

    own = f"<listOfLocalParameters>{local}</listOfLocalParameters>" if local else ""
    return (
        f'<reaction id="{name}" reversible="false">{references("Reactants", reactants)}'
        f"{references('Products', products)}<kineticLaw>{math_of(rate)}{own}</kineticLaw></reaction>"
    )


def sbml(attributes: str = "", namespaces: str = "", **lists: str) -> str:
    order = [
        "FunctionDefinitions", "UnitDefinitions", "Compartments", "Species", "Parameters", "InitialAssignments",
        "Rules", "Reactions", "Events",
    ]  # fmt: skip
    inside = "".join(f"<listOf{kind}>{lists[kind]}</listOf{kind}>" for kind in order if kind in lists)
    head = f'xmlns="http://www.sbml.org/sbml/level3/version2/core" level="3" version="2" {namespaces}'
    return f'<sbml {head}><model id="m" {attributes}>{inside}</model></sbml>'
