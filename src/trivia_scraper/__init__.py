"""trivia-scraper: keeps a directory of pub-quiz and trivia nights true and its pictures fresh."""

__version__ = "0.1.0"
