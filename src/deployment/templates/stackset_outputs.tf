output "stack_set_id" {
  description = "The StackSet."
  value       = aws_cloudformation_stack_set.roles.stack_set_id
}
