"""The wheel takes the documentation and the examples along; an editable installation finds them where they are."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Shipped(BuildHookInterface):
    """Puts `docs` and `examples` beside the code of the package (`bonecast.shipped` finds them there)."""

    def initialize(self, version: str, build_data: dict) -> None:
        """`version` is "standard" or "editable"."""
        if version != "editable":
            build_data["force_include"] |= {name: f"bonecast/{name}" for name in ("docs", "examples")}
