"""The models: each gives the days ahead of a series, and knows nothing of how it is judged."""

import os

# Read by statsforecast as it is imported: what numba compiled for it, 7 seconds' worth, is kept on the disk.
os.environ.setdefault("NIXTLA_NUMBA_CACHE", "1")
