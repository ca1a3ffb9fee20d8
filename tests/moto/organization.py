"""The organization that the peer is seeded with: who is in it, and how each account can be entered."""

MANAGEMENT = "management"
AUDIT_ROLE = "KeywatchAudit"
EXTERNAL_ID = "peer-external-id"

# The tree, from the root down: a unit's name, and its accounts or further units.
TREE = {
    "Security": ["security", "log-archive"],
    "Infrastructure": ["network", "shared-services", "keys"],
    "Workloads": {
        "Prod": {
            "Payments": ["payments", "ledger", "cards"],
            "Shop": ["shop", "orders", "search"],
        },
        "Test": ["payments-test", "shop-test", "search-test"],
    },
    "Data": ["warehouse", "lake", "reporting"],
    "Acquired": ["acquired", "legacy-crm"],
    "Sandbox": ["playground-1", "playground-2", "playground-3"],
    "Suspended": ["old-shop"],
}

# Suspended: listed by ListAccounts, but nobody can call it.
CLOSED = ["old-shop"]
# Its audit role was never made.
WITHOUT_ROLE = ["acquired"]
# Its audit role asks for another external id.
OTHER_EXTERNAL_ID = ["legacy-crm"]
# Has switched on a Region that is off elsewhere.
OPTED_IN = ["network"]
OPT_IN_REGION = "af-south-1"
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]


def accounts(tree: dict | list = TREE, path: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    """Each account's name with the names of the units above it."""
    if isinstance(tree, list):
        return [(name, path) for name in tree]
    return [found for unit, below in tree.items() for found in accounts(below, (*path, unit))]


def denied() -> list[str]:
    """The accounts that cannot be entered although they are active."""
    return WITHOUT_ROLE + OTHER_EXTERNAL_ID


def entered() -> list[str]:
    """The accounts that can be entered, the management account included."""
    shut = set(CLOSED + denied())
    return [MANAGEMENT] + [name for name, _ in accounts() if name not in shut]
