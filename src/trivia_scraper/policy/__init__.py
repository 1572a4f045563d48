"""Floor 2: pure decisions. Every function here is a truth table with a test beside it."""
