"""Compliance findings against the published OCSF schemas."""

import functools
import json

import findings
import jsonschema
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

# The version they are written for, and those in which the same fields are the same.
VERSIONS = ["1.5.0", "1.6.0", "1.7.0", "1.8.0"]


@functools.cache
def validator(version):
    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))
    whole = schema.get_class_schema("compliance_finding", profiles=["cloud"])
    return jsonschema.Draft202012Validator(whole)


@functools.cache
def captions(version):
    """The caption of each value of the event's own numbers: `status_id` 1 is `New`."""
    attributes = get_ocsf_schema(version=version)["classes"]["compliance_finding"]["attributes"]
    return {name: attribute["enum"] for name, attribute in attributes.items() if attribute.get("enum")}


def siblings(event):
    pairs = {"activity_id": "activity_name", "category_uid": "category_name", "class_uid": "class_name"}
    pairs |= {"type_uid": "type_name", "severity_id": "severity", "status_id": "status"}
    for number, name in pairs.items():
        caption = captions("1.7.0")[number].get(str(event[number]), {}).get("caption")
        # "Other" goes with the source's own word.
        if caption != event[name] and event[number] != 99:
            yield f"ocsf: {number} {event[number]} is {caption!r}, not {event[name]!r}"


def check_compliance(event, finding):
    status = event["compliance"]["status_id"]
    if status == 1 and finding.get("resolution") != "fixed":
        yield f"ocsf: {event['finding_info']['uid']} passes"


def check(file, report):
    text = file.read_bytes().decode("utf-8")
    lines = text.split("\n")
    problems = [] if lines.pop() == "" else ["ocsf: the last line has no end"]
    events = [json.loads(line) for line in lines]
    expected = findings.listed(report)
    if len(events) != len(expected):
        problems.append(f"ocsf: {len(events)} lines for {len(expected)} findings")
    for ids in ({event["metadata"]["uid"] for event in events}, {event["finding_info"]["uid"] for event in events}):
        if len(ids) != findings.resources(report):
            problems.append(f"ocsf: {len(ids)} ids")
    for event, finding in zip(events, expected):
        for version in VERSIONS:
            for error in validator(version).iter_errors(event):
                problems.append(f"ocsf: {version}: {error.json_path}: {error.message}")
        problems += siblings(event)
        problems += check_compliance(event, finding)
    return problems
