//! For whoever manages it with Terraform or CloudFormation.

use super::super::{
    Kind, Plan, cloudformation,
    markdown::{Page, code},
    terraform,
};

pub(super) fn write(plan: &Plan, page: &mut Page) {
    page.heading(2, "If Terraform manages it");
    let key =
        plan.facts.target_key.as_ref().map_or("ARN of the new key, as the script says it", |key| &key.arn);
    page.paragraph(&format!(
        "**Don't** just set `{}`: it forces replacement, and Terraform would delete the old one with its tasks' place before it makes \
         the new one. Let the script do it, with nobody running Terraform meanwhile, and hand over afterwards (Terraform 1.7 or newer; \
         the label is made of the name, yours may be another):",
        terraform::key_argument(plan.kind)
    ));
    page.block("hcl", &terraform::hand_over(plan, key));
    let tasks = match plan.kind {
        Kind::Instance => {
            " Tasks keep their ARN: give `aws_dms_replication_task` the new `replication_instance_arn`. Recent versions of the \
             provider see that it moved; older ones want to replace the task: update the provider first."
        }
        Kind::Endpoint => {
            " Tasks are new: hand each over in the same way (`aws_dms_replication_task`, imported by its identifier)."
        }
        Kind::Serverless | Kind::Key => "",
    };
    page.paragraph(&format!(
        "`terraform plan` has to say `0 to destroy` and show no `forces replacement`; only then apply.{tasks} Who wants the old \
         address back moves it in a later change:"
    ));
    page.block("hcl", &terraform::moved(plan));

    page.heading(2, "If CloudFormation manages it");
    let kind = cloudformation::type_of(plan.kind);
    page.paragraph(&match cloudformation::stack(plan) {
        Some((stack, logical)) => {
            let logical = if logical.is_empty() { "a resource".to_owned() } else { code(&logical) };
            format!("**It does**: by its tags it is {logical} of the stack {}.", code(&stack))
        }
        None => "Its tags name no stack.".to_owned(),
    });
    page.paragraph(
        "A change of the key is a replacement there too. Before the script, let the stack keep what it lets go of, and deploy that:",
    );
    page.block("yaml", &cloudformation::retain(plan));
    page.paragraph(
        "Run the script up to the deletion. Then take the resource out of the template and deploy: the stack forgets it and deletes \
         nothing. What refers to it (`!Ref`) gets the new ARN as a parameter. Whether the new one can be imported into the stack, with \
         `DeletionPolicy: Retain` and an import change set, says the type: `FULLY_MUTABLE` or `IMMUTABLE` can, `NON_PROVISIONABLE` \
         can't:"
    );
    page.block(
        "bash",
        &format!("aws cloudformation describe-type --type=RESOURCE --type-name={kind} --query=ProvisioningType --output=text"),
    );
    page.paragraph("At last run the script again to delete the old one.");
}
