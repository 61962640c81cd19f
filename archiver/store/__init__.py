"""The archive itself: tables, what is written into them, what is asked of them, and the WARC files."""
