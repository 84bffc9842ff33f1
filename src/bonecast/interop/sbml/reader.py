"""Read an SBML file, Level 1 to 3, with libSBML; what is not supported is refused by package, element and line."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bonecast.errors import InputError, printable
from bonecast.interop.sbml.description import SbmlDescription, SbmlEvent, SbmlQuantity, SbmlReaction
from bonecast.interop.sbml.expressions import AVOGADRO, ONE, TIME, ZERO, Expr, name, number

MOST_BYTES = 50_000_000
_FUNCTIONS = (
    "abs", "arccos", "arccosh", "arccot", "arccoth", "arccsc", "arccsch", "arcsec", "arcsech", "arcsin",
    "arcsinh", "arctan", "arctanh", "ceiling", "cos", "cosh", "cot", "coth", "csc", "csch", "exp",
    "factorial", "floor", "ln", "log", "max", "min", "piecewise", "quotient", "rem", "root", "sec",
    "sech", "sin", "sinh", "tan", "tanh",
)  # fmt: skip
_DEEPEST = 400  # nested function calls and parentheses
_HINT = "see docs/sbml.md for what is supported"


def libsbml() -> Any:
    """The library, or an error that names the extra."""
    try:
        import libsbml
    except ImportError:
        raise InputError(
            "SBML", "python-libsbml is not installed", "install it: pip install 'bonecast[sbml]'"
        ) from None
    return libsbml


def describe_file(path: str | os.PathLike[str]) -> SbmlDescription:
    """What an SBML file says."""
    file = Path(path)
    if not file.is_file():
        raise InputError(printable(str(path)), "there is no such file", "give the path of an SBML file")
    if file.stat().st_size > MOST_BYTES:
        raise InputError(file.name, "it is larger than 50 MB", "give a smaller model")
    with file.open("rb") as opened:
        head = opened.read(200).lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"<") and not head.startswith(b"<?xml"):  # libSBML asks for a declaration in files
        return describe_text(file.read_text("utf-8-sig"), file.name)
    return _SbmlReader(libsbml().readSBMLFromFile(str(file)), file.name).description()


def describe_text(text: str, place: str = "SBML text") -> SbmlDescription:
    """What SBML text says."""
    if not text.lstrip().startswith("<?xml"):
        text = '<?xml version="1.0" encoding="UTF-8"?>' + text  # else libSBML adds a line, and counts it
    return _SbmlReader(libsbml().readSBMLFromString(text), place).description()


class _SbmlReader:
    """One document on its way into a `Description`."""

    def __init__(self, document: Any, place: str) -> None:
        self.lib, self.document, self.place = libsbml(), document, place
        for i in range(document.getNumErrors()):
            error = document.getError(i)
            if error.getSeverity() >= self.lib.LIBSBML_SEV_ERROR and not self._harmless(error):
                cause = " ".join(error.getMessage().split())[:200]
                raise InputError(f"{place}, line {error.getLine()}", cause, "give a valid SBML file")
        self._packages()
        self.model = document.getModel()
        if self.model is None:
            raise InputError(place, "it holds no model", "give an SBML file with a model")
        self.level = (document.getLevel(), document.getVersion())
        self.functions = {
            f.getId(): f for f in self._all(self.model.getListOfFunctionDefinitions()) if f.isSetMath()
        }
        self.operators = self._operators()
        self.quantities: dict[str, SbmlQuantity] = {}
        self.delayed: list[Expr] = []

    def _harmless(self, error: Any) -> bool:
        """Errors about packages, which `_packages` reports by name, and a declaration that XML does not ask for."""
        lib = self.lib
        return error.getPackage() not in ("", "core") or error.getErrorId() in (
            lib.RequiredPackagePresent, lib.UnrequiredPackagePresent, lib.PackageRequiredShouldBeFalse,
            lib.MissingXMLDecl, lib.MissingXMLEncoding,
        )  # fmt: skip

    def _where(self, element: Any, what: str = "") -> str:
        kind = what or element.getElementName()
        named = f" {element.getId()}" if element.isSetId() else ""
        return f"{self.place}, line {element.getLine()}, {kind}{named}"

    def _refuse(self, element: Any, cause: str, what: str = "") -> InputError:
        return InputError(self._where(element, what), cause, _HINT)

    @staticmethod
    def _all(listed: Any) -> Iterator[Any]:
        return (listed.get(i) for i in range(listed.size()))

    def _packages(self) -> None:
        """Flatten hierarchical models, and refuse packages that change the meaning of the core."""
        document = self.document
        namespaces = document.getNamespaces()
        for i in range(namespaces.getLength()):
            uri, prefix = namespaces.getURI(i), namespaces.getPrefix(i)
            marker = "http://www.sbml.org/sbml/level3/version"
            if not uri.startswith(marker) or uri.endswith("/core"):
                continue
            package = uri[len(marker) :].split("/")[1]
            required = document.getPackageRequired(prefix) or self._unknown(prefix)
            if package == "comp":
                self._flatten()
            elif required:
                where = f"{self.place}, line 1, package {package}"
                raise InputError(where, "it changes the meaning of the model and is not supported", _HINT)
            elif package == "fbc" and document.getModel() is not None:
                plugin = document.getModel().getPlugin(prefix)
                if plugin is not None and plugin.getNumObjectives():
                    where = f"{self.place}, line {plugin.getObjective(0).getLine()}, package fbc"
                    raise InputError(where, "a flux balance problem has no course in time", _HINT)

    def _unknown(self, prefix: str) -> bool:
        """Whether this is a package that libSBML does not know, and the document has one that is required."""
        document = self.document
        unknown = [document.getUnknownPackagePrefix(i) for i in range(document.getNumUnknownPackages())]
        errors = [document.getError(i).getErrorId() for i in range(document.getNumErrors())]
        return prefix in unknown and self.lib.RequiredPackagePresent in errors

    def _flatten(self) -> None:
        properties = self.lib.ConversionProperties()
        properties.addOption("flatten comp", True)
        properties.addOption("performValidation", False)
        if self.document.convert(properties) != self.lib.LIBSBML_OPERATION_SUCCESS:
            where = f"{self.place}, line 1, package comp"
            raise InputError(where, "the hierarchy could not be flattened", _HINT)

    # The model

    def description(self) -> SbmlDescription:
        model, lib = self.model, self.lib
        self._compartments()
        self._species()
        for p in self._all(model.getListOfParameters()):
            value = p.getValue() if p.isSetValue() else math.nan
            constant = p.getConstant() if self.level[0] > 1 else False
            self._keep(SbmlQuantity(p.getId(), "parameter", value, constant, unit=self._unit(p), label=p.getName(), line=p.getLine()))  # fmt: skip  # noqa: E501
        reactions = {r.getId(): self._reaction(r) for r in self._all(model.getListOfReactions())}
        self.reaction_ids = set(reactions)
        initial, assignments, rates, algebraic = {}, {}, {}, []
        for a in self._all(model.getListOfInitialAssignments()):
            if a.isSetMath():
                initial[self._target(a, a.getSymbol())] = self._math(a)
        for rule in self._all(model.getListOfRules()):
            if not rule.isSetMath():
                continue
            if rule.getTypeCode() == lib.SBML_ALGEBRAIC_RULE:
                algebraic.append((self._math(rule), rule.getLine()))
            else:
                into = assignments if rule.getTypeCode() == lib.SBML_ASSIGNMENT_RULE else rates
                into[self._target(rule, rule.getVariable())] = self._math(rule)
        events = tuple(self._event(e, i) for i, e in enumerate(self._all(model.getListOfEvents())))
        return SbmlDescription(
            name=model.getId() or model.getName() or Path(self.place).stem,
            place=self.place,
            level=self.level,
            time_unit=self._time_unit(),
            quantities=self.quantities,
            initial={k: v for k, v in initial.items() if k not in assignments},
            assignments=assignments,
            rates=rates,
            algebraic=tuple(algebraic),
            reactions=reactions,
            events=tuple(e for e in events if e is not None),
            delayed=tuple(self.delayed),
        )

    def _keep(self, quantity: SbmlQuantity) -> None:
        self.quantities[quantity.id] = quantity

    def _target(self, element: Any, symbol: str) -> str:
        if symbol not in self.quantities:
            raise self._refuse(element, f"'{printable(symbol)}' is no quantity of the model")
        return symbol

    def _unit(self, element: Any) -> str:
        unit = element.getUnits() if element.isSetUnits() else ""
        return unit

    def _time_unit(self) -> str:
        """Name of the unit of time ("second", "hour", "day", "minute"), or empty."""
        model = self.model
        unit = model.getTimeUnits() if self.level[0] > 2 else "time"
        if not unit:
            return ""
        definition = model.getUnitDefinition(unit)
        if definition is None:
            return "second" if unit in ("second", "time") else ""
        if definition.getNumUnits() != 1 or definition.getUnit(0).getKind() != self.lib.UNIT_KIND_SECOND:
            return ""
        one = definition.getUnit(0)
        seconds = one.getMultiplier() * 10.0 ** one.getScale()
        return {1.0: "second", 60.0: "minute", 3600.0: "hour", 86400.0: "day"}.get(seconds, f"{seconds:g} s")

    def _compartments(self) -> None:
        for c in self._all(self.model.getListOfCompartments()):
            flat = c.isSetSpatialDimensions() and c.getSpatialDimensionsAsDouble() == 0
            value = c.getSize() if c.isSetSize() else (1.0 if flat or self.level[0] < 3 else math.nan)
            constant = c.getConstant() if self.level[0] > 1 else False
            self._keep(SbmlQuantity(c.getId(), "compartment", value, constant, unit=self._unit(c), label=c.getName(), line=c.getLine()))  # fmt: skip  # noqa: E501

    def _species(self) -> None:
        model_factor = self.model.getConversionFactor() if self.level[0] > 2 else ""
        for s in self._all(self.model.getListOfSpecies()):
            if s.getCompartment() not in self.quantities:
                raise self._refuse(s, f"there is no compartment '{printable(s.getCompartment())}'")
            by_concentration = s.isSetInitialConcentration()
            value = s.getInitialConcentration() if by_concentration else math.nan
            if s.isSetInitialAmount():
                value, by_concentration = s.getInitialAmount(), False
            factor = s.getConversionFactor() if self.level[0] > 2 and s.isSetConversionFactor() else ""
            home = self.model.getCompartment(s.getCompartment())
            flat = home.isSetSpatialDimensions() and home.getSpatialDimensionsAsDouble() == 0
            self._keep(
                SbmlQuantity(
                    s.getId(), "species", value, s.getConstant() if self.level[0] > 1 else False,
                    unit=s.getSubstanceUnits(), label=s.getName(), compartment=s.getCompartment(),
                    concentration=by_concentration, substance=s.getHasOnlySubstanceUnits() or flat,
                    boundary=s.getBoundaryCondition(), factor=factor or model_factor, line=s.getLine(),
                )
            )  # fmt: skip

    def _reaction(self, r: Any) -> SbmlReaction:
        if r.isSetFast() and r.getFast():
            raise self._refuse(r, "fast reactions are not supported (Level 3 Version 2 has removed them)")
        changes = []
        for listed, sign in ((r.getListOfReactants(), -1.0), (r.getListOfProducts(), 1.0)):
            for reference in self._all(listed):
                species = reference.getSpecies()
                if species not in self.quantities or self.quantities[species].kind != "species":
                    raise self._refuse(reference, f"there is no species '{printable(species)}'")
                amount = self._stoichiometry(reference)
                changes.append((species, amount if sign > 0 else ("minus", amount)))
        law, rate = r.getKineticLaw(), None
        if law is not None:
            local = {}
            own = law.getListOfLocalParameters() if self.level[0] > 2 else law.getListOfParameters()
            for p in self._all(own):
                key = f"{r.getId()}.{p.getId()}"
                local[p.getId()] = key
                self._keep(SbmlQuantity(key, "local", p.getValue() if p.isSetValue() else math.nan, True, unit=self._unit(p), label=p.getName(), line=p.getLine()))  # fmt: skip  # noqa: E501
            if law.isSetMath():
                rate = self._expr(law.getMath(), {k: name(v) for k, v in local.items()}, law, 0)
        return SbmlReaction(r.getId(), rate, tuple(changes))

    def _stoichiometry(self, reference: Any) -> Expr:
        """The stoichiometry as a number or a formula, or as a quantity of its own where it has an id."""
        maths = reference.getStoichiometryMath() if self.level[0] == 2 else None
        if maths is not None and maths.isSetMath():
            return self._expr(maths.getMath(), {}, maths, 0)
        value = reference.getStoichiometry()
        if self.level[0] < 3:
            value /= reference.getDenominator() or 1
        elif not reference.isSetStoichiometry():
            value = math.nan
        if self.level[0] > 2 and reference.isSetId():
            self._keep(SbmlQuantity(reference.getId(), "stoichiometry", value, reference.getConstant(), line=reference.getLine()))  # fmt: skip  # noqa: E501
            return name(reference.getId())
        return number(1.0 if value != value else value)

    def _event(self, e: Any, index: int) -> SbmlEvent | None:
        trigger = e.getTrigger()
        if trigger is None or not trigger.isSetMath():
            return None
        newer = self.level[0] > 2
        delay, priority = e.getDelay(), e.getPriority() if newer else None
        assignments = tuple(
            (self._target(a, a.getVariable()), self._math(a))
            for a in self._all(e.getListOfEventAssignments())
            if a.isSetMath()
        )
        return SbmlEvent(
            e.getId() or f"event {index + 1}",
            self._math(trigger),
            trigger.getInitialValue() if newer and trigger.isSetInitialValue() else True,
            trigger.getPersistent() if newer and trigger.isSetPersistent() else True,
            self._math(delay) if delay is not None and delay.isSetMath() else None,
            self._math(priority) if priority is not None and priority.isSetMath() else None,
            e.getUseValuesFromTriggerTime() if e.isSetUseValuesFromTriggerTime() or newer else True,
            assignments,
            e.getLine(),
        )

    # Mathematics

    def _math(self, element: Any) -> Expr:
        return self._expr(element.getMath(), {}, element, 0)

    def _expr(self, node: Any, known: dict[str, Expr], element: Any, depth: int) -> Expr:
        lib, kind = self.lib, node.getType()
        if depth > _DEEPEST:
            raise self._refuse(element, "its formula is nested too deeply, or a function calls itself")

        def child(i: int) -> Expr:
            return self._expr(node.getChild(i), known, element, depth + 1)

        if kind == lib.AST_INTEGER:
            return number(node.getInteger())
        if kind in (lib.AST_REAL, lib.AST_REAL_E, lib.AST_RATIONAL):
            return number(node.getReal())
        if kind == lib.AST_NAME_AVOGADRO:
            return number(AVOGADRO)
        if kind == lib.AST_NAME_TIME:
            return TIME
        if kind == lib.AST_CONSTANT_E:
            return number(math.e)
        if kind == lib.AST_CONSTANT_PI:
            return number(math.pi)
        if kind in (lib.AST_CONSTANT_TRUE, lib.AST_CONSTANT_FALSE):
            return ONE if kind == lib.AST_CONSTANT_TRUE else ZERO
        if kind == lib.AST_NAME:
            symbol = node.getName()
            return known[symbol] if symbol in known else self._symbol(symbol, element)
        if kind == lib.AST_FUNCTION:
            return self._call(node, [child(i) for i in range(node.getNumChildren())], element, depth)
        args = [child(i) for i in range(node.getNumChildren())]
        if kind == lib.AST_FUNCTION_DELAY:
            self.delayed.append(args[0])
            return ("delay", len(self.delayed) - 1, args[0], args[1])
        if kind == lib.AST_FUNCTION_RATE_OF:
            if args[0][0] != "name":
                raise self._refuse(element, "rateOf is asked of something that is no quantity")
            return ("name", f"d|{args[0][1]}")
        if kind not in self.operators:
            cause = f"the function '{printable(node.getName() or node.getOperatorName() or str(kind))}' is not supported"  # noqa: E501
            raise self._refuse(element, cause)
        return self._operation(self.operators[kind], args)

    @staticmethod
    def _operation(op: str, args: list[Expr]) -> Expr:
        if op == "root" and len(args) == 1:
            args = [number(2.0), *args]
        if op == "log" and len(args) == 1:
            args = [number(10.0), *args]
        if op == "minus" and len(args) == 1 and args[0][0] == "num":
            return number(-args[0][1])
        return (op, *args)

    def _symbol(self, symbol: str, element: Any) -> Expr:
        m = self.model
        known = symbol in self.quantities or m.getReaction(symbol) is not None
        if not known and self.level[0] > 2:
            known = m.getSpeciesReference(symbol) is not None
        if not known:
            raise self._refuse(element, f"'{printable(symbol)}' is not defined")
        return name(symbol)

    def _call(self, node: Any, args: list[Expr], element: Any, depth: int) -> Expr:
        function = self.functions.get(node.getName())
        if function is None:
            raise self._refuse(element, f"the function '{printable(node.getName())}' is not defined")
        if function.getNumArguments() != len(args):
            cause = f"the function '{node.getName()}' takes {function.getNumArguments()} arguments, not {len(args)}"
            raise self._refuse(element, cause)
        given = {function.getArgument(i).getName(): a for i, a in enumerate(args)}
        return self._expr(function.getBody(), given, function, depth + 1)

    def _operators(self) -> dict[int, str]:
        lib = self.lib
        found = {lib.AST_PLUS: "plus", lib.AST_MINUS: "minus", lib.AST_TIMES: "times", lib.AST_DIVIDE: "divide",
                 lib.AST_POWER: "power", lib.AST_FUNCTION_POWER: "power"}  # fmt: skip
        for text in _FUNCTIONS:
            found[getattr(lib, f"AST_FUNCTION_{text.upper()}")] = text
        for text in ("and", "not", "or", "xor", "implies"):
            found[getattr(lib, f"AST_LOGICAL_{text.upper()}")] = text
        for text in ("eq", "geq", "gt", "leq", "lt", "neq"):
            found[getattr(lib, f"AST_RELATIONAL_{text.upper()}")] = text
        return found
