"""Findings in ASFF against the model of Security Hub's API, as AWS ships it with botocore."""

import datetime
import json
import re

import botocore.session
from botocore.validate import ParamValidator

import findings

MODEL = botocore.session.get_session().get_service_model("securityhub")

# What the model says in words only: the greatest lengths, by the name of the field.
LENGTHS = {
    "Title": 256, "Description": 1024, "Id": 512, "GeneratorId": 512, "ProductArn": 2048, "Text": 512,
    "Original": 64, "Region": 16,
}  # fmt: skip


def walk(shape, value, path):
    """Every string with its shape: the validator below looks at neither patterns nor words."""
    if shape.type_name == "structure":
        for name, member in value.items():
            yield from walk(shape.members[name], member, f"{path}.{name}")
    elif shape.type_name == "list":
        for at, member in enumerate(value):
            yield from walk(shape.member, member, f"{path}[{at}]")
    elif shape.type_name == "map":
        for name, member in value.items():
            yield from walk(shape.value, member, f"{path}.{name}")
    elif shape.type_name == "string":
        yield path, shape, value


def check_strings(path, shape, value):
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, value):
        yield f"asff: {path}: {value!r} is not like {pattern}"
    if shape.enum and value not in shape.enum:
        yield f"asff: {path}: {value!r} is none of {shape.enum}"
    longest = LENGTHS.get(path.rsplit(".", 1)[-1])
    if longest and len(value.encode("utf-16-le")) // 2 > longest:
        yield f"asff: {path} is longer than {longest}"


def check_one(entry, finding):
    partition = entry["ProductArn"].split(":")[1]
    account, region = finding["account_id"], finding["region"]
    if entry["ProductArn"] != f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default":
        yield f"asff: the product is {entry['ProductArn']}"
    for name in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"):
        datetime.datetime.strptime(entry[name], "%Y-%m-%dT%H:%M:%SZ")
    if entry["UpdatedAt"] < entry["CreatedAt"]:
        yield "asff: updated before it was created"
    if entry["Compliance"]["Status"] == "PASSED" and finding.get("resolution") != "fixed":
        yield f"asff: {entry['Id']} passes"


def check(file, report):
    entries = json.loads(file.read_text(encoding="utf-8"))
    shape = MODEL.operation_model("BatchImportFindings").input_shape
    expected = findings.listed(report)
    problems = []
    if len(entries) != len(expected):
        problems.append(f"asff: {len(entries)} entries for {len(expected)} findings")
    if len({entry["Id"] for entry in entries}) != findings.resources(report):
        problems.append("asff: the ids are not one for each check of a resource")
    for entry, finding in zip(entries, expected):
        wrong = ParamValidator().validate({"Findings": [entry]}, shape)
        if wrong.has_errors():
            # What follows relies on the form.
            problems.append(f"asff: {wrong.generate_report()}")
            continue
        for path, kind, value in walk(MODEL.shape_for("AwsSecurityFinding"), entry, ""):
            problems += check_strings(path, kind, value)
        problems += check_one(entry, finding)
    return problems
