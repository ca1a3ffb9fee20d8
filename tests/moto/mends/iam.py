"""IAM enforcement: moto asks policies about the resource `*` whatever is called, answers a denial of a JSON service in
XML, and compares the principals of trust policies letter by letter. Here the services of ours say what they are
called about, a denial is in the words of its protocol, and trust is looked at in sts.py alone.

Conditions of identity policies moto does not evaluate."""

import json

from moto.account.responses import AccountResponse
from moto.core.responses import BaseResponse
from moto.dms.responses import DatabaseMigrationServiceResponse
from moto.iam.access_control import IAMRequestBase
from moto.kms.responses import KmsResponse
from moto.organizations.responses import OrganizationsResponse

_call_action = BaseResponse.call_action


def _input(self) -> dict:
    return json.loads(self.body or "{}")


def _of_account(self) -> str:
    return f"arn:aws:account::{self.current_account}:account"


def _of_dms(self) -> str:
    return _input(self).get("ResourceArn", "*")


def _of_kms(self) -> str:
    key = _input(self).get("KeyId")
    if key is None or self._get_action() == "ListAliases":
        return "*"
    # IAM is asked about the key, whatever it was called.
    if key.startswith("arn:") and ":key/" in key:
        return key
    return f"arn:aws:kms:{self.region}:{self.current_account}:key/{key.rsplit('/')[-1]}"


def _of_organizations(self) -> str:
    parent = _input(self).get("ParentId")
    if parent is None:
        return "*"
    kind = "root" if parent.startswith("r-") else "ou"
    return f"arn:aws:organizations::{self.current_account}:{kind}/o-peer/{parent}"


def call_action(self):
    status, headers, body = _call_action(self)
    if status == 403 and isinstance(body, str) and "<Message>" in body:
        message = body.split("<Message>")[1].split("</Message>")[0]
        if "x-amz-target" in self.headers:
            status, body = 400, json.dumps({"__type": "AccessDeniedException", "message": message})
        elif self.service_name == "account":
            headers["x-amzn-errortype"] = "AccessDeniedException"
            body = json.dumps({"message": message})
    return status, headers, body


def apply() -> None:
    AccountResponse._determine_resource = _of_account
    DatabaseMigrationServiceResponse._determine_resource = _of_dms
    KmsResponse._determine_resource = _of_kms
    OrganizationsResponse._determine_resource = _of_organizations
    IAMRequestBase._is_assuming_role_operation = lambda self, resource_arn: False
    BaseResponse.call_action = call_action
