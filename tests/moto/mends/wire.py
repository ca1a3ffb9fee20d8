"""The content type: moto calls its JSON `text/html`, which on AWS is what an error page is."""

from moto.core.responses import BaseResponse

_call_action = BaseResponse.call_action


def call_action(self):
    status, headers, body = _call_action(self)
    if "x-amz-target" in self.headers:
        headers.setdefault("Content-Type", "application/x-amz-json-1.1")
    elif self.service_name == "account":
        headers.setdefault("Content-Type", "application/json")
    return status, headers, body


def apply() -> None:
    BaseResponse.call_action = call_action
