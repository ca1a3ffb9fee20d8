# Rolls the roles of member-roles.yaml out to all accounts below the units you name, and to those that join later; the
# management account is never among them. For providers of the management account or, with call_as = "DELEGATED_ADMIN", of
# an account that is a delegated administrator of member.org.stacksets.cloudformation.amazonaws.com.

resource "aws_cloudformation_stack_set" "roles" {
  name             = "keywatch-roles"
  description      = "The roles that let keywatch into each account"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  template_body    = file("${path.module}/member-roles.yaml")

  parameters = {
    HubAccountId    = var.hub_account_id
    HubRole         = var.hub_role
    OrganizationId  = var.organization_id
    ExternalId      = var.external_id
    WithPlans       = var.with_plans ? "true" : "false"
    WithRemediation = var.with_remediation ? "true" : "false"
  }

  # An account that leaves loses the roles: it is no longer ours to look into.
  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    region_concurrency_type      = "PARALLEL"
    max_concurrent_percentage    = 100
    failure_tolerance_percentage = 100
  }

  lifecycle {
    # CloudFormation fills it in for service-managed sets, and Terraform would want it gone.
    ignore_changes = [administration_role_arn]
  }
}

resource "aws_cloudformation_stack_set_instance" "roles" {
  stack_set_name            = aws_cloudformation_stack_set.roles.name
  stack_set_instance_region = var.region
  call_as                   = var.call_as

  deployment_targets {
    organizational_unit_ids = var.organizational_unit_ids
  }

  operation_preferences {
    region_concurrency_type      = "PARALLEL"
    max_concurrent_percentage    = 100
    failure_tolerance_percentage = 100
  }
}
