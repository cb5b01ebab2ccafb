"""chatproof proves, or disproves, that a server speaks the Chat Completions API."""

__version__ = "0.1.0"
