variable "hub_account_id" {
  description = "The account that keywatch runs in."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.hub_account_id))
    error_message = "hub_account_id has twelve digits."
  }
}

variable "hub_role" {
  description = "The name of keywatch's own role there, with its path if it has one."
  type        = string
  default     = "keywatch"

  validation {
    condition     = can(regex("^[^*?]+$", var.hub_role))
    error_message = "hub_role names one role."
  }
}

variable "organization_id" {
  description = "The organization's id; nobody outside of it is let in."
  type        = string

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id is like o-example1234."
  }
}

variable "external_id" {
  description = "organization.external_id of keywatch's config; empty where it has none."
  type        = string
  sensitive   = true
  default     = ""
}

variable "with_plans" {
  description = "Whether \"keywatch remediate plan\" may read what it needs with the audit role."
  type        = bool
  default     = false
}

variable "with_remediation" {
  description = "Whether the remediation role is made, with which keywatch puts findings right."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
