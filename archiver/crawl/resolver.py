"""Host names are looked up as usual, but a public name that leads to a private address is not followed.

Twisted asks here for every connection, also for addresses written as numbers, so a server that answers the
second look-up with 127.0.0.1 (DNS rebinding) gains nothing.
"""

import ipaddress
from collections.abc import Sequence
from typing import Any

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer, provider  # type: ignore[import-untyped]

from archiver.addresses import is_private

allowed: set[str] = set()  # hosts that a person named, which may be private
refused: dict[str, str] = {}  # hosts that were not followed, and where they led


@implementer(IHostnameResolver)
class GuardedResolver:
    """Twisted's own resolver (IPv4 and IPv6) behind a guard."""

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        inner = reactor.nameResolver
        self.inner: Any = inner.inner if isinstance(inner, GuardedResolver) else inner

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> "GuardedResolver":
        return cls(reactor)

    def install_on_reactor(self) -> None:
        self.reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        name = hostName.lower().rstrip(".")
        receiver = resolutionReceiver if name in allowed else _Guard(resolutionReceiver, name)
        found: IHostResolution = self.inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return found


@provider(IResolutionReceiver)
class _Guard:
    """Passes on public addresses only."""

    def __init__(self, receiver: Any, name: str) -> None:
        self.receiver = receiver
        self.name = name

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:
        if is_private(ipaddress.ip_address(address.host.partition("%")[0])):
            refused[self.name] = address.host
        else:
            self.receiver.addressResolved(address)

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()
