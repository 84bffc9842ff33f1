"""SMART App Launch 2.2: a chart is opened out of a record system, read once, and nothing is written back.

This package owns the allow-list of issuers, the launch (discovery, PKCE, state, nonce), tokens and their encryption,
and what is fetched. The pages are `bonecast.web.pages.smart`; what the resources say is read by `bonecast.interop`.
"""

from bonecast.web.smart.charts import FetchedChart, fetch_chart
from bonecast.web.smart.errors import SmartRefused
from bonecast.web.smart.issuers import SmartIssuer, SmartSettings, read_issuers
from bonecast.web.smart.service import SmartService, smart_service

__all__ = [
    "FetchedChart",
    "SmartIssuer",
    "SmartRefused",
    "SmartService",
    "SmartSettings",
    "fetch_chart",
    "read_issuers",
    "smart_service",
]
