"""How much a server bears: answers and events in a second, memory under open streams."""
