"""The dark room: pictures are decoded here, in worker processes that can be killed.

Bytes go in, an `InspectedImage` or a refusal comes out (safety.md 6). `pool` is the parent's side,
`worker` the child's; everything between `inspect` and `containers` runs in the child and does no I/O.
"""
