"""HTTP, and only HTTP. The one room that knows httpx and aiohttp; it tries once and never retries.

A request passes three gates (safety.md 3): its URL (`policy.urls`), the addresses its host resolves to
(`resolver`) and the address that is about to be connected to (`guard`). Its body is counted before it exists
(`body`, `bounded`), and whatever goes wrong leaves as an error of the domain's tree (`http_errors`).
"""

from trivia_scraper.fetching.client import open_fetcher
from trivia_scraper.fetching.fetcher import HttpFetcher
from trivia_scraper.fetching.limits import FetchSettings

__all__ = ["FetchSettings", "HttpFetcher", "open_fetcher"]
