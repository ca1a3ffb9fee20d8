# The roles that let keywatch into one account: the audit role, which changes nothing, and if you like the remediation
# role. The module "stackset" rolls the same out to a whole organization, but for its management account.

data "aws_partition" "current" {}

locals {
  # The condition names the role, for a role that is named as the principal is no longer trusted once it was made anew.
  trust_with_id = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "LetKeywatchIn"
        Effect = "Allow"
        Principal = {
          AWS = "arn:${data.aws_partition.current.partition}:iam::${var.hub_account_id}:root"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
            "sts:ExternalId"     = var.external_id
          }
          ArnLike = {
            "aws:PrincipalArn" = "arn:${data.aws_partition.current.partition}:iam::${var.hub_account_id}:role/${var.hub_role}"
          }
        }
      },
    ]
  })
  trust_without_id = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "LetKeywatchIn"
        Effect = "Allow"
        Principal = {
          AWS = "arn:${data.aws_partition.current.partition}:iam::${var.hub_account_id}:root"
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "aws:PrincipalOrgID" = var.organization_id
          }
          ArnLike = {
            "aws:PrincipalArn" = "arn:${data.aws_partition.current.partition}:iam::${var.hub_account_id}:role/${var.hub_role}"
          }
        }
      },
    ]
  })
  trust = var.external_id == "" ? local.trust_without_id : local.trust_with_id
}

resource "aws_iam_role" "audit" {
  name                 = "KeywatchAudit"
  description          = "keywatch reads with this role which keys encrypt the data of DMS; it changes nothing"
  max_session_duration = 3600
  assume_role_policy   = local.trust
  tags                 = var.tags
}

resource "aws_iam_role_policy" "audit" {
  name = "keywatch-audit"
  role = aws_iam_role.audit.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "SeeDms"
        Effect = "Allow"
        Action = [
          "dms:DescribeEndpoints",
          "dms:DescribeReplicationConfigs",
          "dms:DescribeReplicationInstances",
        ]
        Resource = "*"
      },
      {
        Sid    = "ReadTags"
        Effect = "Allow"
        Action = "dms:ListTagsForResource"
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
      },
      {
        Sid      = "DescribeKeys"
        Effect   = "Allow"
        Action   = "kms:DescribeKey"
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
      },
      {
        Sid      = "ListAliases"
        Effect   = "Allow"
        Action   = "kms:ListAliases"
        Resource = "*"
      },
      {
        Sid      = "ListRegions"
        Effect   = "Allow"
        Action   = "account:ListRegions"
        Resource = "arn:${data.aws_partition.current.partition}:account::*:account"
      },
    ]
  })
}

