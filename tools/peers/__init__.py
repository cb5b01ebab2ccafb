"""Real servers that nobody here wrote: installed, started, held to the specification, written down.

    python -m tools.peers [NAME ...] [--all] [--keep]

Each is one file in `conformance/peers/`. What its runs found is kept in
`conformance/peers/results/`, and told in `conformance/docs/real-servers.md`.
"""
