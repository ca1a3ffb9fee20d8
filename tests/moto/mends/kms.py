"""KMS: AWS managed keys are AWS's, `alias/aws/` is closed to customers, and a key of another account is
described by ARN where its policy allows it."""

import json

from moto.core.exceptions import JsonRESTError
from moto.kms import models
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse
from moto.kms.utils import RESERVED_ALIASES

RESERVED = "alias/aws/"

_generate_default_keys = KmsBackend._generate_default_keys
_set_alias = KmsResponse._set_alias
_describe_key = KmsResponse.describe_key


def _error(code: str, message: str) -> JsonRESTError:
    return JsonRESTError(code, message)


def generate_default_keys(self, alias_name: str) -> str | None:
    key_id = _generate_default_keys(self, alias_name)
    if key_id is not None:
        self.keys[key_id].key_manager = "AWS"
        self.keys[key_id].description = "Default key that protects my data when no other key is defined"
    return key_id


def default_key(account: str, region: str, alias_name: str) -> Key:
    """The AWS managed key behind an alias of AWS's, made if nothing has used it yet."""
    backend = kms_backends[account][region]
    return backend.keys[backend.get_key_id_from_alias(alias_name)]


def set_alias(self, update: bool = False) -> str:
    if (self._get_param("AliasName") or "").startswith(RESERVED):
        raise _error("NotAuthorizedException", "")
    return _set_alias(self, update)


def _statements(key: Key, effect: str) -> list[dict]:
    """The statements of the key's policy that speak of DescribeKey."""
    found = []
    for statement in json.loads(key.policy)["Statement"]:
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        if statement["Effect"] == effect and {"kms:*", "kms:Describe*", "kms:DescribeKey"} & set(actions):
            found.append(statement)
    return found


def _allows(key: Key, account: str) -> bool:
    for statement in _statements(key, "Allow"):
        principals = statement["Principal"] if statement["Principal"] == "*" else statement["Principal"]["AWS"]
        principals = [principals] if isinstance(principals, str) else principals
        if any(principal == "*" or account in principal.split(":") for principal in principals):
            return True
    return False


def describe_key(self) -> str:
    named = self._get_param("KeyId")
    region, owner = self.region, self.current_account
    if named.startswith("arn:"):
        _, _, _, region, owner, _ = named.split(":", 5)
    if region != self.region:
        raise _error("NotFoundException", f"Invalid arn {region}")

    refused = _error(
        "AccessDeniedException",
        f"User: arn:aws:sts::{self.current_account}:assumed-role is not authorized to perform: kms:DescribeKey "
        "on this resource because the resource does not exist in this Region, no resource-based policies "
        "allow access, or a resource-based policy explicitly denies access",
    )
    if owner == self.current_account:
        try:
            return _describe_key(self)
        except models.AccessDeniedException:
            # moto refuses without a message.
            raise refused from None

    backend = kms_backends[owner][region]
    name = backend.get_alias_name(named)
    if name.startswith("alias/"):
        name = next((key.id for key in backend.keys.values() if name in key.aliases), "")
    key = backend.keys.get(backend.get_key_id(name))
    if key is None or _statements(key, "Deny") or not _allows(key, self.current_account):
        raise refused
    return json.dumps(key.to_dict())


def apply() -> None:
    # So that it is made on first use like AWS's others; ListAliases still lists it only once it is.
    RESERVED_ALIASES.append("alias/aws/dms")
    KmsBackend._generate_default_keys = generate_default_keys
    KmsResponse._set_alias = set_alias
    KmsResponse.describe_key = describe_key
