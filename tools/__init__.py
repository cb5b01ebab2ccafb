"""What the project's developers run: generate, check, bench, peers."""
