"""Services that are not sources: what to ask them, and how to read their answers. Pure."""
