"""DMS: times as numbers, pages, the default key where none was given, null lists and capitals as AWS gives
them, and DMS Serverless, which moto does not have."""

import json

from moto.core.utils import unix_time
from moto.dms.models import DatabaseMigrationServiceBackend as Backend
from moto.dms.models import Endpoint, FakeReplicationInstance
from moto.dms.responses import DatabaseMigrationServiceResponse as Response

from mends.kms import default_key

DEFAULT_ALIAS = "alias/aws/dms"

# A resource with this tag answers without KmsKeyId: DMS does not promise the field.
HIDE_KEY = "peer:kms-key-id"

_create_instance = Backend.create_replication_instance
_create_endpoint = Backend.create_endpoint
_instance = FakeReplicationInstance.to_dict
_endpoint = Endpoint.to_dict

_configs: dict[tuple[str, str], list[dict]] = {}


def _key(backend: Backend, wanted: str | None, tags: list[dict] | None) -> str | None:
    if any(tag["Key"] == HIDE_KEY for tag in tags or []):
        return None
    return wanted or default_key(backend.account_id, backend.region_name, DEFAULT_ALIAS).arn


def create_replication_instance(self, **given):
    given["kms_key_id"] = _key(self, given.get("kms_key_id"), given.get("tags"))
    return _create_instance(self, **given)


def create_endpoint(self, **given):
    given["kms_key_id"] = _key(self, given.get("kms_key_id"), given.get("tags"))
    endpoint = _create_endpoint(self, **given)
    endpoint.status = "active"
    return endpoint


def instance(self) -> dict:
    answer = _instance(self)
    answer["InstanceCreateTime"] = unix_time(self.creation_date)
    # A private instance has a list of one null, not an empty list.
    if not answer["ReplicationInstancePublicIpAddresses"]:
        answer["ReplicationInstancePublicIpAddresses"] = [None]
    return {name: value for name, value in answer.items() if value is not None}


def endpoint(self) -> dict:
    answer = _endpoint(self)
    # The enum says `source`, the service `SOURCE`.
    answer["EndpointType"] = answer["EndpointType"].upper()
    return answer


def _page(self, items: list[dict], name: str) -> str:
    start = int(self._get_param("Marker") or 0)
    end = start + (self._get_param("MaxRecords") or 100)
    answer = {name: items[start:end]}
    if end < len(items):
        answer["Marker"] = str(end)
    return json.dumps(answer)


def describe_replication_instances(self) -> str:
    found = self.dms_backend.describe_replication_instances(filters=self._get_param("Filters", []))
    return _page(self, [item.to_dict() for item in found], "ReplicationInstances")


def describe_endpoints(self) -> str:
    found = self.dms_backend.describe_endpoints(self._get_param("Filters", []), None, None)
    items = [{key: value for key, value in item.to_dict().items() if value is not None} for item in found]
    return _page(self, items, "Endpoints")


def create_replication_config(self) -> str:
    given = json.loads(self.body)
    backend = self.dms_backend
    identifier = given["ReplicationConfigIdentifier"]
    compute = dict(given["ComputeConfig"])
    compute["KmsKeyId"] = _key(backend, compute.get("KmsKeyId"), given.get("Tags"))
    config = {
        "ReplicationConfigIdentifier": identifier,
        "ReplicationConfigArn": f"arn:{backend.partition}:dms:{backend.region_name}:{backend.account_id}"
        f":replication-config:{identifier.upper()}",
        "SourceEndpointArn": given["SourceEndpointArn"],
        "TargetEndpointArn": given["TargetEndpointArn"],
        "ReplicationType": given["ReplicationType"],
        "ComputeConfig": {name: value for name, value in compute.items() if value is not None},
        "TableMappings": given["TableMappings"],
        "ReplicationConfigCreateTime": 1732400000.123,
        "ReplicationConfigUpdateTime": 1732400000.123,
        "IsReadOnly": False,
    }
    _configs.setdefault((backend.account_id, backend.region_name), []).append(config)
    return json.dumps({"ReplicationConfig": config})


def describe_replication_configs(self) -> str:
    backend = self.dms_backend
    return _page(self, _configs.get((backend.account_id, backend.region_name), []), "ReplicationConfigs")


def apply() -> None:
    Backend.create_replication_instance = create_replication_instance
    Backend.create_endpoint = create_endpoint
    FakeReplicationInstance.to_dict = instance
    Endpoint.to_dict = endpoint
    for method in (
        describe_replication_instances,
        describe_endpoints,
        create_replication_config,
        describe_replication_configs,
    ):
        setattr(Response, method.__name__, method)
