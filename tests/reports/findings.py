"""Which findings a list of a report has to have, worked out from its JSON."""


def listed(report):
    rows = {finding["finding_id"]: finding for finding in report["findings"]}
    for change in report["changes"]["resolved"]:
        rows.setdefault(change["finding"]["finding_id"], change["finding"])
    return list(rows.values())


def resources(report):
    """How many there are to tell apart: a check of a resource is one finding for good."""
    return len({(finding["check_id"], finding["resource_arn"]) for finding in listed(report)})
