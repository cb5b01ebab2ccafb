"""One script for each client in Python, run in an environment of its own: nothing of the suite is there."""
