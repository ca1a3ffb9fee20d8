# How the modules go together. Copy it, name your own profiles or roles in the providers, and set the variables.

terraform {
  required_version = ">= 1.3"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "region" {
  description = "The Region of aws.home_region in keywatch's config."
  type        = string
  default     = "us-east-1"
}

variable "hub_account_id" {
  description = "The account that keywatch runs in."
  type        = string
}

variable "organization_id" {
  description = "The organization's id."
  type        = string
}

variable "organizational_unit_ids" {
  description = "The units whose accounts are scanned; the root's id (r-…) for all."
  type        = list(string)
}

variable "external_id" {
  description = "organization.external_id of keywatch's config; empty where it has none."
  type        = string
  sensitive   = true
  default     = ""
}

provider "aws" {
  alias   = "hub"
  region  = var.region
  profile = "keywatch-hub"
}

provider "aws" {
  alias   = "management"
  region  = var.region
  profile = "management"
}

# keywatch's own role.
module "hub" {
  source    = "./modules/hub"
  providers = { aws = aws.hub }

  runs_on = "ec2.amazonaws.com"
}

# The audit role in every account of the units.
module "accounts" {
  source    = "./modules/stackset"
  providers = { aws = aws.management }

  organizational_unit_ids = var.organizational_unit_ids
  region                  = var.region
  hub_account_id          = var.hub_account_id
  hub_role                = module.hub.role
  organization_id         = var.organization_id
  external_id             = var.external_id
}

# The same in the management account, which no service-managed StackSet reaches.
module "management" {
  source    = "./modules/member"
  providers = { aws = aws.management }

  hub_account_id  = var.hub_account_id
  hub_role        = module.hub.role
  organization_id = var.organization_id
  external_id     = var.external_id
}
