use super::{
    super::{
        Plan,
        bash::quote,
        markdown::{Page, code},
    },
    managed, parts, run_it, step, variables,
};

pub(super) fn write(plan: &Plan, page: &mut Page) {
    let status =
        plan.facts.replication.as_ref().map_or("never started", |replication| replication.status.as_str());
    page.heading(2, "What happens");
    page.paragraph(
        "DMS can't change the key of a config whose replication has run. So an equal config is made under the new key; the old \
         replication is stopped, and the new one goes on from its checkpoint; at last the old config is deleted. Until then the old \
         replication can be resumed, but **within 48 hours** of its stop only: AWS resumes no DMS Serverless replication that has \
         been stopped for longer (DMS user guide, \"AWS DMS Serverless components\").",
    );
    page.heading(2, "What is interrupted");
    page.paragraph(&format!("The replication is {}.", code(status)));
    if status == "running" {
        parts::pause(
            page,
            "stopping, and all that a start of DMS Serverless takes: fetching metadata, provisioning capacity",
        );
        page.paragraph(
            "The new config only captures changes, from the old one's `RecoveryCheckpoint`: what was loaded is not loaded again, and \
             tables that are added later are not loaded by it.",
        );
    }
    let rows: Vec<Vec<String>> = plan
        .facts
        .endpoints
        .iter()
        .map(|endpoint| vec![code(&endpoint.name), code(&endpoint.endpoint_type), code(&endpoint.engine)])
        .collect();
    if !rows.is_empty() {
        page.table(&["Endpoint", "Side", "Engine"], &rows);
    }
    page.heading(2, "What it costs");
    let compute = &plan.facts.document()["ComputeConfig"];
    page.paragraph(&format!(
        "DMS Serverless bills capacity units by the hour while a replication runs; the two run one after the other, so little \
         doubles. {} to {} units, Multi-AZ: {}. A new KMS key has a monthly fee. Prices: <https://aws.amazon.com/dms/pricing/>, \
         <https://aws.amazon.com/kms/pricing/>.",
        compute["MinCapacityUnits"], compute["MaxCapacityUnits"], compute["MultiAZ"]
    ));
    page.heading(2, "Before you begin");
    page.paragraph(
        "**Addresses change** with each start of DMS Serverless: databases have to let in its subnets or security groups, not \
         addresses. Its connections can't be tested beforehand; it tests them when it starts, and the script resumes the old \
         replication if the new one fails.",
    );
    let mut rights = parts::KEY_RIGHTS.to_vec();
    rights.extend([
        "dms:CreateReplicationConfig",
        "dms:AddTagsToResource",
        "dms:StopReplication",
        "dms:StartReplication",
        "dms:DeleteReplicationConfig",
    ]);
    parts::rights(page, &rights);
    parts::elsewhere(page, &plan.facts.resource.name);
    run_it(
        page,
        "It makes the key if it is missing, makes the config, stops the replication and starts the new one, and asks before it \
         deletes the old config.",
    );
    by_hand(plan, page);
    page.heading(2, "How to go back, by where you are");
    page.table(
        &["Where", "What is lost by then", "How"],
        &[
            ["New config made", "nothing", "delete it"],
            ["Old replication stopped", "the pause", "start it with `resume-processing`, within 48 hours"],
            [
                "New replication runs",
                "the pause",
                "stop it, start the old one with `resume-processing`, within 48 hours of its stop: it writes again what the new one \
                 wrote since",
            ],
            ["Old config deleted", "its history", "none; the new one is equal"],
        ]
        .map(|row| row.map(str::to_owned).to_vec()),
    );
    managed::write(plan, page);
}

fn by_hand(plan: &Plan, page: &mut Page) {
    page.heading(2, "The same by hand");
    page.block("bash", &variables(plan));
    parts::key(plan, page);
    step(
        page,
        "2. The new config",
        "# config-from-checkpoint.json if the replication has run and captures changes, else config.json;\n# it has the mark \
         \"@KEY_ARN@\" in the place of the key\nsed \"s|@*KEY_ARN@*|$key_arn|\" config-from-checkpoint.json \
         >/tmp/config.json\nnew=$(aws dms create-replication-config --cli-input-json file:///tmp/config.json \\\n    --query \
         ReplicationConfig.ReplicationConfigArn --output text)",
        "`aws dms describe-replication-configs` shows it with the new key.",
        "`aws dms delete-replication-config --replication-config-arn=\"$new\"`.",
    );
    step(
        page,
        "3. Stop the old, start the new",
        "aws dms stop-replication --replication-config-arn=\"$source\"    # if it runs\n# until it is stopped:\naws dms \
         describe-replications --filters=Name=replication-config-arn,Values=\"$source\" \\\n    --query \
         'Replications[].[Status, RecoveryCheckpoint]' --output text\naws dms start-replication \
         --replication-config-arn=\"$new\" --start-replication-type=start-replication \\\n    --cdc-start-position=…    # the \
         checkpoint",
        "`aws dms describe-replications` shows the new one `running`.",
        "`aws dms start-replication --replication-config-arn=\"$source\" --start-replication-type=resume-processing`.",
    );
    step(
        page,
        "4. Delete the old config: this can't be undone",
        "aws dms delete-replication-config --replication-config-arn=\"$source\"",
        "`aws dms describe-replication-configs` no longer lists it.",
        "none.",
    );
    step(
        page,
        "5. Let keywatch look again",
        &format!("keywatch remediate verify {}", quote(&plan.facts.resource.arn)),
        "the finding is `resolved`.",
        "nothing was done.",
    );
}
