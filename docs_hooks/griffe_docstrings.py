"""Makes two habits of the project's docstrings readable in the reference: bare doctests, and lists `name : meaning`."""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLES = "Examples\n--------\n"
SECTION = re.compile(r"^[A-Z][\w ]+\n-{3,}$", re.MULTILINE)
FIRST_PROMPT = re.compile(r"^>>> ", re.MULTILINE)
TWO_BRACKETS = re.compile(r"\] ?\[")  # Markdown takes "[a] [b]" for a link
LISTED = re.compile(r"^((?:\w+, )*\w+) : ", re.MULTILINE)


def readable(text: str) -> str:
    """The docstring with its list as a Markdown list, and its doctest under a heading of its own.

    >>> readable("A box.\\n\\nsize : in cm.\\n\\n>>> 1 + 1\\n2")
    'A box.\\n\\n* `size`: in cm.\\n\\nExamples\\n--------\\n>>> 1 + 1\\n2'
    """
    section = SECTION.search(text)
    head, rest = (text[: section.start()], text[section.start() :]) if section else (text, "")
    prompt = FIRST_PROMPT.search(head)
    prose, doctest = (head[: prompt.start()], head[prompt.start() :]) if prompt else (head, "")
    prose = TWO_BRACKETS.sub("] &#91;", LISTED.sub(r"* `\1`: ", prose))
    return prose + (EXAMPLES + doctest if doctest else "") + rest


class ReadableDocstrings(griffe.Extension):
    """Applies `readable` to every docstring that is collected."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Change the text before it is parsed."""
        if obj.docstring:
            obj.docstring.value = readable(obj.docstring.value)
