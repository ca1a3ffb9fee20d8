output "role_arn" {
  description = "keywatch's own role."
  value       = aws_iam_role.hub.arn
}

output "role" {
  description = "Its name with its path, for the variable hub_role of the other modules."
  value       = "{{ hub_role }}"
}

output "instance_profile" {
  description = "The instance profile for EC2; null elsewhere."
  value       = one(aws_iam_instance_profile.hub[*].name)
}
