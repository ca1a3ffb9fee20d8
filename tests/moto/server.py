"""moto as a peer for keywatch: an emulator that nobody here wrote, mended where its answers are not AWS's.

    python server.py [--calls FILE]

Serves Organizations, IAM, STS, Account, DMS and KMS for any number of accounts on 127.0.0.1 and a free
port. Prints one line of JSON when it is ready, `{"endpoint_url": "http://127.0.0.1:PORT"}`, and ends when
its standard input is closed. With --calls, every call that arrives is written to FILE as one line of JSON.
"""

import argparse
import json
import logging
import os
import sys

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from mends import account, calls, dms, iam, kms, sts, wire


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", metavar="FILE", help="write every call there, one line of JSON each")
    arguments = parser.parse_args()

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for mend in (account, dms, kms, sts, wire, iam):
        mend.apply()
    if arguments.calls:
        calls.record(arguments.calls)

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    print(json.dumps({"endpoint_url": f"http://127.0.0.1:{port}"}), flush=True)

    # Blocks until whoever started this process closes the pipe or dies.
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
