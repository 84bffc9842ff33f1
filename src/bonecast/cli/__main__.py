"""`python -m bonecast.cli`: the command, for a shell that does not find `bonecast` on its path."""

from bonecast.cli.entry_point import main

main()
