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

from mends import sts


def _input(self) -> dict:
    return json.loads(self.body or "{}")


def _of_account(self) -> str:
    return f"arn:aws:account::{self.current_account}:account"


def _of_dms(self) -> str:
    # Of a list, each has to be allowed; they are of one kind here.
    given = _input(self)
    return given.get("ResourceArn") or next(iter(given.get("ResourceArnList", [])), "*")


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


def _in_its_words(self, answer):
    status, headers, body = answer
    text = body.decode() if isinstance(body, bytes) else body
    if status != 403 or "<Message>" not in text:
        return answer
    message = text.split("<Message>")[1].split("</Message>")[0]
    if "x-amz-target" in self.headers:
        return 400, {**headers, "status": 400}, json.dumps({"__type": "AccessDeniedException", "message": message})
    if self.service_name == "account":
        headers["x-amzn-errortype"] = "AccessDeniedException"
        return status, headers, json.dumps({"message": message})
    if self.service_name == "sts":
        return status, headers, sts.error("AccessDenied", message)
    return answer


def apply() -> None:
    AccountResponse._determine_resource = _of_account
    DatabaseMigrationServiceResponse._determine_resource = _of_dms
    KmsResponse._determine_resource = _of_kms
    OrganizationsResponse._determine_resource = _of_organizations
    IAMRequestBase._is_assuming_role_operation = lambda self, resource_arn: False
    call_action = BaseResponse.call_action
    BaseResponse.call_action = lambda self: _in_its_words(self, call_action(self))
