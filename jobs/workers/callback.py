"""Callbacks: POST requests that tell a caller's server that a job has ended."""

from __future__ import annotations

import contextlib
import hmac
import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import orjson

from abintel.problem import Problem, bad_parameter
from jobs.job import Job

SIGNATURE = "X-Abintel-Signature"
_TIMEOUT_SECONDS = 10.0
_MAX_SECONDS = 30.0
"""How long a callback may take in total, so that a host that trickles its answer does not keep a worker."""
_MAX_URL = 2000
_PORTS = {"http": 80, "https": 443}
# IPv6 networks that embed IPv4 addresses, which may be private (RFC 6052, 3056, 4380 and 4291), and the
# former site-local network (RFC 3879).
_NOT_PUBLIC = [
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
]


class NotDelivered(Exception):
    """The caller's server did not accept a callback; the text says why."""


def check_url(url: str, hosts: Sequence[str]) -> None:
    """Checks a ``callback_url`` at submission.

    Args:
        url: the URL as it was sent.
        hosts: ``ABINTEL_CALLBACK_HOSTS``.

    Raises:
        Problem: 400 for a URL that may not be called.
    """
    if not hosts:
        raise bad_parameter("callback_url", "callbacks are switched off here; ask for the job instead.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise bad_parameter("callback_url", "wanted is an http or https URL.") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0 or len(url) > _MAX_URL:
        raise bad_parameter(
            "callback_url", f"wanted is an http or https URL of at most {_MAX_URL} characters."
        )
    if parts.username is not None or parts.password is not None:
        raise bad_parameter("callback_url", "a URL with a user name or a password is not called.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise bad_parameter("callback_url", "wanted is a URL in ASCII; encode what is not.")
    if not is_listed(parts.hostname, hosts) and "*" not in hosts:
        raise _not_allowed()


def _not_allowed() -> Problem:
    return bad_parameter("callback_url", "the operator does not allow this host (ABINTEL_CALLBACK_HOSTS).")


def is_listed(host: str, hosts: Sequence[str]) -> bool:
    """Whether the operator listed a host by name. Only such a host may have a private address.

    >>> is_listed("hooks.example.org", ["*", "hooks.example.org"]), is_listed("example.org", ["*"])
    (True, False)
    """
    return host.lower().rstrip(".") in hosts


def signing_key(pepper: bytes, tenant: str) -> str:
    """The signing key of a tenant's callbacks. It is derived, because the secrets are stored only as hashes.

    HMAC-SHA-256 as the pseudo-random function (NIST SP 800-108r1, section 4.1), in hexadecimal digits.
    """
    return hmac.digest(pepper, b"abintel callback signing key v1\0" + tenant.encode(), "sha256").hex()


def signature(key: str, moment: int, body: bytes) -> str:
    """The value of the header :data:`SIGNATURE`: HMAC-SHA-256 of the time, a dot and the body.

    >>> signature("00", 1700000000, b"{}")[:20]
    't=1700000000,v1=b0fe'
    """
    digest = hmac.digest(key.encode("ascii"), f"{moment}.".encode() + body, "sha256").hex()
    return f"t={moment},v1={digest}"


def body_of(job: Job) -> bytes:
    """The body of the callback for a job that has ended."""
    links = {"job": job.path, "result": f"{job.path}/result"}
    return orjson.dumps({"job_id": job.id, "status": job.status, "links": links})


def deliver(url: str, body: bytes, signed: str, hosts: Sequence[str]) -> None:
    """Posts a callback once, without following redirects.

    Args:
        url: a URL that :func:`check_url` accepted at submission.
        body: JSON.
        signed: the signature of the body.
        hosts: the current ``ABINTEL_CALLBACK_HOSTS``.

    Raises:
        NotDelivered: the callback was not accepted, with the reason.
    """
    parts = urlsplit(url)
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    headers = {"Content-Type": "application/json", "User-Agent": "abintel", SIGNATURE: signed}
    connection = _connection(parts, hosts)
    timer = threading.Timer(_MAX_SECONDS, _hang_up, [connection])
    timer.daemon = True
    timer.start()
    try:
        connection.request("POST", target, body, headers)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"{parts.hostname}: {type(error).__name__}") from error
    finally:
        timer.cancel()
        connection.close()
    if not 200 <= status < 300:
        raise NotDelivered(f"{parts.hostname} answered {status}")


def _hang_up(connection: http.client.HTTPConnection) -> None:
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _connection(parts: SplitResult, hosts: Sequence[str]) -> http.client.HTTPConnection:
    """A connection to the address that was checked; a second DNS lookup could return another one."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    listed = is_listed(host, hosts)
    if not listed and "*" not in hosts:
        raise NotDelivered(f"{host} is no longer allowed")
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotDelivered(f"{host} has no address") from error
    addresses = [str(socket_address[0]) for *_, socket_address in resolved]
    if not listed and not all(map(is_public, addresses)):
        raise NotDelivered(f"{host} is an address of a private network")
    kind = _PinnedTls if parts.scheme == "https" else _Pinned
    return kind(host, port, addresses[0])


def is_public(address: str) -> bool:
    """Whether an address is public: not private, loopback, link-local, multicast or reserved.

    >>> is_public("93.184.216.34"), is_public("169.254.169.254"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in network for network in _NOT_PUBLIC):
            return False
    return parsed.is_global and not parsed.is_multicast


class _Pinned(http.client.HTTPConnection):
    def __init__(self, host: str, port: int, address: str) -> None:
        super().__init__(host, port, timeout=_TIMEOUT_SECONDS)
        self._address = address

    def connect(self) -> None:
        """Connects to the checked address, without another DNS lookup."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)


class _PinnedTls(_Pinned):
    default_port = 443

    def connect(self) -> None:
        """Connects with TLS; the certificate must be for the host name."""
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
