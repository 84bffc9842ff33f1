"""The commands: words from a shell to the rooms, and tables, JSON and one-sentence errors back to it.

This room owns the options, exit codes (0 success, 2 wrong use or input, 1 our failure), what is shown on a
terminal and what in a pipe. It computes nothing; a command imports the room it needs when it is called.
"""

from bonecast.cli.entry_point import main, run

__all__ = ["main", "run"]
