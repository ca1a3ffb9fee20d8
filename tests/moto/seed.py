"""Fills the peer with a fixed organization, and prints what keywatch must say of it.

    python seed.py ENDPOINT_URL

Prints one JSON object:
  environment  the credentials to run keywatch with
  config       the audit role and external id to configure
  findings     every open finding: check_id, resource_arn, status, reason
  coverage     the accounts and targets that cannot be seen, by reason
  accounts     the id of each account, by name
  resources    how many resources can be seen
"""

import functools
import itertools
import json
import sys
import urllib.request

import boto3
from botocore.config import Config

import keys
import organization as org

HOME = "us-east-1"
ADMIN_ROLE = "OrganizationAccountAccessRole"
ENCRYPTION = {
    "instance": "dms_instance_kms_cmk_encryption",
    "endpoint": "dms_endpoint_kms_cmk_encryption",
    "serverless": "dms_serverless_kms_cmk_encryption",
}
USABLE = "dms_kms_key_usable"
# More endpoints in one target than a page holds.
CROWD = 130


class Peer:
    """boto3 clients for every account, and what has been made so far."""

    def __init__(self, endpoint_url: str):
        self.endpoint_url = endpoint_url
        self.ids: dict[str, str] = {}
        self.findings: list[dict] = []
        self.resources = 0
        self.root_key: dict | None = None

    @functools.cache
    def _credentials(self, account: str) -> dict:
        if account == org.MANAGEMENT:
            return self.root_key or {"aws_access_key_id": "bootstrap", "aws_secret_access_key": "bootstrap"}
        arn = f"arn:aws:iam::{self.ids[account]}:role/{ADMIN_ROLE}"
        sts = self.client("sts", org.MANAGEMENT, HOME)
        given = sts.assume_role(RoleArn=arn, RoleSessionName="seed")["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }

    @functools.cache
    def client(self, service: str, account: str, region: str):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint_url,
            config=Config(retries={"total_max_attempts": 1}),
            **self._credentials(account),
        )

    def bootstrap(self) -> None:
        """The management account's own user: keywatch runs with this key."""
        iam = self.client("iam", org.MANAGEMENT, HOME)
        iam.create_user(UserName="keywatch")
        key = iam.create_access_key(UserName="keywatch")["AccessKey"]
        self.root_key = {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
        }
        Peer._credentials.cache_clear()
        Peer.client.cache_clear()

    def expect(self, check: str, arn: str, verdict: tuple[str, str] | None) -> None:
        if verdict:
            status, reason = verdict
            self.findings.append({"check_id": check, "resource_arn": arn, "status": status, "reason": reason})


def make_organization(peer: Peer) -> None:
    organizations = peer.client("organizations", org.MANAGEMENT, HOME)
    management = organizations.create_organization(FeatureSet="ALL")["Organization"]["MasterAccountId"]
    peer.ids[org.MANAGEMENT] = management
    root = organizations.list_roots()["Roots"][0]["Id"]

    units: dict[tuple[str, ...], str] = {(): root}
    for name, path in org.accounts():
        for depth in range(1, len(path) + 1):
            if path[:depth] not in units:
                made = organizations.create_organizational_unit(
                    ParentId=units[path[: depth - 1]], Name=path[depth - 1]
                )
                units[path[:depth]] = made["OrganizationalUnit"]["Id"]
        status = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        account_id = status["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=units[path])
        peer.ids[name] = account_id


def make_roles(peer: Peer) -> None:
    for account in peer.ids:
        if account in org.WITHOUT_ROLE:
            continue
        external_id = "of-somebody-else" if account in org.OTHER_EXTERNAL_ID else org.EXTERNAL_ID
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{peer.ids[org.MANAGEMENT]}:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
                }
            ],
        }
        peer.client("iam", account, HOME).create_role(
            RoleName=org.AUDIT_ROLE, AssumeRolePolicyDocument=json.dumps(trust)
        )


def make_resource(peer: Peer, kind: str, account: str, region: str, name: str, key: str | None, **more) -> str:
    """One DMS resource; answers its ARN."""
    dms = peer.client("dms", account, region)
    given = {"KmsKeyId": key} if key else {}
    peer.resources += 1
    if kind == "instance":
        made = dms.create_replication_instance(
            ReplicationInstanceIdentifier=name,
            ReplicationInstanceClass="dms.t3.medium",
            AllocatedStorage=50,
            PubliclyAccessible=False,
            MultiAZ=False,
            EngineVersion="3.5.4",
            AutoMinorVersionUpgrade=True,
            **given,
            **more,
        )
        return made["ReplicationInstance"]["ReplicationInstanceArn"]
    if kind == "endpoint":
        made = dms.create_endpoint(
            EndpointIdentifier=name,
            EndpointType="source",
            EngineName="postgres",
            ServerName="db.example.com",
            Port=5432,
            DatabaseName="app",
            Username="dms",
            Password="secret-of-the-endpoint",
            **given,
            **more,
        )
        return made["Endpoint"]["EndpointArn"]
    made = dms.create_replication_config(
        ReplicationConfigIdentifier=name,
        SourceEndpointArn=f"arn:aws:dms:{region}:{peer.ids[account]}:endpoint:SOURCE",
        TargetEndpointArn=f"arn:aws:dms:{region}:{peer.ids[account]}:endpoint:TARGET",
        ComputeConfig={"MaxCapacityUnits": 4, **given},
        ReplicationType="full-load",
        TableMappings='{"rules":[]}',
        **more,
    )
    return made["ReplicationConfig"]["ReplicationConfigArn"]


