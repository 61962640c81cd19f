"""Scrapy's settings for every crawl; scrapy.cfg names this module.

Scrapy's defaults suit a programmer who tries things out: they do not verify certificates, open two ports that
run code, accept bodies of 1 GiB and follow any address. Here they are turned round.
"""

import json
from collections.abc import Iterable
from typing import Any

import archiver
from archiver.addresses import host, is_private_host
from archiver.config import Config

BOT_NAME = "bilingual-archiver"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "archiver.crawl.loader.PlatformLoader"

# -- who we are, and what we accept
USER_AGENT = f"bilingual-archiver/{archiver.__version__}"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/json,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en",
    "Accept-Encoding": "gzip, deflate",  # the codings whose end we can verify
}
DOWNLOAD_HANDLERS = {
    "http": "archiver.crawl.handler.Handler",
    "https": "archiver.crawl.handler.Handler",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
DOWNLOAD_MAXSIZE = 16 * 2**20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_FAIL_ON_DATALOSS = False  # half an answer is kept, too; then IntegrityMiddleware refuses it
TWISTED_DNS_RESOLVER = "archiver.crawl.resolver.GuardedResolver"

# -- what we do not give away
COOKIES_ENABLED = False
REFERER_ENABLED = True
REFERRER_POLICY = "no-referrer"
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# -- the order of things; a page's own waits, tries and statuses are the spider's business
CONCURRENT_REQUESTS = 32
CONCURRENT_REQUESTS_PER_DOMAIN = 2
CONCURRENT_ITEMS = 1  # a callback's items go one by one; callbacks run side by side
DOWNLOAD_DELAY = 1.0
DOWNLOAD_DELAY_JITTER = 0.2
RETRY_ENABLED = False
HTTPERROR_ALLOW_ALL = True
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
ROBOTSTXT_OBEY = False  # RobotsMiddleware below obeys it, and knows what an unreachable one means
SCHEDULER_PRIORITY_QUEUE = "scrapy.pqueues.DownloaderAwarePriorityQueue"
JOBDIR = None  # it loses requests on kill -9; the watch's cursor does not
# The whole lists, Scrapy's own (..._BASE) included: what is not used is not even imported, which saves half a
# second at every start, and nothing is there that could be switched on.
DOWNLOADER_MIDDLEWARES_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES = {
    # From the spider to the network, and back in the opposite order.
    "archiver.crawl.gate.GateMiddleware": 10,
    "archiver.crawl.robots.RobotsMiddleware": 100,
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
    "archiver.crawl.integrity.IntegrityMiddleware": 940,
    "archiver.crawl.capture.CaptureMiddleware": 960,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
SPIDER_MIDDLEWARES = {
    "scrapy.spidermiddlewares.referer.RefererMiddleware": 700,
}
ITEM_PIPELINES = {"archiver.crawl.pipeline.StorePipeline": 100}
EXTENSIONS_BASE: dict[str, int] = {}
EXTENSIONS = {
    "archiver.crawl.standalone.Standalone": 0,
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
}

# -- what is said
LOG_LEVEL = "INFO"
LOG_FORMATTER = "archiver.crawl.log.Lines"
STATS_DUMP = False
WARN_ON_GENERATOR_RETURN_VALUE = False


def user_agent(config: Config) -> str:
    """What we call ourselves to the servers."""
    contact = f" (+{config.crawl.contact})" if config.crawl.contact else ""
    return config.crawl.user_agent or f"{USER_AGENT}{contact}"


def how_collected(config: Config) -> dict[str, str]:
    """What each WARC file says of the run that made it, by the standard's own names. No credentials."""
    crawl = config.crawl
    kept = {
        "timeout": crawl.timeout,
        "max_body": crawl.max_body,
        "retries": crawl.retries,
        "verify_tls": crawl.verify_tls,
    }
    return {
        "robots": "obey" if crawl.respect_robots else "ignore",
        "http-header-user-agent": user_agent(config),
        "settings": json.dumps(kept, sort_keys=True),
    }


_NEAR = {"delay": 0.0, "concurrency": 8}  # our own machine needs no manners


def for_platform(config: Config, platform: Any, homes: Iterable[str]) -> dict[str, Any]:
    """What archiver.toml and the platform say, as Scrapy settings. `homes` are the addresses to be asked."""
    crawl, chosen = config.crawl, config.platform(platform.name)
    near = {host(home) for home in homes if is_private_host(host(home))}
    return {
        "USER_AGENT": user_agent(config),
        "DOWNLOAD_TIMEOUT": crawl.timeout,
        "DOWNLOAD_MAXSIZE": crawl.max_body,
        "DOWNLOAD_VERIFY_CERTIFICATES": crawl.verify_tls,
        "DOWNLOAD_DELAY": platform.delay if chosen.delay is None else chosen.delay,
        "DOWNLOAD_SLOTS": {} if chosen.delay is not None else {name: dict(_NEAR) for name in near},
    }


def for_media(config: Config, homes: Iterable[str]) -> dict[str, Any]:
    """The same for files: they go to disk as they come, and no page's middleware looks at them."""
    near = {host(home) for home in homes if is_private_host(host(home))}
    left_out = ("httpcompression", "integrity", "capture")
    kept = {
        name: None if any(part in name for part in left_out) else order
        for name, order in DOWNLOADER_MIDDLEWARES.items()
    }
    return {
        "USER_AGENT": user_agent(config),
        "DOWNLOADER_MIDDLEWARES": kept,
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
        "DOWNLOAD_TIMEOUT": config.media.timeout,
        "DOWNLOAD_MAXSIZE": config.crawl.max_body,  # of robots.txt; files have a bound of their own
        "DOWNLOAD_VERIFY_CERTIFICATES": config.crawl.verify_tls,
        "DOWNLOAD_DELAY": config.media.delay,
        "DOWNLOAD_SLOTS": {name: dict(_NEAR) for name in near},
    }
