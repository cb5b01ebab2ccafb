"""The clients that people use, run against the reference server under every legal variation."""
