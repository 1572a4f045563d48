"""Pure readers of prose. A phrase goes in, a frozen reading comes out; nothing is guessed."""
