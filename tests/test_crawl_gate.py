"""No page, redirect or host name leads into a private network, and no credential to another host."""

import ipaddress
from types import SimpleNamespace
from typing import Any

import pytest
from twisted.internet.address import IPv4Address, IPv6Address

from archiver.addresses import is_private_host, literal, origin, without_secrets
from archiver.crawl import resolver
from archiver.crawl.gate import refusal
from archiver.crawl.resolver import GuardedResolver

PUBLIC = "https://t.me/s/name"
LOCAL = "http://127.0.0.1:8000/feed"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://localhost./",
        "http://a.localhost/",
        "http://10.1.2.3/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://0.0.0.0/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.9/",
        "http://127.1.:80/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fd00::1]/",
        "http://[fe80::1]/",
        "http://router/",
        "http://nas.local/",
        "http://wiki.internal/",
        "http://224.0.0.1/",
        "file:///etc/passwd",
        "ftp://t.me/x",
        "data:text/html,x",
    ],
)
def test_a_public_page_leads_to_no_private_address(url: str) -> None:
    assert refusal(url, PUBLIC) is not None
    assert refusal(url, "") is not None


@pytest.mark.parametrize(
    "url", ["https://t.me/name", "http://8.8.8.8/", "https://[2606:4700::1111]/", "http://134744072/"]
)
def test_a_public_page_leads_to_public_ones(url: str) -> None:
    assert refusal(url, PUBLIC) is None


def test_a_server_on_this_machine_that_somebody_named_leads_to_itself_only() -> None:
    assert refusal("http://127.0.0.1:9000/x", LOCAL) is None
    assert refusal("http://localhost:8000/x", LOCAL) is None
    assert refusal("http://10.0.0.1/", LOCAL) is not None
    assert refusal("http://169.254.169.254/", LOCAL) is not None
    assert refusal("http://10.0.0.2/", "http://10.0.0.1/") is not None


def test_numbers_and_names_are_told_apart() -> None:
    assert literal("1.2.3.4.5") is None
    assert literal("t.me") is None
    assert literal("256.1.1.1") is None
    assert literal("0x7f000001") == ipaddress.IPv4Address("127.0.0.1")
    assert not is_private_host("mastodon.social")


class Resolution:
    """Twisted's name look-up with made-up answers."""

    def __init__(self, *addresses: Any) -> None:
        self.addresses, self.got = addresses, list[Any]()

    def resolveHostName(self, receiver: Any, *rest: Any) -> Any:
        receiver.resolutionBegan(None)
        for address in self.addresses:
            receiver.addressResolved(address)
        receiver.resolutionComplete()
        return receiver

    def resolutionBegan(self, resolution: Any) -> None: ...

    def addressResolved(self, address: Any) -> None:
        self.got.append(address.host)

    def resolutionComplete(self) -> None: ...


def looked_up(name: str, *addresses: Any) -> list[str]:
    names = Resolution(*addresses)
    GuardedResolver(SimpleNamespace(nameResolver=names)).resolveHostName(names, name)
    return names.got


def test_a_public_name_that_leads_to_a_private_address_is_not_followed() -> None:
    private = IPv4Address("TCP", "127.0.0.1", 80), IPv6Address("TCP", "fe80::1%eth0", 80)
    assert looked_up("rebinding.example", *private, IPv4Address("TCP", "8.8.8.8", 80)) == ["8.8.8.8"]
    assert resolver.refused["rebinding.example"]


def test_a_private_name_that_somebody_named_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "allowed", {"nas.local"})
    assert looked_up("nas.local", IPv4Address("TCP", "10.0.0.7", 80)) == ["10.0.0.7"]
    assert looked_up("127.0.0.1", IPv4Address("TCP", "127.0.0.1", 80)) == []


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://h.example/a?x=%20b&access_token=S&y=", "https://h.example/a?x=%20b&y="),
        ("https://user:S@h.example:8/a?q=%D9%BE", "https://h.example:8/a?q=%D9%BE"),
        ("https://h.example/a?api_key=S#f", "https://h.example/a#f"),
        (
            "https://h.example/a?pagination_token=7&max_id=1",
            "https://h.example/a?pagination_token=7&max_id=1",
        ),
        ("https://h.example/a?", "https://h.example/a?"),
    ],
)
def test_stored_addresses_carry_no_credentials(url: str, clean: str) -> None:
    assert without_secrets(url) == clean


def test_another_port_or_scheme_is_another_place() -> None:
    assert origin("https://x.com/a") == origin("https://x.com:443/b")
    assert origin("https://x.com") != origin("http://x.com")
    assert origin("https://x.com") != origin("https://x.com:8443")
