"""Servers that a client should survive, each one with what the suite has to say of it."""
