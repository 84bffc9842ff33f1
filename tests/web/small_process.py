"""The computing process of the application with a tenth of the draws, for tests that look at pages, not at numbers."""

from __future__ import annotations

from bonecast.inference import condition
from bonecast.web.jobs import forecasts, serve_process

DRAWS = 50
PARTICLES = 100

if __name__ == "__main__":
    forecasts.DRAWS = forecasts.LATE_DRAWS = DRAWS
    condition.__globals__["FEWEST"] = PARTICLES
    serve_process.main()
