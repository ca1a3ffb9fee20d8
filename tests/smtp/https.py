"""A web server on loopback that speaks HTTPS, with the certificate of server.py.

    python https.py DIR

Listens on 127.0.0.1 and a free port. Prints one line of JSON when it is ready, `{"port": PORT}`, then a line for each
body that is posted, and ends when its standard input is closed. The certificate of the authority that its own is
signed by is written to DIR/ca.pem.
"""

import json
import os
import pathlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from server import certificates


class Keep(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
        self.send_response(204)
        self.end_headers()
        print(json.dumps({"path": self.path, "body": body}), flush=True)

    def log_message(self, *arguments) -> None:
        """Standard error is for errors."""


def main() -> None:
    server = HTTPServer(("127.0.0.1", 0), Keep)
    server.socket = certificates(pathlib.Path(sys.argv[1])).wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)

    # Blocks until whoever started this process closes the pipe or dies.
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
