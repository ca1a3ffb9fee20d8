use super::{
    super::{
        Plan,
        bash::quote,
        markdown::{Page, code},
    },
    managed, parts, run_it, step, variables,
};
use crate::remediation::{
    inputs::{captures_changes, secrets},
    steps::Secret,
};

pub(super) fn write(plan: &Plan, page: &mut Page) {
    page.heading(2, "What happens");
    page.paragraph(
        "The key of an endpoint encrypts what DMS keeps of its connection: user, password, attributes. DMS can change neither that \
         key nor the endpoints of a task. So an equal endpoint is made under the new key and tested; each task is stopped, made anew \
         with the new endpoint, and goes on from where the old one stopped; at last the old tasks and the old endpoint are deleted. \
         Until then the old tasks are there, stopped, and can go on.",
    );
    page.heading(2, "What is interrupted");
    parts::tasks(plan, page, |task| parts::fate(task, "made anew"));
    if !plan.facts.tasks.is_empty() {
        parts::pause(page, "stopping, making the new one, starting");
        page.paragraph(
            "A task that captures changes is made anew as one that **only** captures changes, from the old one's \
             `RecoveryCheckpoint`: what was loaded is not loaded again. Tables that are added to its mappings later are therefore not \
             loaded by it. A task that has only loaded is made anew and not started: starting it would load again.",
        );
    }
    page.heading(2, "What it costs");
    page.paragraph(
        "Nothing for endpoints and tasks; the instance runs on as it is. A new KMS key has a monthly fee and its requests \
         (<https://aws.amazon.com/kms/pricing/>).",
    );
    before(plan, page);
    run_it(
        page,
        "It makes the key if it is missing, makes and tests the endpoint, makes each task anew, and asks before it deletes the old \
         tasks and the old endpoint.",
    );
    by_hand(plan, page);
    page.heading(2, "How to go back, by where you are");
    page.table(
        &["Where", "What is lost by then", "How"],
        &[
            ["New endpoint made", "nothing", "delete it"],
            ["A task stopped, or made anew and not started", "its pause", "resume the old task, delete the new one"],
            [
                "A new task runs",
                "its pause",
                "stop it; resume the old one, which writes again what the new one wrote since: safe for targets that take the same \
                 change twice (tables with a primary key), not for S3, Kinesis or Kafka",
            ],
            ["Old tasks and endpoint deleted", "their history", "none; the new ones are equal"],
        ]
        .map(|row| row.map(str::to_owned).to_vec()),
    );
    managed::write(plan, page);
}

fn before(plan: &Plan, page: &mut Page) {
    page.heading(2, "Before you begin");
    let secrets = secrets(&plan.facts);
    if !secrets.is_empty() {
        page.paragraph(
            "**Secrets.** The script asks for each without showing it, or takes it from the environment. It stands in no file and on \
             no command line.",
        );
        let rows: Vec<Vec<String>> = secrets
            .iter()
            .map(|secret| {
                let from = if secret.told_by_aws { "AWS tells it; the script reads it" } else { "you" };
                vec![code(&secret.path), code(&Secret::variable(&secret.path)), from.to_owned()]
            })
            .collect();
        page.table(&["Field", "Variable", "From"], &rows);
    }
    let mut rights = parts::KEY_RIGHTS.to_vec();
    rights.extend([
        "dms:CreateEndpoint",
        "dms:AddTagsToResource",
        "dms:TestConnection",
        "dms:StopReplicationTask",
        "dms:CreateReplicationTask",
        "dms:StartReplicationTask",
        "dms:DeleteReplicationTask",
        "dms:DeleteEndpoint",
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
        "2. The new endpoint",
        "# endpoint.json has a mark of the form \"@…@\" in the place of each secret: put them into a copy that only you can read\n\
         umask 077; cp endpoint.json /tmp/endpoint.json; \"${EDITOR:-vi}\" /tmp/endpoint.json\nnew=$(aws dms create-endpoint \
         --cli-input-json file:///tmp/endpoint.json --kms-key-id=\"$key_arn\" --query Endpoint.EndpointArn --output text)\nrm \
         /tmp/endpoint.json",
        "`aws dms describe-endpoints --filters=Name=endpoint-arn,Values=\"$new\"` shows it `active`, with the new key.",
        "`aws dms delete-endpoint --endpoint-arn=\"$new\"`.",
    );
    let mut instances: Vec<&str> = plan.facts.tasks.iter().map(|task| task.instance_arn.as_str()).collect();
    instances.sort_unstable();
    instances.dedup();
    if !instances.is_empty() {
        let instances: Vec<String> = instances.into_iter().map(quote).collect();
        step(
            page,
            "3. Connections",
            &format!(
                "for instance in {}; do\n    aws dms test-connection --replication-instance-arn=\"$instance\" \
                 --endpoint-arn=\"$new\" >/dev/null &&\n        aws dms wait test-connection-succeeds \
                 --filters=Name=replication-instance-arn,Values=\"$instance\" Name=endpoint-arn,Values=\"$new\"\ndone",
                instances.join(" ")
            ),
            "no error. Else the secret is wrong, or the instance can't reach the database.",
            "as in step 2.",
        );
    }
    for (at, task) in plan.facts.tasks.iter().enumerate() {
        let file = format!("task-{}", at + 1);
        let from = if captures_changes(&task.migration_type) {
            format!("{file}-from-checkpoint.json if it has a checkpoint, else {file}.json")
        } else {
            format!("{file}.json")
        };
        step(
            page,
            &format!("4.{} The task {}", at + 1, code(&task.name)),
            &format!(
                "task={}\naws dms stop-replication-task --replication-task-arn=\"$task\"    # if it runs\naws dms wait \
                 replication-task-stopped --filters=Name=replication-task-arn,Values=\"$task\"\naws dms describe-replication-tasks \
                 --filters=Name=replication-task-arn,Values=\"$task\" --without-settings \\\n    --query \
                 'ReplicationTasks[].RecoveryCheckpoint' --output text\n# put the checkpoint and $new in the place of the marks in a \
                 copy of {from}, then:\naws dms create-replication-task --cli-input-json file:///tmp/{file}.json\naws dms \
                 start-replication-task --start-replication-task-type=start-replication --replication-task-arn=…    # if the old one \
                 ran",
                quote(&task.arn)
            ),
            "the new task is `running`, and its latency falls.",
            "stop it and resume the old one (`resume-processing`).",
        );
    }
    step(
        page,
        "5. Delete what is old: this can't be undone",
        "# aws dms delete-replication-task --replication-task-arn=… for each old task, then:\naws dms delete-endpoint \
         --endpoint-arn=\"$source\"",
        "`aws dms describe-endpoints` no longer lists it.",
        "none.",
    );
    step(
        page,
        "6. Let keywatch look again",
        &format!("keywatch remediate verify {}", quote(&plan.facts.resource.arn)),
        "the finding is `resolved`.",
        "nothing was done.",
    );
}
