"""Typed bindings of the Chat Completions API, generated from its OpenAPI document."""
