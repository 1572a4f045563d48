"""The reading room: sources read their pages here, the large and suspicious ones in worker processes.

Pages go in, listings and details come out (safety.md 7.3). `reader` is the parent's side, over a pool that it
is handed; `task` is the child's.
"""
