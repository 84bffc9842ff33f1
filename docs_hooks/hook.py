"""The hook of the documentation: it fills the pages of bonecast-1, and the tables of other pages, when they are built.

A line `{{ equations UNIT }}`, `{{ parameters UNIT }}`, `{{ curve PICTURE }}`, `{{ limits MODEL }}`,
`{{ scores KIND }}`, `{{ populations TABLE }}` or `{{ monograph CHAPTER }}` becomes the equations, the cards, the curve,
the limits, the scores, the table or the chapter; any other name stops the build.
"""

from __future__ import annotations

import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from model_curves import curve, pictures
from model_parameters import parameters
from model_populations import populations
from model_scores import scores
from model_units import PLACEHOLDER, equations, limits, pages
from monograph_chapters import monograph

from bonecast.errors import UnknownName

FOLDER = "bonecast-1"
FILL = {
    "equations": equations,
    "parameters": parameters,
    "curve": curve,
    "limits": limits,
    "scores": scores,
    "populations": populations,
    "monograph": monograph,
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pictures as files of their own, and the model's pages in the order in which the signal runs."""
    others = sorted(f.src_uri for f in files.documentation_pages() if not f.src_uri.startswith(f"{FOLDER}/"))
    first = [uri for uri in others if uri == "index.md"]
    rest = [uri for uri in others if uri != "index.md"]
    config.nav = [*first, *rest, {FOLDER: [f"{FOLDER}/{name}.md" for name in pages()]}]
    for name, picture in pictures().items():
        files.append(File.generated(config, f"{FOLDER}/curves/{name}.svg", content=picture.svg))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """The page with its placeholders filled."""

    def filled(found: re.Match[str]) -> str:
        kind, name = found.groups()
        try:
            return FILL[kind](name)
        except (KeyError, UnknownName) as error:
            raise PluginError(f"{page.file.src_uri}: {found[0]}: nothing is called {error}") from error

    return PLACEHOLDER.sub(filled, markdown)
