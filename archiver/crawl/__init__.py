"""Scrapy's side of the archive: settings, middlewares, and the pipeline that stores a page."""
