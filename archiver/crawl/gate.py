"""Which requests may leave: http and https, to the public Internet or to the host that a person named.

Pages and redirects are hostile until proven otherwise; none of them leads us into a private network, and no
credential leaves for another host than the one it is for.
"""

from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from scrapy.http import Request

from archiver.addresses import CREDENTIALS, host, is_loopback_host, is_private_host, origin, without_secrets
from archiver.crawl.resolver import refused
from spiders.base import AccountSpider, Resting

_LONGEST = 8000  # characters; paging tokens are long


class GateMiddleware:
    """The first to see a request: a new one, a redirect, another try."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "GateMiddleware":
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        home = request.meta.get("home", "")
        if why := refusal(request.url, home, exactly=request.meta.get("exactly", False)):
            raise IgnoreRequest(why)
        spider = self.crawler.spider
        if isinstance(spider, AccountSpider) and spider.rest(request) is not None:
            raise Resting(f"{host(request.url)} wants rest")
        if not home or origin(request.url) != origin(home):
            for name in (*CREDENTIALS, *request.meta.get("private_headers", ())):
                request.headers.pop(name, None)
        if is_loopback_host(host(request.url)):
            request.meta["proxy"] = None  # a proxy's loopback is not ours

    def process_exception(self, request: Request, exception: Exception) -> None:
        name = host(request.url)
        if isinstance(exception, CannotResolveHostError) and name in refused:
            raise IgnoreRequest(
                f"{name} is an address of a private network ({refused[name]}); "
                "if it is meant, name it as base_url in archiver.toml"
            ) from exception


def refusal(url: str, home: str, *, exactly: bool = False) -> str | None:
    """Why a page of `home` may not lead to `url`, or None when it may.

    `exactly`: of private servers only to that of `home` itself, not to another port of its machine. So it is
    for media, whose addresses are the words of whoever posts.
    """
    if len(url) > _LONGEST:
        return f"an address of {len(url)} characters is not followed"
    if not url.lower().startswith(("http://", "https://")):
        return f"{without_secrets(url)} is neither http nor https"
    target, start = host(url), host(home)
    if not is_private_host(target):
        return None
    same = target == start or (is_loopback_host(target) and is_loopback_host(start))
    if same and is_private_host(start) and (not exactly or origin(url) == origin(home)):
        return None
    return f"{without_secrets(url)} leads into a private network; refused"
