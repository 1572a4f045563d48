"""The dark room: pictures are decoded here, in worker processes that can be killed.

Bytes go in, an `InspectedImage` or a refusal comes out (safety.md 6). `inspector` is the parent's side, over
a pool that it is handed; `worker` is the child's, and what lies behind `inspect` runs there and does no I/O.
"""
