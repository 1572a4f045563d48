"""Whether the daemon may tell systemd that it lives: a sign of life is a claim about the work, not about the process
(operations.md 5, "Watchdog"). Pure."""

from __future__ import annotations

from typing import Final

MOST_LAG_SECONDS: Final = 1.0


def may_pet(
    lag_seconds: float,
    loops_fresh: bool,
    scheduler_ticked: bool,
    database_answers: bool,
    knowingly_waiting: bool,
) -> tuple[bool, str]:
    """(yes, "") or (no, why).

    lag_seconds        how late the event loop wakes; above 1 s something blocks it, whatever else is true
    knowingly_waiting  the state is "waiting for database": loops that need it stand still and are right to, and a
                       restart would bring the database back no sooner
    """
    if lag_seconds >= MOST_LAG_SECONDS:
        return False, f"the event loop is {lag_seconds:.1f} s late"
    if knowingly_waiting:
        return True, ""
    if not loops_fresh:
        return False, "a loop gives no sign of life"
    if not scheduler_ticked:
        return False, "the schedule was not looked at"
    if not database_answers:
        return False, "the database does not answer"
    return True, ""
