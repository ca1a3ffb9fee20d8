variable "runs_on" {
  description = "What gives keywatch the role: ec2.amazonaws.com, ecs-tasks.amazonaws.com, pods.eks.amazonaws.com, or \"principal\" for the one named below."
  type        = string
  default     = "ec2.amazonaws.com"

  validation {
    condition     = contains(["ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "pods.eks.amazonaws.com", "principal"], var.runs_on)
    error_message = "runs_on is a service that keywatch runs on, or \"principal\"."
  }
}

variable "principal" {
  description = "With runs_on = \"principal\", the ARN of the role or user that may assume the role."
  type        = string
  default     = ""

  validation {
    condition     = var.principal == "" || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*?]+$", var.principal))
    error_message = "principal is the ARN of a role or user."
  }
}

variable "with_remediation" {
  description = "Whether keywatch may also enter accounts with the remediation role, to put findings right."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
