"""The commands and their options, on one page."""

from __future__ import annotations

from typing import Annotated

import typer

from bonecast.cli.bench import bench
from bonecast.cli.check import check
from bonecast.cli.database import database_app
from bonecast.cli.doctor import doctor
from bonecast.cli.drugs import drugs
from bonecast.cli.evidence import evidence_app
from bonecast.cli.examples import examples
from bonecast.cli.fhir import fhir_app
from bonecast.cli.fit import fit
from bonecast.cli.forecast import forecast
from bonecast.cli.late import late
from bonecast.cli.leaflet import leaflet
from bonecast.cli.liver import liver
from bonecast.cli.models import models_app
from bonecast.cli.monograph import monograph
from bonecast.cli.output import echo
from bonecast.cli.panel import diff_release, panel
from bonecast.cli.populations import populations
from bonecast.cli.recall import letter, recall
from bonecast.cli.reproduce import reproduce
from bonecast.cli.sbml import sbml_app
from bonecast.cli.schedule import schedule
from bonecast.cli.sensitivity import sensitivity
from bonecast.cli.serve import serve
from bonecast.cli.simulate import simulate
from bonecast.cli.sources import sources
from bonecast.cli.trial import trial_app
from bonecast.cli.trust import trust
from bonecast.cli.value import value
from bonecast.core import DISCLAIMER

app = typer.Typer(
    name="bonecast",
    help="Forecasts of bone, turnover and calcium under denosumab and its companion drugs. " + DISCLAIMER,
    # Without rich, which would cost every start 0.1 s, and its tracebacks, which would hide our sentences.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(models_app, name="models")
app.command()(drugs)
app.command()(simulate)
app.command()(sensitivity)
app.command()(fit)
app.command()(forecast)
app.add_typer(evidence_app, name="evidence")
app.add_typer(fhir_app, name="fhir")
app.command()(reproduce)
app.command()(trust)
app.command()(sources)
app.command()(panel)
app.command("diff-release")(diff_release)
app.command()(check)
app.command()(schedule)
app.command()(late)
app.command()(leaflet)
app.command()(letter)
app.command()(recall)
app.command()(liver)
app.command()(monograph)
app.command()(populations)
app.add_typer(sbml_app, name="sbml")
app.add_typer(trial_app, name="trial")
app.command()(value)
app.command()(serve)
app.add_typer(database_app, name="database")
app.command()(bench)
app.command()(examples)
app.command()(doctor)


def _version(asked: bool) -> None:
    if asked:
        from bonecast import __version__

        echo(f"bonecast {__version__}")
        raise typer.Exit


@app.callback()
def bonecast(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Options that stand before a command."""
