# The role that keywatch runs with, its "hub": once, in the account that keywatch runs in.

data "aws_partition" "current" {}

locals {
  # Pod Identity names the pod in the session's tags.
  trust_actions = var.runs_on == "pods.eks.amazonaws.com" ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]
}

# The trust policies of the accounts name this role.
resource "aws_iam_role" "hub" {
  name        = "{{ hub_name }}"
{%- if let Some(path) = hub_path %}
  path        = "{{ path }}"
{%- endif %}
  description = "keywatch lists the organization and enters its accounts with this role"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { for kind, name in { AWS = var.principal, Service = var.runs_on } : kind => name if(kind == "AWS") == (var.runs_on == "principal") }
      Action    = local.trust_actions
    }]
  })
}

resource "aws_iam_role_policy" "hub" {
  name = "keywatch-hub"
  role = aws_iam_role.hub.id

  policy = jsonencode({{ policy }})
}

resource "aws_iam_role_policy" "remediation" {
  count = var.with_remediation ? 1 : 0

  name = "keywatch-hub-remediation"
  role = aws_iam_role.hub.id

  policy = jsonencode({{ remediation }})
}

resource "aws_iam_instance_profile" "hub" {
  count = var.runs_on == "ec2.amazonaws.com" ? 1 : 0

  name = aws_iam_role.hub.name
  role = aws_iam_role.hub.name
  tags = var.tags
}
