"""Which hosts the platform connects to when a user names them: none that it could be turned against. Pure.

A name is resolved once, all its addresses are judged, and the connection is made to one of the judged addresses. One
that is asked for again could resolve to another. `ipaddress.is_global` is not enough: it looks through none of the
forms in which an IPv4 address hides in one of IPv6, and differs from version to version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")

# Nobody's database lives there, whatever the operator allows.
_NEVER = {
    "0.0.0.0/8": "this host",
    "100.100.100.200/32": "the metadata of a cloud",
    "168.63.129.16/32": "the metadata of a cloud",
    "169.254.0.0/16": "link-local, where the metadata of clouds are",
    "192.0.0.0/24": "reserved, and the metadata of a cloud",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "this host",
    "64:ff9b:1::/48": "a translation to addresses that cannot be told",
    "100::/64": "discarded",
    "2001::/32": "a tunnel",
    "fd00:ec2::/32": "the metadata of a cloud",
    "fd20:ce::/32": "the metadata of a cloud",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
# Only where the operator allows the network.
_OWN = {
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "a provider's own",
    "127.0.0.0/8": "loopback",
    "172.16.0.0/12": "private",
    "192.0.2.0/24": "for documentation",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "for measurements",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "::1/128": "loopback",
    "2001:2::/48": "for measurements",
    "2001:db8::/32": "for documentation",
    "3fff::/20": "for documentation",
    "fc00::/7": "private",
    "fec0::/10": "private",
}
_REFUSED = {ip_network(text): why for text, why in _NEVER.items()}
_ON_LEAVE = {ip_network(text): why for text, why in _OWN.items()}
_INTERNET = IPv6Network("2000::/3")

# Where an IPv4 address stands in one of IPv6: the network, and the bits on the right of it.
_WRAPPED = {
    IPv6Network("::/96"): 0,
    IPv6Network("::ffff:0:0/96"): 0,
    IPv6Network("::ffff:0:0:0/96"): 0,
    IPv6Network("64:ff9b::/96"): 0,
    IPv6Network("2002::/16"): 80,
}


@dataclass(frozen=True, slots=True)
class Reach:
    """What the operator allows. `networks` may be connected to although they are loopback or private.

    `own` are the addresses and ports of the platform's own database, which is nobody's target.
    """

    networks: tuple[Network, ...] = ()
    own: frozenset[tuple[Address, int]] = frozenset()


def is_host(text: str) -> bool:
    """Whether a text is the name of a host, or an address as it is written normally, and nothing else that libpq reads.

    No path of a socket, no list, no zone, and none of the spellings of an address that only some programs understand:
    `2130706433` and `127.1` are 127.0.0.1 to them.
    """
    labels = text.split(".")
    if ":" in text or _NUMBER.fullmatch(labels[-1]):
        return _literal(text) is not None and "%" not in text
    return len(text) <= 253 and all(map(_LABEL.fullmatch, labels))


def refusal_of(addresses: Sequence[str], port: int, reach: Reach) -> str | None:
    """Why the platform does not connect to a host with these addresses, for the operator's log; None if it does.

    One bad address among good ones is enough. The caller is told only that the host cannot be used: the reason would
    tell them what is where in the operator's network.
    """
    if not addresses:
        return "the name has no address"
    return next(filter(None, (_refusal(text, port, reach) for text in addresses)), None)


def _refusal(text: str, port: int, reach: Reach) -> str | None:
    address = _literal(text)
    if address is None:
        return f"{text} is no address"
    reasons = (_why_not(form, port, reach) for form in _forms(address))
    return next((f"{text} is {why}" for why in reasons if why), None)


def _forms(address: Address) -> Iterator[Address]:
    """The address, or the one of IPv4 in it, which is where the connection would end."""
    inner: list[Address] = [
        IPv4Address(int(address) >> shift & 0xFFFFFFFF)
        for network, shift in _WRAPPED.items()
        if address in network and int(address) > 1
    ]
    yield from inner or [address]


def _why_not(address: Address, port: int, reach: Reach) -> str | None:
    if (address, port) in reach.own:
        return "the platform's own database"
    if why := _named(address, _REFUSED):
        return why
    if any(address in network for network in reach.networks):
        return None
    if why := _named(address, _ON_LEAVE):
        return f"{why}, which the operator does not allow"
    return None if isinstance(address, IPv4Address) or address in _INTERNET else "not of the internet"


def _named(address: Address, networks: dict[Network, str]) -> str | None:
    return next((why for network, why in networks.items() if address in network), None)


def _literal(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
