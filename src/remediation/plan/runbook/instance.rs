use super::{
    super::{
        Plan,
        markdown::{Page, code},
    },
    managed, parts, run_it, step, variables,
};

pub(super) fn write(plan: &Plan, page: &mut Page) {
    page.heading(2, "What happens");
    page.paragraph(
        "DMS can't change the key of an instance. So an equal one is made beside it under the new key, its connections are tested, \
         the tasks are moved over one by one, and the old one is deleted. Until that last step the old instance is there and every \
         step can be undone.",
    );
    interruption(plan, page);
    cost(plan, page);
    before(plan, page);
    run_it(
        page,
        "It makes the key if it is missing, makes the instance, waits, compares, tests the connections, moves the tasks, and asks \
         before it deletes the old instance.",
    );
    by_hand(plan, page);
    back(page);
    managed::write(plan, page);
}

fn interruption(plan: &Plan, page: &mut Page) {
    page.heading(2, "What is interrupted");
    parts::tasks(plan, page, |task| parts::fate(task, "moved"));
    if !plan.facts.tasks.is_empty() {
        parts::pause(page, "stopping, moving, starting");
    }
    if !plan.facts.connections.is_empty() {
        let rows: Vec<Vec<String>> = plan
            .facts
            .connections
            .iter()
            .map(|one| {
                vec![code(&one.endpoint_name), code(&one.status), code(one.failure.as_deref().unwrap_or(""))]
            })
            .collect();
        page.paragraph("What the old instance reached when it was last tried:");
        page.table(&["Endpoint", "Connection", "Last failure"], &rows);
    }
}

fn cost(plan: &Plan, page: &mut Page) {
    page.heading(2, "What it costs");
    let source = plan.facts.document();
    let class = source["ReplicationInstanceClass"].as_str().unwrap_or("its class");
    let zones = if source["MultiAZ"] == true { "Multi-AZ" } else { "Single-AZ" };
    let mut lines = vec![
        format!("instance hours: {}, {zones}, twice", code(class)),
        format!("storage: {} GB, twice", source["AllocatedStorage"]),
    ];
    if source["PubliclyAccessible"] == true {
        lines.push("a public IPv4 address, twice".to_owned());
    }
    if plan.makes_key() {
        lines.push("the KMS key: a monthly fee, and its requests, for good".to_owned());
    }
    page.paragraph(
        "While both are there, which is from the making of the new one to the deletion of the old one:",
    );
    page.list(&lines);
    page.paragraph(
        "Prices stand at <https://aws.amazon.com/dms/pricing/> and <https://aws.amazon.com/kms/pricing/>; afterwards all but the key \
         is as before. Forgotten, the old instance costs on.",
    );
}

fn before(plan: &Plan, page: &mut Page) {
    page.heading(2, "Before you begin");
    let source = plan.facts.document();
    let addresses = source["ReplicationInstancePrivateIpAddresses"].as_array().cloned().unwrap_or_default();
    let addresses: Vec<String> = addresses.iter().filter_map(|one| one.as_str()).map(code).collect();
    let addresses = if addresses.is_empty() { "the old one's".to_owned() } else { addresses.join(", ") };
    page.paragraph(&format!(
        "**Addresses change.** The new instance gets other IP addresses than {addresses}, in the same subnet group and security \
         groups. Databases that let in security groups or subnets need nothing; those that let in addresses need the new ones before \
         the connections are tested. They stand in `aws dms describe-replication-instances` once the instance is there."
    ));
    let mut rights = parts::KEY_RIGHTS.to_vec();
    rights.extend([
        "dms:CreateReplicationInstance",
        "dms:AddTagsToResource",
        "dms:TestConnection",
        "dms:StopReplicationTask",
        "dms:MoveReplicationTask",
        "dms:StartReplicationTask",
        "dms:DeleteReplicationInstance",
    ]);
    parts::rights(page, &rights);
    parts::elsewhere(page, &plan.facts.resource.name);
}

