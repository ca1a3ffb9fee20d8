"""Holds the templates in deploy/cloudformation and deploy/terraform to what those say who read many: cfn-lint, and
checkov without a single failed or skipped check. The policies in the templates must be those in docs/iam.md.

    python .ci/templates.py         with the packages of .ci/templates.txt
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
CLOUDFORMATION, TERRAFORM = ROOT / "deploy/cloudformation", ROOT / "deploy/terraform"
VALUES = {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}


def run(*command):
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


def lint():
    files = sorted(CLOUDFORMATION.glob("*.yaml")) + sorted(TERRAFORM.rglob("*.yaml"))
    assert len(files) == 4, files
    done = run(BIN / "cfn-lint", "--non-zero-exit-code", "informational", *files)
    assert done.returncode == 0, done.stdout + done.stderr


def wanted_all(source, copy):
    """A copy in which what is made only if it is asked for is asked for: checkov leaves the rest out."""
    for path in [path for path in source.rglob("*") if path.suffix in (".yaml", ".tf")]:
        text = re.sub(r"^    Condition: \w+\n", "", path.read_text(), flags=re.M)
        text = re.sub(r"(default +)= false", r"\1= true", text)
        target = copy / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return copy


def scan(folder):
    """Every check of checkov; a file that it can't read would otherwise just not be checked."""
    for framework, source, least in (("cloudformation", CLOUDFORMATION, 50), ("terraform", TERRAFORM, 50)):
        done = run(
            BIN / "checkov", "--directory", wanted_all(source, folder / framework), "--framework", framework,
            "--skip-download", "--compact", "--output", "json",
        )
        report = json.loads(done.stdout)
        summary, failed = report["summary"], report["results"]["failed_checks"]
        print(framework, summary)
        assert summary["parsing_errors"] == 0 and summary["skipped"] == 0, summary
        assert not failed, [(check["check_id"], check["check_name"], check["resource"]) for check in failed]
        assert summary["passed"] >= least, summary
        # Not a check passed by a resource that was not looked at.
        seen = {check["resource"].split("[")[0].split(".")[-1] for check in report["results"]["passed_checks"]}
        roles = {"RemediationPolicy", "PlanPolicy", "AuditPolicy"} if source == CLOUDFORMATION else {"remediation", "plan", "audit"}
        assert roles <= seen, seen


class Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, as far as they stand in policies."""


def sub(loader, node):
    return re.sub(r"\$\{([^}]+)\}", lambda name: VALUES.get(name[1], name[0]), node.value)


Loader.add_constructor("!Sub", sub)
for tag in ("!Ref", "!GetAtt"):
    Loader.add_constructor(tag, lambda loader, node: node.value)
for tag in ("!If", "!Equals", "!Not"):
    Loader.add_constructor(tag, lambda loader, node: loader.construct_sequence(node, deep=True))


def documented(name):
    text = (ROOT / "docs/iam.md").read_text()
    return json.loads(re.search(rf"<!-- keywatch iam {name} -->\s*```json\n(.*?)```", text, re.S)[1])


def unrepeated(value):
    """Lists without what they hold twice: where the partition's domain is AWS's first."""
    if isinstance(value, dict):
        return {name: unrepeated(below) for name, below in value.items()}
    if isinstance(value, list):
        return [unrepeated(one) for at, one in enumerate(value) if one not in value[:at]]
    return value


def policies():
    resources = {}
    for name in ("hub", "member-roles"):
        resources[name] = yaml.load((CLOUDFORMATION / f"{name}.yaml").read_text(), Loader)["Resources"]

    def policy(file, *names):
        documents = [resources[file][name]["Properties"]["PolicyDocument"] for name in names]
        statements = [statement for document in documents for statement in document["Statement"]]
        return {"Version": documents[0]["Version"], "Statement": unrepeated(statements)}

    def one(value):
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    def simple(document):
        for statement in document["Statement"]:
            for condition in statement.get("Condition", {}).values():
                condition.update({key: one(wanted) for key, wanted in condition.items()})
        return document

    for found, wanted in (
        (policy("hub", "Policy"), "hub-policy"),
        (policy("member-roles", "AuditPolicy", "PlanPolicy"), "audit-policy --with-plans"),
        (policy("member-roles", "RemediationPolicy"), "remediation-policy"),
    ):
        assert simple(found) == simple(documented(wanted)), wanted


if __name__ == "__main__":
    lint()
    policies()
    with tempfile.TemporaryDirectory() as directory:
        scan(pathlib.Path(directory))
