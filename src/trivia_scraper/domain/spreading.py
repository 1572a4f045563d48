"""A run that several machines do, as its book tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpreadSource:
    """One source of such a run.

    age_seconds   since the run began, whatever the clocks of its machines say: its time budget counts from there
    is_planned    its index was read and its batches are queued
    is_called_off nobody wants what is left of it
    undone        listings that are still to be visited
    """

    age_seconds: float
    is_planned: bool
    is_called_off: bool
    is_concluded: bool
    undone: int

    @property
    def is_complete(self) -> bool:
        """Everything was visited, and what follows from that has not been done yet."""
        return self.is_planned and not self.undone and not self.is_concluded