resource "aws_iam_role_policy" "plan" {
  count = var.with_plans ? 1 : 0

  name = "keywatch-plan"
  role = aws_iam_role.audit.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ReadForPlans"
        Effect = "Allow"
        Action = [
          "dms:DescribeAccountAttributes",
          "dms:DescribeConnections",
          "dms:DescribeOrderableReplicationInstances",
          "dms:DescribeReplicationTasks",
          "dms:DescribeReplications",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role" "remediation" {
  count = var.with_remediation ? 1 : 0

  name                 = "KeywatchRemediation"
  description          = "keywatch puts findings right with this role"
  max_session_duration = 3600
  assume_role_policy   = local.trust
  tags                 = var.tags
}

resource "aws_iam_role_policy" "remediation" {
  count = var.with_remediation ? 1 : 0

  name = "keywatch-remediation"
  role = aws_iam_role.remediation[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "SeeDms"
        Effect = "Allow"
        Action = [
          "dms:DescribeEndpoints",
          "dms:DescribeReplicationConfigs",
          "dms:DescribeReplicationInstances",
        ]
        Resource = "*"
      },
      {
        Sid    = "ReadTags"
        Effect = "Allow"
        Action = "dms:ListTagsForResource"
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
      },
      {
        Sid      = "DescribeKeys"
        Effect   = "Allow"
        Action   = "kms:DescribeKey"
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
      },
      {
        Sid      = "ListAliases"
        Effect   = "Allow"
        Action   = "kms:ListAliases"
        Resource = "*"
      },
      {
        Sid    = "ReadForPlans"
        Effect = "Allow"
        Action = [
          "dms:DescribeAccountAttributes",
          "dms:DescribeConnections",
          "dms:DescribeOrderableReplicationInstances",
          "dms:DescribeReplicationTasks",
          "dms:DescribeReplications",
        ]
        Resource = "*"
      },
      {
        Sid      = "FindKeys"
        Effect   = "Allow"
        Action   = "kms:ListKeys"
        Resource = "*"
      },
      {
        Sid      = "MakeKey"
        Effect   = "Allow"
        Action   = "kms:CreateKey"
        Resource = "*"
        Condition = {
          StringEqualsIfExists = {
            "kms:KeySpec"  = "SYMMETRIC_DEFAULT"
            "kms:KeyUsage" = "ENCRYPT_DECRYPT"
          }
          BoolIfExists = {
            "kms:BypassPolicyLockoutSafetyCheck" = "false"
          }
          Null = {
            "aws:RequestTag/keywatch:remediates" = "false"
          }
        }
      },
      {
        Sid      = "TagKey"
        Effect   = "Allow"
        Action   = "kms:TagResource"
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
        Condition = {
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = "keywatch:remediates"
          }
        }
      },
      {
        Sid    = "NameKey"
        Effect = "Allow"
        Action = "kms:CreateAlias"
        Resource = [
          "arn:${data.aws_partition.current.partition}:kms:*:*:alias/dms",
          "arn:${data.aws_partition.current.partition}:kms:*:*:key/*",
        ]
      },
      {
        Sid    = "RescueKey"
        Effect = "Allow"
        Action = [
          "kms:CancelKeyDeletion",
          "kms:EnableKey",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
      },
      {
        Sid      = "GrantKeyToDms"
        Effect   = "Allow"
        Action   = "kms:CreateGrant"
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
        Condition = {
          Bool = {
            "kms:GrantIsForAWSResource" = "true"
          }
          StringLike = {
            "kms:ViaService" = [
              "dms.*.amazonaws.com",
              "dms.*.${data.aws_partition.current.dns_suffix}",
            ]
          }
        }
      },
      {
        Sid    = "EncryptThroughDms"
        Effect = "Allow"
        Action = [
          "kms:Encrypt",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:kms:*:*:key/*"
        Condition = {
          StringLike = {
            "kms:ViaService" = [
              "dms.*.amazonaws.com",
              "dms.*.${data.aws_partition.current.dns_suffix}",
            ]
          }
        }
      },
      {
        Sid    = "MakeWithTag"
        Effect = "Allow"
        Action = [
          "dms:CreateEndpoint",
          "dms:CreateReplicationConfig",
          "dms:CreateReplicationInstance",
          "dms:CreateReplicationTask",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:cert:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:subgrp:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
        Condition = {
          Null = {
            "aws:RequestTag/keywatch:remediates" = "false"
          }
        }
      },
      {
        Sid    = "TagWhatIsMade"
        Effect = "Allow"
        Action = "dms:AddTagsToResource"
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
        Condition = {
          Null = {
            "aws:RequestTag/keywatch:remediates" = "false"
          }
        }
      },
      {
        Sid      = "PassRolesToDms"
        Effect   = "Allow"
        Action   = "iam:PassRole"
        Resource = "arn:${data.aws_partition.current.partition}:iam::*:role/*"
        Condition = {
          StringLike = {
            "iam:PassedToService" = [
              "dms.amazonaws.com",
              "dms.*.amazonaws.com",
              "dms.*.${data.aws_partition.current.dns_suffix}",
            ]
          }
        }
      },
      {
        Sid    = "MoveTasks"
        Effect = "Allow"
        Action = [
          "dms:MoveReplicationTask",
          "dms:StartReplicationTask",
          "dms:StopReplicationTask",
          "dms:TestConnection",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
      },
      {
        Sid    = "RunServerless"
        Effect = "Allow"
        Action = [
          "dms:StartReplication",
          "dms:StopReplication",
        ]
        Resource = "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*"
      },
      {
        Sid    = "DeleteWhatWasReplaced"
        Effect = "Allow"
        Action = [
          "dms:DeleteEndpoint",
          "dms:DeleteReplicationConfig",
          "dms:DeleteReplicationInstance",
          "dms:DeleteReplicationTask",
        ]
        Resource = [
          "arn:${data.aws_partition.current.partition}:dms:*:*:endpoint:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:rep:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:replication-config:*",
          "arn:${data.aws_partition.current.partition}:dms:*:*:task:*",
        ]
      },
    ]
  })
}
