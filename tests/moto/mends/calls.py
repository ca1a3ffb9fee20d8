"""A record of every call that arrives, so that a test can say which calls were made."""

import json
import threading

from moto.core.responses import BaseResponse


def record(path: str) -> None:
    """Appends each call to the file before it is answered."""
    file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - open as long as the server lives
    lock = threading.Lock()
    answer = BaseResponse.call_action

    def call_action(self):
        line = {
            "service": self.service_name,
            "operation": self._get_action(),
            "account": self.current_account,
            "region": self.region,
        }
        if self.service_name == "kms":
            line["key_id"] = json.loads(self.body or "{}").get("KeyId")
        with lock:
            file.write(json.dumps(line) + "\n")
            file.flush()
        return answer(self)

    BaseResponse.call_action = call_action
