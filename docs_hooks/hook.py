"""The hook of the documentation: what stands in the project already is laid into the site when it is built.

A line `{{ KIND NAME }}` becomes what `FILL` makes of that name: the equations, parameters, curves and limits of a
model, tables of scores and populations, chapters of the monograph, the public names, the entries of a room, the picture
of the first page. Any other name stops the build, and so does a page that would load anything from another host. The
fonts of the package, the pages of bonecast-1 in the navigation and the version come from here too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from home_picture import picture
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from model_curves import curve, pictures
from model_evidence import evidence
from model_parameters import parameters
from model_populations import populations
from model_scores import scores
from model_units import PLACEHOLDER, equations, limits, pages
from monograph_chapters import monograph
from public_names import names, room
from source_tables import sources

from bonecast import __version__
from bonecast.errors import UnknownName
from bonecast.fonts import web_folder

FOLDER = "bonecast-1"
LOADED = re.compile(
    r"<(?:script|link|img|iframe|source|object)\b[^>]*?(?:src|href|data)=[\"']?(?:https?:)?//[^>]*>"
)
FILL = {
    "equations": equations,
    "parameters": parameters,
    "curve": curve,
    "limits": limits,
    "scores": scores,
    "evidence": evidence,
    "populations": populations,
    "monograph": monograph,
    "names": names,
    "picture": picture,
    "room": room,
    "sources": sources,
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The version in the foot of every page, and the model's pages in the navigation, in the order of the signal."""
    config.copyright = f"Bonecast {__version__}. {config.copyright}"
    config.nav = [_with_model_pages(tab) for tab in config.nav or ()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pictures and the fonts as files of the site; neither stands in the repository a second time."""
    for name, one in pictures().items():
        files.append(File.generated(config, f"{FOLDER}/curves/{name}.svg", content=one.svg))
    for font in sorted(Path(web_folder()).glob("*.woff2")):
        files.append(File.generated(config, f"assets/fonts/{font.name}", abs_src_path=str(font)))
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


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """The page as it is, if it loads nothing from another host; the theme would fetch the script of a diagram."""
    foreign = LOADED.findall(output) + (["a diagram"] if 'class="mermaid"' in output else [])
    if foreign:
        raise PluginError(f"{page.file.src_uri}: loads {foreign[0]}; keep the file in docs/assets")
    return output


def _with_model_pages(tab: dict[str, list[Any]]) -> dict[str, list[Any]]:
    model = {FOLDER: [f"{FOLDER}/{name}.md" for name in pages()]}
    return {
        title: [model if entry == FOLDER else entry for entry in entries] for title, entries in tab.items()
    }