def make_every_kind_of_key(peer: Peer) -> None:
    """Each kind of key under each kind of resource, dealt out over accounts and Regions."""
    homes = itertools.cycle(
        (account, region) for region in org.REGIONS for account in org.entered() if account != "keys"
    )
    for make_key, (encryption, usable) in keys.KINDS:
        for kind, check in ENCRYPTION.items():
            account, region = next(homes)
            name = f"{make_key.__name__.replace('_', '-')}-{kind}"
            arn = make_resource(peer, kind, account, region, name, make_key(peer, account, region))
            peer.expect(check, arn, encryption)
            peer.expect(USABLE, arn, usable)


def make_corners(peer: Peer) -> None:
    """What only one place has."""
    # DMS does not promise the field: an answer without it means the default key.
    hidden = [{"Key": "peer:kms-key-id", "Value": "hidden"}]
    for kind, check in ENCRYPTION.items():
        arn = make_resource(peer, kind, "warehouse", "eu-west-1", f"no-field-{kind}", None, Tags=hidden)
        peer.expect(check, arn, ("fail", "default_key"))

    # More than one page; the failing one comes last.
    key = keys.own_arn(peer, "lake", "eu-central-1")
    for number in range(CROWD):
        make_resource(peer, "endpoint", "lake", "eu-central-1", f"crowd-{number:03}", key)
    arn = make_resource(peer, "endpoint", "lake", "eu-central-1", "last-of-the-crowd", None)
    peer.expect(ENCRYPTION["endpoint"], arn, ("fail", "aws_managed_key"))

    # One key under many resources of a target.
    key = keys.disabled(peer, "reporting", "us-west-2")
    for kind in ENCRYPTION:
        arn = make_resource(peer, kind, "reporting", "us-west-2", f"one-key-{kind}", key)
        peer.expect(USABLE, arn, ("fail", "key_disabled"))

    # A Region that is on only here.
    for account in org.OPTED_IN:
        peer.client("account", account, HOME).enable_region(RegionName=org.OPT_IN_REGION)
        arn = make_resource(peer, "instance", account, org.OPT_IN_REGION, "far-away", None)
        peer.expect(ENCRYPTION["instance"], arn, ("fail", "aws_managed_key"))

    # What nobody can see: none of these may become a finding, nor count as clean.
    for account in org.denied() + org.CLOSED:
        make_resource(peer, "instance", account, "us-east-1", "unseen", None)
        peer.resources -= 1


def settle(peer: Peer) -> None:
    """moto's instances leave `creating` when they are first described."""
    for account in peer.ids:
        for region in [*org.REGIONS, org.OPT_IN_REGION]:
            peer.client("dms", account, region).describe_replication_instances()


def coverage(peer: Peer) -> dict:
    def ids(names):
        return sorted(peer.ids[name] for name in names)

    return {
        "account_not_active": ids(org.CLOSED),
        "assume_role_denied": ids(org.denied()),
        "region_not_enabled": {
            org.OPT_IN_REGION: ids(name for name in org.entered() if name not in org.OPTED_IN)
        },
    }


def main() -> None:
    endpoint_url = sys.argv[1]
    # Every id that moto makes up is the same in every run.
    urllib.request.urlopen(urllib.request.Request(f"{endpoint_url}/moto-api/seed?a=1", method="POST")).close()

    peer = Peer(endpoint_url)
    peer.bootstrap()
    make_organization(peer)
    make_roles(peer)
    make_every_kind_of_key(peer)
    make_corners(peer)
    settle(peer)
    # Last, because a suspended account refuses everything.
    for account in org.CLOSED:
        peer.client("organizations", org.MANAGEMENT, HOME).close_account(AccountId=peer.ids[account])

    peer.findings.sort(key=lambda finding: (finding["check_id"], finding["resource_arn"]))
    assert peer.root_key is not None
    seeded = {
        "environment": {name.upper(): value for name, value in peer.root_key.items()},
        "config": {"audit_role": org.AUDIT_ROLE, "external_id": org.EXTERNAL_ID},
        "accounts": peer.ids,
        "resources": peer.resources,
        "findings": peer.findings,
        "coverage": coverage(peer),
    }
    print(json.dumps(seeded))


if __name__ == "__main__":
    main()
