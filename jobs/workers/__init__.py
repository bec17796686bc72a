"""The processes that run jobs: queue, workers, their children, recovery and callbacks."""
