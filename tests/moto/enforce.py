"""Has the peer check every call against the policies in a file, or against none.

    python enforce.py ENDPOINT_URL FILE     {"hub": {…}, "audit": {…}, "accounts": {"name": "id"}}
    python enforce.py ENDPOINT_URL

The environment has keywatch's own credentials. The hub's policy goes to its user, the audit policy to the audit role
of each account that has one.
"""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config

import organization as org

# More calls than there will ever be.
NEVER = "1000000000"


def enforce_after(endpoint_url: str, calls: str) -> None:
    """Sets how many calls from now on are let through unchecked."""
    # As a form, moto would not see it.
    headers = {"Content-Type": "text/plain"}
    address = f"{endpoint_url}/moto-api/reset-auth"
    request = urllib.request.Request(address, data=calls.encode(), headers=headers, method="POST")
    urllib.request.urlopen(request).close()


def client(endpoint_url: str, service: str, given: dict | None = None):
    more = {}
    if given:
        more = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint_url, config=config, **more)


def put(endpoint_url: str, wanted: dict) -> None:
    policy = json.dumps(wanted["hub"])
    client(endpoint_url, "iam").put_user_policy(
        UserName="keywatch", PolicyName="keywatch", PolicyDocument=policy
    )
    policy = json.dumps(wanted["audit"])
    for name, account in wanted["accounts"].items():
        if name in org.WITHOUT_ROLE + org.CLOSED:
            continue
        given = None
        if name != org.MANAGEMENT:
            role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            sts = client(endpoint_url, "sts")
            given = sts.assume_role(RoleArn=role, RoleSessionName="enforce")["Credentials"]
        client(endpoint_url, "iam", given).put_role_policy(
            RoleName=org.AUDIT_ROLE, PolicyName="keywatch", PolicyDocument=policy
        )


def main() -> None:
    endpoint_url, *files = sys.argv[1:]
    enforce_after(endpoint_url, NEVER)
    for file in files:
        with open(file, encoding="utf-8") as policies:
            put(endpoint_url, json.load(policies))
        enforce_after(endpoint_url, "0")


if __name__ == "__main__":
    main()
