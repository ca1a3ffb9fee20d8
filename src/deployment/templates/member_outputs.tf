output "audit_role_arn" {
  description = "What keywatch assumes to scan the account."
  value       = aws_iam_role.audit.arn
}

output "remediation_role_arn" {
  description = "What keywatch assumes to put findings right; null without that role."
  value       = one(aws_iam_role.remediation[*].arn)
}
