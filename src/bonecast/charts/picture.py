"""All kinds of pictures, by one name."""

from __future__ import annotations

from bonecast.charts.agreement import Agreement
from bonecast.charts.forest import Forest
from bonecast.charts.overlay import Overlay
from bonecast.charts.panel import Panel, Strip
from bonecast.charts.scatter import Scatter
from bonecast.charts.steps import Steps
from bonecast.charts.traces import Traces

Picture = Panel | Strip | Scatter | Traces | Steps | Forest | Agreement | Overlay
