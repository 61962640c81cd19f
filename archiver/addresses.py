"""Web addresses: which ones carry secrets, and which ones lead into a private network.

Posts, pages and servers name addresses; none of them may lead us to a machine that the public cannot reach.
"""

import ipaddress
import re
from urllib.parse import unquote_plus, urlsplit, urlunsplit

# Query parameters by which the platforms of today and yesterday carry credentials.
_SECRET = re.compile(
    r"(?i)^(access_?token|auth(_?token|key)?|api_?key|bearer|client_secret|password|passwd|secret|sig|signature"
    r"|(refresh|session|id)_?token|token|appsecret_proof)$"
)
# Request headers that carry credentials, in lower case.
CREDENTIALS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
# Names that only a private network answers to (RFC 6761, RFC 6762, RFC 8375 and common practice).
_PRIVATE_NAMES = (".localhost", ".local", ".lan", ".internal", ".intranet", ".home", ".home.arpa", ".corp")


def without_secrets(url: str) -> str:
    """The address without user name, password and credentials in its query: what may be stored or logged."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    pairs = parts.query.split("&")
    kept = [pair for pair in pairs if not _SECRET.match(unquote_plus(pair.partition("=")[0]))]
    if netloc == parts.netloc and kept == pairs:
        return url  # byte for byte as it was
    return urlunsplit((parts.scheme, netloc, parts.path, "&".join(kept), parts.fragment))


def host(url: str) -> str:
    """The lower-case host name of an address, "" when it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """(scheme, host, port): where a credential may go."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or default


def literal(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a host name spells, in any notation that a C library understands
    (`2130706433`, `0x7f.1`, `127.1`, `0177.0.0.1`), or None for a real name."""
    text = name.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        pass
    parts = text.split(".")
    if not 1 <= len(parts) <= 4 or not all(re.fullmatch(r"0[xX][0-9a-fA-F]*|[0-9]+", p) for p in parts):
        return None
    try:
        *head, last = (_number(p) for p in parts)
    except ValueError:
        return None
    room = 256 ** (4 - len(head))
    if any(n > 255 for n in head) or last >= room:
        return None
    return ipaddress.IPv4Address(sum(n * 256 ** (3 - i) for i, n in enumerate(head)) + last)


def is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """True for every address that is not on the public Internet, also when wrapped in an IPv6 one."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour
        nat64 = address in ipaddress.IPv6Network("64:ff9b::/96")
        if nat64 or (int(address) >> 32 == 0 and int(address) > 1):
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_private(wrapped)
    return not address.is_global or address.is_multicast


def is_private_host(name: str) -> bool:
    """True when a name itself says that it is private; names that lead there are the resolver's part."""
    name = name.lower().rstrip(".")
    address = literal(name)
    if address is not None:
        return is_private(address)
    return not name or "." not in name or name.endswith(_PRIVATE_NAMES)


def is_loopback_host(name: str) -> bool:
    name = name.lower().rstrip(".")
    address = literal(name)
    return address.is_loopback if address is not None else name == "localhost" or name.endswith(".localhost")


def _number(text: str) -> int:
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)
