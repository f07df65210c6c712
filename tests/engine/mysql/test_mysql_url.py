from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from surefoot.engine import api
from surefoot.engine.dialects.mysql.connect import Connector, read_url
from surefoot.engine.dialects.mysql.target import MysqlTarget
from surefoot.engine.open import make_target
from surefoot.errors import Unreachable, UsageError
from tests.engine.mysql.shop import QUICK, Shop


def test_every_part_is_percent_decoded() -> None:
    address = read_url("mysql://a%40b:p%2Fw%C3%BC@db.example:3307/my%20shop?ssl-mode=required")
    assert (address.host, address.port, address.user, address.password) == ("db.example", 3307, "a@b", "p/wü")
    assert (address.database, address.ssl_mode) == ("my shop", "REQUIRED")


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("", "PREFERRED"),
        ("?ssl-ca=ca.pem", "VERIFY_CA"),
        ("?ssl_mode=VERIFY_IDENTITY&ssl-ca=ca.pem", "VERIFY_IDENTITY"),
        ("?socket=/run/mysqld.sock", "DISABLED"),
    ],
)
def test_the_security_follows_from_the_options(query: str, mode: str) -> None:
    assert read_url(f"mariadb://u@h/d{query}").ssl_mode == mode


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:secret@h/",
        "mysql://u:secret@h/d?colour=red",
        "mysql://u:secret@h/d?ssl-mode=SOMETIMES",
        "mysql://u:secret@h:port/d",
        "mysql://u:secret@[h/d",
    ],
)
def test_what_cannot_be_used_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        make_target(url)
    assert "secret" not in f"{refused.value.message} {refused.value.hint} {refused.value.details}"


def test_a_caller_may_open_the_connections(mariadb_url: str, tmp_path: Path) -> None:
    connector = Connector(mariadb_url, timeout=5)
    named = replace(connector.address, host="db.example.org", port=3306)
    (tmp_path / "1_t.up.sql").write_text("CREATE TABLE t (n int); INSERT INTO t VALUES (1);")
    (tmp_path / "1_t.down.sql").write_text("DROP TABLE t;")
    target = MysqlTarget(connector, named, timeouts=QUICK)
    try:
        assert target.label == f"mysql://db.example.org:3306/{named.database}"
        assert api.up(target, api.Project(tmp_path)).versions == ("1",)
        assert api.down(target, api.Project(tmp_path)).versions == ("1",)
    finally:
        target.close()


def test_neither_label_nor_representation_tells_the_password() -> None:
    connector = Connector("mysql://u:secret@h/d", timeout=1)
    assert "secret" not in f"{connector.address.label} {connector.address!r}"
    assert connector.address.label == "mysql://h:3306/d"


def test_certificates_that_are_not_there_are_refused() -> None:
    with pytest.raises(UsageError, match="certificate"):
        Connector("mysql://u@h/d?ssl-ca=missing.pem", timeout=1)()


def test_encryption_that_the_server_does_not_offer_is_no_encryption_at_all(shop: Shop) -> None:
    target = make_target(f"{shop.url}?ssl-mode=REQUIRED")
    with pytest.raises(Unreachable, match="SSL"):
        target.open()


def test_a_wrong_password_is_unreachable(shop: Shop) -> None:
    with pytest.raises(Unreachable, match="Access denied"):
        make_target(shop.url.replace(":surefoot@", ":wrong@")).open()


def test_nobody_listening_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="does not answer"):
        make_target("mysql://u@127.0.0.1:1/d").open()


def test_the_socket_is_used_where_it_is_given(shop: Shop) -> None:
    path = shop.ask("SELECT @@socket")[0][0]
    assert Path(path).is_socket()
    name = shop.url.rpartition("/")[2]
    with pytest.raises(Unreachable, match="Access denied"):
        # The tests' user may come in by TCP only: the server that answers is asked through the socket.
        make_target(f"mysql://surefoot:no@nowhere.invalid/{name}?socket={path}").open()
