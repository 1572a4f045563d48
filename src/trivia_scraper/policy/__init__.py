"""Pure decisions. Every function here is a truth table with a test beside it."""
