"""A real mail server, and the parts of a process that sends to it."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from surefoot.db.pool import Database
from surefoot.jobs.queue import Queue
from surefoot.limits.limiter import Limiter
from surefoot.platform_settings import load_platform_settings
from surefoot.vault.hashing import Hasher
from surefoot.vault.vault import Vault
from surefoot.web.platform import Platform


class Inbox:
    """What the server took; `answers` are given before it takes any, `lose_answers` breaks off after taking."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.private: list[bool] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}
        self.lose_answers = 0
        self.taken: Callable[[], None] = lambda: None

    async def handle_RCPT(self, _a: Any, _b: Any, envelope: Any, address: str, _c: Any) -> str:  # noqa: N802  # as aiosmtpd calls it
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  # as aiosmtpd calls it
        if self.answers:
            return self.answers.pop(0)
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        self.private.append(server.transport.get_extra_info("sslcontext") is not None)
        self.taken()
        if self.lose_answers:
            self.lose_answers -= 1
            server.transport.abort()
        return "250 Message accepted"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@contextmanager
def smtp_server(inbox: Inbox, port: int = 0, **options: Any) -> Iterator[int]:
    """A mail server on this machine; yields its port."""
    controller = Controller(inbox, hostname="127.0.0.1", port=port or _free_port(), **options)
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for 127.0.0.1 that is its own authority, and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp("tls")
    (directory / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    return directory / "cert.pem", context


def platform_with(database: Database, data_dir: Path, smtp_url: str | None = None) -> Platform:
    """The parts of a process with this mail server, or with an outbox."""
    settings = load_platform_settings({}, data_dir=data_dir, smtp_url=smtp_url, mail_from="Söürefoot <a@example.com>")
    vault = Vault.open(settings)
    return Platform(settings, database, vault, Hasher(1, 1), Limiter(database, b"k"), Queue())
