"""Which address a request came from, as far as it can be believed, and which network that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# Some proxies add the port: 192.0.2.1:4711, [2001:db8::1]:4711.
_WITH_PORT = re.compile(r"\[(?P<six>[^\]]+)\](?::\d+)?|(?P<four>[\d.]+):\d+")


def client_address(peer: str, x_forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The address of the client: the last hop that no trusted proxy is, in its normal form.

    Each proxy appends whom it heard from, so that all on the right of the first untrusted hop is true, and all on its
    left is hearsay, which anybody can send. Several headers are joined with commas, in their order. A peer that is no
    address, such as a socket's, is given back as it is.
    """
    known = _parse(peer)
    if known is None:
        return peer
    for hop in reversed((x_forwarded_for or "").split(",")):
        heard = _parse(hop)
        if not _is_trusted(known, trusted) or heard is None:
            break
        known = heard
    return str(known)


def network_of(address: str) -> str:
    """What counts as one client in a limit: an IPv4 address (/32), or an IPv6 network (/64), which one host may own.

    What is no address is given back as it is.
    """
    parsed = _parse(address)
    if parsed is None:
        return address
    return str(ip_network((parsed, 64 if parsed.version == 6 else 32), strict=False))


def _parse(text: str) -> Address | None:
    """The address, without port and zone; one of IPv4 that is written as IPv6 is one of IPv4. None if it is none."""
    text = text.strip().strip('"')
    if match := _WITH_PORT.fullmatch(text):
        text = match["six"] or match["four"]
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped or IPv6Address(int(parsed))
    return parsed


def _is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address in network for network in trusted)
