"""A script for each client in Python, run where nothing of the suite is installed."""
