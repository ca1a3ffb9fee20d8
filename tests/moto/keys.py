"""Every kind of key that the peer can hold: how to make one, and what keywatch must say of a resource that
names it. The findings are written down here by hand; nothing computes them."""

import json

# What `dms_*_kms_cmk_encryption` and `dms_kms_key_usable` find: (status, reason), or None where they pass
# or do not apply.
AWS_MANAGED = (("fail", "aws_managed_key"), None)
CLEAN = (None, None)
DISABLED = (None, ("fail", "key_disabled"))
PENDING_DELETION = (None, ("fail", "key_pending_deletion"))
STATE_DENIED = (None, ("unknown", "key_access_denied"))
NOT_FOUND = (("unknown", "key_not_found"), ("unknown", "key_not_found"))

OUTSIDE_ACCOUNT = "999988887777"


def _customer(peer, account, region, policy=None):
    request = {"Policy": json.dumps(policy)} if policy else {}
    return peer.client("kms", account, region).create_key(**request)["KeyMetadata"]


def _alias(peer, account, region, key, name):
    peer.client("kms", account, region).create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    return name


def _alias_arn(peer, account, region, name):
    return f"arn:aws:kms:{region}:{peer.ids[account]}:{name}"


def _root(account_id):
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def _policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def own_arn(peer, account, region):
    return _customer(peer, account, region)["Arn"]


def own_id(peer, account, region):
    return _customer(peer, account, region)["KeyId"]


def own_alias_name(peer, account, region):
    return _alias(peer, account, region, _customer(peer, account, region), "alias/dms-by-name")


def own_alias_arn(peer, account, region):
    name = _alias(peer, account, region, _customer(peer, account, region), "alias/dms/by-arn")
    return _alias_arn(peer, account, region, name)


def none_given(_peer, _account, _region):
    return None


def aws_alias_name(_peer, _account, _region):
    return "alias/aws/dms"


def aws_alias_arn(peer, account, region):
    return _alias_arn(peer, account, region, "alias/aws/dms")


def aws_other_service(peer, account, region):
    # Made by this call, as on AWS, because nothing else uses RDS here.
    return peer.client("kms", account, region).describe_key(KeyId="alias/aws/rds")["KeyMetadata"]["Arn"]


def disabled(peer, account, region):
    key = _customer(peer, account, region)
    peer.client("kms", account, region).disable_key(KeyId=key["KeyId"])
    return key["Arn"]


def disabled_alias(peer, account, region):
    key = _customer(peer, account, region)
    peer.client("kms", account, region).disable_key(KeyId=key["KeyId"])
    return _alias(peer, account, region, key, "alias/disabled")


def pending_deletion(peer, account, region):
    key = _customer(peer, account, region)
    peer.client("kms", account, region).schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    return key["KeyId"]


def _closed_to_describe(peer, account, region):
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}
    return _customer(peer, account, region, _policy(_root(peer.ids[account]), deny))


def describe_denied(peer, account, region):
    return _closed_to_describe(peer, account, region)["Arn"]


def describe_denied_alias(peer, account, region):
    return _alias(peer, account, region, _closed_to_describe(peer, account, region), "alias/closed")


def missing_arn(peer, account, region):
    return f"arn:aws:kms:{region}:{peer.ids[account]}:key/00000000-0000-4000-8000-000000000001"


def missing_id(_peer, _account, _region):
    return "00000000-0000-4000-8000-000000000002"


def missing_alias(_peer, _account, _region):
    return "alias/never-made"


def replica(peer, account, region):
    primary_region = "us-east-1" if region != "us-east-1" else "eu-west-1"
    kms = peer.client("kms", account, primary_region)
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]
    copy = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion=region)["ReplicaKeyMetadata"]
    return copy["Arn"]


def _shared(peer, account, region):
    policy = _policy(_root(peer.ids["keys"]), _root(peer.ids[account]))
    return _customer(peer, "keys", region, policy)


def shared(peer, account, region):
    return _shared(peer, account, region)["Arn"]


def shared_disabled(peer, account, region):
    key = _shared(peer, account, region)
    peer.client("kms", "keys", region).disable_key(KeyId=key["KeyId"])
    return key["Arn"]


def foreign_denied(peer, _account, region):
    return _customer(peer, "keys", region)["Arn"]


def foreign_denied_pending(peer, _account, region):
    key = _customer(peer, "keys", region)
    peer.client("kms", "keys", region).schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=30)
    return key["Arn"]


def foreign_owner_shut(peer, _account, region):
    return _customer(peer, "acquired", region)["Arn"]


def foreign_outside(_peer, _account, region):
    return f"arn:aws:kms:{region}:{OUTSIDE_ACCOUNT}:key/00000000-0000-4000-8000-000000000003"


# (how to make it, what the checks find)
KINDS = [
    (own_arn, CLEAN),
    (own_id, CLEAN),
    (own_alias_name, CLEAN),
    (own_alias_arn, CLEAN),
    (none_given, AWS_MANAGED),
    (aws_alias_name, AWS_MANAGED),
    (aws_alias_arn, AWS_MANAGED),
    (aws_other_service, AWS_MANAGED),
    (disabled, DISABLED),
    (disabled_alias, DISABLED),
    (pending_deletion, PENDING_DELETION),
    # Not under alias/aws/, so the customer's; but whether it can be used, nobody may know.
    (describe_denied, STATE_DENIED),
    (describe_denied_alias, STATE_DENIED),
    (missing_arn, NOT_FOUND),
    (missing_id, NOT_FOUND),
    (missing_alias, NOT_FOUND),
    (replica, CLEAN),
    (shared, CLEAN),
    (shared_disabled, DISABLED),
    # Refused to the user's account, but described in the owner's.
    (foreign_denied, CLEAN),
    (foreign_denied_pending, PENDING_DELETION),
    # Refused, and the owner cannot be entered: customer managed by its ARN, its state unknown.
    (foreign_owner_shut, STATE_DENIED),
    (foreign_outside, STATE_DENIED),
]
