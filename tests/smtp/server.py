"""A mail server on loopback: aiosmtpd, which keeps what it is sent.

    python server.py MAILS [--tls DIR USER PASSWORD]

Listens on 127.0.0.1 and a free port. Prints one line of JSON when it is ready, `{"port": PORT}`, and ends when its
standard input is closed. Each mail is written to the file MAILS as one line of JSON: `from`, `to`, `tls`, `user`,
`content`. With --tls it takes mail only after STARTTLS and a login; the certificate of the authority that its own is
signed by is written to DIR/ca.pem.
"""

import argparse
import datetime
import ipaddress
import json
import os
import pathlib
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Keep:
    def __init__(self, mails: str) -> None:
        self.mails = mails

    async def handle_DATA(self, server, session, envelope) -> str:
        mail = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data.login.decode() if session.auth_data else None,
            "content": envelope.content.decode("utf-8"),
        }
        with open(self.mails, "a", encoding="utf-8") as file:
            file.write(json.dumps(mail) + "\n")
        return "250 kept"


def certificates(directory: pathlib.Path) -> ssl.SSLContext:
    """An authority, and a server's certificate signed by it."""
    now = datetime.datetime.now(datetime.timezone.utc)

    def build(name, issuer, key, signer, extensions):
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=7))
        )
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(signer, hashes.SHA256())

    ca_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    ca = build("test authority", "test authority", ca_key, ca_key, [(x509.BasicConstraints(True, None), True)])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    own = build("localhost", "test authority", key, ca_key, [(x509.SubjectAlternativeName(names), False)])

    pem = serialization.Encoding.PEM
    (directory / "ca.pem").write_bytes(ca.public_bytes(pem))
    (directory / "server.pem").write_bytes(
        own.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(directory / "server.pem")
    return context


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mails")
    parser.add_argument("--tls", nargs=3, metavar=("DIR", "USER", "PASSWORD"))
    arguments = parser.parse_args()

    options = {}
    if arguments.tls:
        directory, user, password = arguments.tls

        def authenticate(server, session, envelope, mechanism, given):
            right = (given.login, given.password) == (user.encode(), password.encode())
            return AuthResult(success=right, handled=False, auth_data=given if right else None)

        options = {
            "tls_context": certificates(pathlib.Path(directory)),
            "require_starttls": True,
            "authenticator": authenticate,
            "auth_required": True,
        }

    class AnyPort(Controller):
        def _trigger_server(self) -> None:
            # It would call the port that it was told, which is 0.
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    controller = AnyPort(Keep(arguments.mails), hostname="127.0.0.1", port=0, **options)
    controller.start()
    print(json.dumps({"port": controller.port}), flush=True)

    # Blocks until whoever started this process closes the pipe or dies.
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
