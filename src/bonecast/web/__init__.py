"""The web application: a clinic's pages, a modeller's pages and their API, on this computer by default.

This room owns the server, the database with its history, accounts and security, and the pages. It asks the rooms
below for checked records, findings, forecasts and pictures, and shows them; it knows no numerics and no medicine of
its own. Nothing in it asks another host for anything. `bonecast.web.app` makes the application.
"""

from bonecast.web.settings import Settings

__all__ = ["Settings"]