fn by_hand(plan: &Plan, page: &mut Page) {
    page.heading(2, "The same by hand");
    page.block("bash", &variables(plan));
    parts::key(plan, page);
    step(
        page,
        "2. The new instance",
        "new=$(aws dms create-replication-instance --cli-input-json file://instance.json --kms-key-id=\"$key_arn\" \\\n    --query \
         ReplicationInstance.ReplicationInstanceArn --output text)\naws dms wait replication-instance-available \
         --filters=Name=replication-instance-arn,Values=\"$new\"",
        "the second command ends without an error, after some minutes.",
        "`aws dms delete-replication-instance --replication-instance-arn=\"$new\"`. The old one was not touched.",
    );
    step(
        page,
        "3. Compare",
        "for arn in \"$source\" \"$new\"; do\n    aws dms describe-replication-instances \
         --filters=Name=replication-instance-arn,Values=\"$arn\" --output json >\"/tmp/${arn##*:}.json\"\ndone\ndiff \
         \"/tmp/${source##*:}.json\" \"/tmp/${new##*:}.json\"",
        "only names, ARN, addresses, times, the secondary zone and the key differ.",
        "as in step 2.",
    );
    let endpoints: Vec<String> =
        plan.facts.endpoints.iter().map(|endpoint| super::super::bash::quote(&endpoint.arn)).collect();
    if !endpoints.is_empty() {
        step(
            page,
            "4. Connections",
            &format!(
                "for endpoint in {}; do\n    aws dms test-connection --replication-instance-arn=\"$new\" \
                 --endpoint-arn=\"$endpoint\" >/dev/null &&\n        aws dms wait test-connection-succeeds \
                 --filters=Name=replication-instance-arn,Values=\"$new\" Name=endpoint-arn,Values=\"$endpoint\"\ndone",
                endpoints.join(" ")
            ),
            "no error. Else `aws dms describe-connections` says why: most often a firewall that lets in addresses.",
            "as in step 2.",
        );
    }
    let moved: Vec<String> =
        plan.facts.tasks.iter().map(|task| super::super::bash::quote(&task.arn)).collect();
    if !moved.is_empty() {
        step(
            page,
            "5. Tasks, one after the other",
            &format!(
                "# for each of these:\n#   {}\ntask=…\naws dms stop-replication-task --replication-task-arn=\"$task\"    # if it \
                 runs\naws dms wait replication-task-stopped --filters=Name=replication-task-arn,Values=\"$task\"\naws dms \
                 move-replication-task --replication-task-arn=\"$task\" --target-replication-instance-arn=\"$new\"\n# until it is \
                 stopped again, and on the new instance:\naws dms describe-replication-tasks \
                 --filters=Name=replication-task-arn,Values=\"$task\" --without-settings \\\n    --query \
                 'ReplicationTasks[].[Status, ReplicationInstanceArn]' --output text\naws dms start-replication-task \
                 --replication-task-arn=\"$task\" --start-replication-task-type=resume-processing    # if it ran",
                moved.join("\n#   ")
            ),
            "it is `running` on the new instance, and its latency falls.",
            "stop it, move it back with `--target-replication-instance-arn=\"$source\"`, resume it. If the move failed \
             (`failed-move`), resume it where it is.",
        );
    }
    step(
        page,
        "6. Delete the old instance: this can't be undone",
        "aws dms describe-replication-tasks --filters=Name=replication-instance-arn,Values=\"$source\" --query \
         'ReplicationTasks[].ReplicationTaskIdentifier'\naws dms delete-replication-instance \
         --replication-instance-arn=\"$source\"",
        "the first command finds nothing, and some minutes after the second the instance is gone.",
        "none: make it again as in step 2, under any key.",
    );
    step(
        page,
        "7. Let keywatch look again",
        &format!("keywatch remediate verify {}", super::super::bash::quote(&plan.facts.resource.arn)),
        "the finding is `resolved`.",
        "nothing was done.",
    );
    page.paragraph(
        "The old name can be had back once the old instance is gone: `aws dms modify-replication-instance \
         --replication-instance-arn=\"$new\" --replication-instance-identifier=… --apply-immediately`. The ARN stays the new one.",
    );
}

fn back(page: &mut Page) {
    page.heading(2, "How to go back, by where you are");
    page.table(
        &["Where", "What is lost by then", "How"],
        &[
            ["Key made", "nothing", "leave it, or schedule its deletion"],
            ["New instance made, tested", "nothing", "delete the new instance"],
            [
                "Some tasks moved",
                "the pause of each",
                "stop, move back, resume each; then delete the new instance",
            ],
            ["All tasks moved", "the same", "the same"],
            [
                "Old instance deleted",
                "the old instance",
                "make one again from `instance.json` and move the tasks to it",
            ],
        ]
        .map(|row| row.map(str::to_owned).to_vec()),
    );
}
