"""Account Management: moto has no Regions; here each account has its own list, and can opt in."""

import json

from moto.account.responses import AccountResponse
from moto.account.urls import url_paths

BY_DEFAULT = ("eu-central-1", "eu-west-1", "us-east-1", "us-west-2")
OPT_IN = ("af-south-1",)

_opted_in: set[tuple[str, str]] = set()


def list_regions(self) -> str:
    account = self._get_account_id()
    regions = [{"RegionName": name, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for name in BY_DEFAULT]
    for name in OPT_IN:
        status = "ENABLED" if (account, name) in _opted_in else "DISABLED"
        regions.append({"RegionName": name, "RegionOptStatus": status})
    wanted = self._get_param("RegionOptStatusContains")
    regions = [region for region in regions if not wanted or region["RegionOptStatus"] in wanted]
    regions.sort(key=lambda region: region["RegionName"])

    start = int(self._get_param("NextToken") or 0)
    end = start + (self._get_param("MaxResults") or 50)
    answer = {"Regions": regions[start:end]}
    if end < len(regions):
        answer["NextToken"] = str(end)
    return json.dumps(answer)


def enable_region(self) -> str:
    _opted_in.add((self._get_account_id(), self._get_param("RegionName")))
    return ""


def apply() -> None:
    AccountResponse.list_regions = list_regions
    AccountResponse.enable_region = enable_region
    for path in ("listRegions", "enableRegion"):
        url_paths["{0}/" + path + "$"] = AccountResponse.dispatch
