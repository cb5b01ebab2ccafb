"""The proof that a verdict can be trusted: what is tried, and what came of it."""
