"""What a file is by its first bytes, whatever its server calls it.

Only kinds that are nothing but pictures, sound or film, and the usual documents, are known here. Whatever a
browser would run (HTML, SVG, XML, scripts) is not: an error page never becomes a picture.
"""

from collections.abc import Mapping

HEAD = 4096  # bytes that are looked at
OPAQUE = "application/octet-stream"

# Type -> extension of the file.
EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/jxl": ".jxl",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/ogg": ".ogv",
    "video/x-msvideo": ".avi",
    "video/mpeg": ".mpg",
    "video/mp2t": ".ts",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "application/gzip": ".gz",  # Telegram's animated stickers, among others
    "application/pdf": ".pdf",
    "application/zip": ".zip",  # also the files of office programs
    OPAQUE: ".bin",
}

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\xff\x0a", "image/jxl"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"\x00\x00\x01\xb3", "video/mpeg"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
)
_BRANDS: tuple[tuple[bytes, str], ...] = (
    (b"avif", "image/avif"),
    (b"avis", "image/avif"),
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"mif1", "image/heic"),
    (b"msf1", "image/heic"),
    (b"M4A", "audio/mp4"),
    (b"M4B", "audio/mp4"),
    (b"qt  ", "video/quicktime"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<svg", b"<?xml", b"<!--", b"<title")

_FITS: Mapping[str, tuple[str, ...]] = {
    "image": ("image/",),
    "sticker": ("image/", "video/webm", "application/gzip"),
    "video": ("video/", "image/gif", "audio/mp4"),
    "animation": ("video/", "image/"),
    "audio": ("audio/", "video/mp4", "video/ogg", "video/webm"),
    "voice": ("audio/", "video/mp4", "video/ogg", "video/webm"),
}


def sniffed(head: bytes) -> str | None:
    """The type that a file's first bytes show, None where they show none that is known here."""
    for beginning, found in _BEGINNINGS:
        if head.startswith(beginning):
            return found
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return next((found for brand, found in _BRANDS if head[8:12].startswith(brand)), "video/mp4")
    if head[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:128] else "audio/ogg"
    if head[:2] == b"BM" and head[6:10] == b"\x00\x00\x00\x00" and len(head) > 26:
        return "image/bmp"
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return "video/mp2t"
    if len(head) > 1 and head[0] == 0xFF:  # a frame of sound begins with eleven or twelve set bits
        if head[1] & 0xF6 == 0xF0:
            return "audio/aac"
        if head[1] & 0xE0 == 0xE0 and head[1] & 0x06:
            return "audio/mpeg"
    return None


def refusal(head: bytes, kind: str, said: str | None) -> str | None:
    """Why these bytes are not kept as an attachment of `kind`, or None. `said` is the server's type."""
    called = f", called {said}" if said else ""
    if not head:
        return "an empty file"
    if is_markup(head):
        return f"a web page or SVG{called}: never kept as media"
    if head.startswith(b"#EXTM3U"):
        return f"a playlist{called}: it names pieces of a film, and is none"
    found = sniffed(head)
    fitting = _FITS.get(kind)
    if fitting is None or (found or "").startswith(fitting):
        return None
    return f"not a file of kind {kind}, but {found or 'of no known type'}{called}"


def is_markup(head: bytes) -> bool:
    """Whether a browser might take it for a page or a drawing that runs scripts."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = text[2:].replace(b"\x00", b"")
    text = text.lstrip(b" \t\r\n\x0c\x00").lower()
    return text.startswith(_MARKUP) or b"<svg" in text[:1024]


def is_closed(head: bytes, tail: bytes) -> bool:
    """Whether a picture has its end; of other types that cannot be told, and they are believed."""
    match sniffed(head):
        case "image/jpeg":
            return b"\xff\xd9" in tail
        case "image/png":
            return b"IEND" in tail
        case "image/gif":
            return tail.rstrip(b"\x00").endswith(b";")
    return True
