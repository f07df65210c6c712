"""The platform is not turned against its own network by the name of a host."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.vault.hosts import Reach, is_host, refusal_of

pytestmark = pytest.mark.asvs("1.3.6", "13.2.4")

NOWHERE = Reach()
EVERYWHERE = Reach((ip_network("0.0.0.0/0"), ip_network("::/0")))
# The forms in which other programs reach an address of IPv4 by one of IPv6.
WRAPPINGS = [
    lambda four: IPv6Address(0xFFFF << 32 | int(four)),
    lambda four: IPv6Address(0xFFFF << 48 | int(four)),
    lambda four: IPv6Address(0x64FF9B << 96 | int(four)),
    lambda four: IPv6Address(0x2002 << 112 | int(four) << 80 | 1),
    lambda four: IPv6Address(int(four)),
]


@pytest.mark.parametrize(
    "text",
    [
        "db.example.com",
        "db",
        "DB-1.internal",
        "192.0.2.1",
        "2001:db8::1",
        "::1",
        "1.example",
        "xn--mnchen-3ya.de",
        "a.1a",
    ],
)
def test_names_and_addresses_are_hosts(text: str) -> None:
    assert is_host(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "db.example.com.",
        "a..b",
        "-db",
        "db-",
        "/var/run/postgresql",
        "@abstract",
        "db1,db2",
        "db example",
        "db\n",
        "db\0",
        "user@db",
        "db:5432",
        "[::1]",
        "fe80::1%eth0",
        "münchen.de",
        "db_1",
        "a" * 64,
        ".".join(["a" * 60] * 5),
        # Spellings of 127.0.0.1.
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "127.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "0x",
        "1.2.3.4.5",
        "256.1.1.1",
        "127.0.0.0x1",
        "127.0.0.1.",
        "\uff11\uff12\uff17.0.0.1",
    ],
)
def test_whatever_else_could_be_read_as_one_is_none(text: str) -> None:
    assert not is_host(text)


NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
]
NEVER_SIX = [
    "::",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::1",
    "100::1",
    "fe80::1%eth0",
]
ON_LEAVE = ["127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"]
ON_LEAVE += ["198.18.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1"]
ON_LEAVE_SIX = ["::1", "fc00::1", "fd12:3456::1", "fec0::1", "2001:db8::1", "3fff::1", "2001:2::1", "4000::1", "1::1"]
PUBLIC = ["1.1.1.1", "9.255.255.255", "11.0.0.1", "126.255.255.255", "128.0.0.1", "172.32.0.1", "100.63.255.255"]
PUBLIC += ["100.128.0.1", "169.253.255.255", "223.255.255.255"]
PUBLIC_SIX = ["2606:4700::1111", "2a00:1450:4001::1", "3ffe::1"]


@pytest.mark.parametrize("address", [*NEVER, *NEVER_SIX])
def test_some_addresses_are_refused_whatever_the_operator_allows(address: str) -> None:
    assert refusal_of([address], 5432, EVERYWHERE)


@pytest.mark.parametrize("address", [*ON_LEAVE, *ON_LEAVE_SIX])
def test_private_ones_need_the_operators_leave(address: str) -> None:
    assert refusal_of([address], 5432, NOWHERE)
    assert refusal_of([address], 5432, EVERYWHERE) is None
    one = Reach((ip_network(address),))
    assert refusal_of([address], 5432, one) is None
    assert refusal_of(["10.99.99.99"], 5432, one)


@pytest.mark.parametrize("address", [*PUBLIC, *PUBLIC_SIX])
def test_those_of_the_internet_need_none(address: str) -> None:
    assert refusal_of([address], 5432, NOWHERE) is None


@pytest.mark.parametrize("wrapping", range(len(WRAPPINGS)))
@pytest.mark.parametrize("address", [*NEVER, *ON_LEAVE, *PUBLIC])
def test_an_address_in_another_is_judged_as_what_it_is(address: str, wrapping: int) -> None:
    wrapped = WRAPPINGS[wrapping](IPv4Address(address))
    for reach in (NOWHERE, EVERYWHERE):
        assert (refusal_of([str(wrapped)], 5432, reach) is None) == (refusal_of([address], 5432, reach) is None)


def test_leave_for_a_network_holds_for_its_wrapped_addresses_alone() -> None:
    reach = Reach((IPv4Network("10.0.0.0/8"),))
    assert refusal_of(["::ffff:10.0.0.1"], 5432, reach) is None
    assert refusal_of(["::ffff:127.0.0.1"], 5432, reach)


def test_one_bad_address_spoils_a_name() -> None:
    assert refusal_of(["1.1.1.1", "2606:4700::1111"], 5432, NOWHERE) is None
    assert (
        refusal_of(["1.1.1.1", "127.0.0.1"], 5432, NOWHERE)
        == "127.0.0.1 is loopback, which the operator does not allow"
    )
    assert refusal_of(["1.1.1.1", "what is this"], 5432, EVERYWHERE) == "what is this is no address"
    assert refusal_of([], 5432, EVERYWHERE) == "the name has no address"


@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5", "64:ff9b::a00:5", "2002:a00:5::1"])
def test_the_platforms_own_database_is_nobodys_target(address: str) -> None:
    reach = Reach(EVERYWHERE.networks, frozenset({(ip_address("10.0.0.5"), 5432)}))
    assert refusal_of([address], 5432, reach) == f"{address} is the platform's own database"
    assert refusal_of([address], 5433, reach) is None


@given(st.ip_addresses(v=4))
def test_what_python_takes_for_local_is_never_let_through(address: IPv4Address) -> None:
    if not address.is_global:
        assert refusal_of([str(address)], 5432, NOWHERE)


@given(st.ip_addresses())
def test_a_wrapped_metadata_address_is_found_among_any(address: IPv4Address | IPv6Address) -> None:
    assert refusal_of([str(address), "::ffff:169.254.169.254"], 5432, EVERYWHERE)
