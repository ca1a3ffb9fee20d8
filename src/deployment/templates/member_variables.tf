variable "hub_account_id" {
  description = "The account that keywatch runs in."
  type        = string
{%- if let Some(account) = account %}
  default     = "{{ account }}"
{%- endif %}

  validation {
    condition     = can(regex("^[0-9]{12}$", var.hub_account_id))
    error_message = "hub_account_id has twelve digits."
  }
}

variable "hub_role" {
  description = "The name of keywatch's own role there, with its path if it has one."
  type        = string
  default     = "{{ hub_role }}"

  validation {
    condition     = can(regex("^[^*?]+$", var.hub_role))
    error_message = "hub_role names one role."
  }
}

variable "organization_id" {
  description = "The organization's id; nobody outside of it is let in."
  type        = string
{%- if let Some(id) = organization_id %}
  default     = "{{ id }}"
{%- endif %}

  validation {
    condition     = can(regex("^o-[a-z0-9]{10,32}$", var.organization_id))
    error_message = "organization_id is like o-example1234."
  }
}

variable "external_id" {
  description = "organization.external_id of keywatch's config{% if !with_external_id %}; empty where it has none{% endif %}."
  type        = string
  sensitive   = true
{%- if !with_external_id %}
  default     = ""
{%- endif %}
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
{%- if with_tags %}

variable "tags" {
  description = "Tags of what is made."
  type        = map(string)
  default     = {}
}
{%- else %}

variable "organizational_unit_ids" {
  description = "The ids of the units (ou-…) whose accounts get the roles, or of the root (r-…)."
  type        = list(string)
}

variable "call_as" {
  description = "SELF in the management account, DELEGATED_ADMIN in an account that administers StackSets for it."
  type        = string
  default     = "SELF"

  validation {
    condition     = contains(["SELF", "DELEGATED_ADMIN"], var.call_as)
    error_message = "call_as is SELF or DELEGATED_ADMIN."
  }
}

variable "region" {
  description = "The Region whose CloudFormation makes the roles in each account; roles are of the whole account."
  type        = string
}
{%- endif %}
