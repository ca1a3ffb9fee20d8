# The roles that let keywatch into one account: the audit role, which changes nothing, and if you like the remediation
# role. The module "stackset" rolls the same out to a whole organization, but for its management account.

data "aws_partition" "current" {}

locals {
  # The condition names the role, for a role that is named as the principal is no longer trusted once it was made anew.
  trust_with_id = jsonencode({{ trust_with_id }})
  trust_without_id = jsonencode({{ trust_without_id }})
  trust = var.external_id == "" ? local.trust_without_id : local.trust_with_id
}

resource "aws_iam_role" "audit" {
  name                 = "{{ audit_name }}"
{%- if let Some(path) = audit_path %}
  path                 = "{{ path }}"
{%- endif %}
  description          = "keywatch reads with this role which keys encrypt the data of DMS; it changes nothing"
  max_session_duration = 3600
  assume_role_policy   = local.trust
  tags                 = var.tags
}

resource "aws_iam_role_policy" "audit" {
  name = "keywatch-audit"
  role = aws_iam_role.audit.id

  policy = jsonencode({{ audit }})
}

resource "aws_iam_role_policy" "plan" {
  count = var.with_plans ? 1 : 0

  name = "keywatch-plan"
  role = aws_iam_role.audit.id

  policy = jsonencode({{ plan }})
}

resource "aws_iam_role" "remediation" {
  count = var.with_remediation ? 1 : 0

  name                 = "{{ remediation_name }}"
{%- if let Some(path) = remediation_path %}
  path                 = "{{ path }}"
{%- endif %}
  description          = "keywatch puts findings right with this role"
  max_session_duration = 3600
  assume_role_policy   = local.trust
  tags                 = var.tags
}

resource "aws_iam_role_policy" "remediation" {
  count = var.with_remediation ? 1 : 0

  name = "keywatch-remediation"
  role = aws_iam_role.remediation[0].id

  policy = jsonencode({{ remediation }})
}
