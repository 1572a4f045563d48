"""The words of the trade. Frozen values, no I/O, no decisions."""
