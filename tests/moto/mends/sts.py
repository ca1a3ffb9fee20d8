"""STS: moto lets anyone assume any role of any account. Here the role must exist, its trust policy must
name the caller's account and, if it asks for an external id, get that one; a suspended account refuses."""

import json
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.sts.responses import TokenResponse
from moto.utilities.utils import get_partition

_assume_role = TokenResponse.assume_role


def error(code: str, message: str) -> str:
    """What STS answers with where it refuses."""
    return (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        "<RequestId></RequestId></ErrorResponse>"
    )


def _refusal(caller: str, role_arn: str) -> tuple[str, dict]:
    # AWS tells nobody which of the reasons it was.
    message = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
    return error("AccessDenied", message), {"status": 403, "Content-Type": "text/xml"}


def _suspended(account: str) -> bool:
    return any(
        member.id == account and member.status == "SUSPENDED"
        for backends in organizations_backends.values()
        for backend in backends.values()
        for member in backend.accounts
    )


def _roles(account: str, region: str):
    # moto keeps the roles that CreateAccount makes under a name of their own.
    for partition in (get_partition(region), "global"):
        if partition in iam_backends[account]:
            yield from iam_backends[account][partition].get_roles()


def _trusts(policy: dict, caller_account: str, external_id: str | None) -> bool:
    for statement in policy["Statement"]:
        principals = statement["Principal"].get("AWS", [])
        principals = [principals] if isinstance(principals, str) else principals
        named = any(principal.split(":")[4] == caller_account for principal in principals)
        asked = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        if statement["Effect"] == "Allow" and named and asked in (None, external_id):
            return True
    return False


def assume_role(self):
    role_arn = self._get_param("RoleArn")
    external_id = self._get_param("ExternalId")
    account = role_arn.split(":")[4]
    _, caller, _ = self.backend.get_caller_identity(self.get_access_key(), self.region)

    role = next((role for role in _roles(account, self.region) if role.arn == role_arn), None)
    if role is None or _suspended(account):
        return _refusal(caller, role_arn)
    if not _trusts(json.loads(role.assume_role_policy_document), self.current_account, external_id):
        return _refusal(caller, role_arn)
    return _assume_role(self)


def apply() -> None:
    TokenResponse.assume_role = assume_role
