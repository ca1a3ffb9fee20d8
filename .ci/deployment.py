"""Holds the files in deploy/ and docker-compose.yml to what those who read them in the end say of them.

Kubernetes' published schemas (kubernetes-validate), AWS's model of ECS (botocore), Docker Compose itself, and a few rules
of ours: the images have the version of Cargo.toml, nobody is root, and there is never more than one keywatch.
"""

import json
import pathlib
import re
import subprocess
import sys

import botocore.session
import botocore.validate
import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
VERSION = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
USER = 65532


def kubernetes():
    text = (ROOT / "deploy/kubernetes/keywatch.yaml").read_text()
    documents = list(yaml.safe_load_all(text))
    for document in documents:
        for version in ("1.29", "1.37"):
            kubernetes_validate.validate(document, version, strict=True)
    [config] = [document for document in documents if document["kind"] == "ConfigMap"]
    [stateful] = [document for document in documents if document["kind"] == "StatefulSet"]
    pod = stateful["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert stateful["spec"]["replicas"] == 1
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == USER
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert container["image"].endswith(f":{VERSION}"), container["image"]
    return config["data"]["keywatch.toml"]


def ecs():
    model = botocore.session.get_session().get_service_model("ecs")
    for file, operation in (("task-definition", "RegisterTaskDefinition"), ("service", "CreateService")):
        given = json.loads((ROOT / f"deploy/ecs/{file}.json").read_text())
        shape = model.operation_model(operation).input_shape
        report = botocore.validate.ParamValidator().validate(given, shape)
        assert not report.has_errors(), report.generate_report()
        if file == "service":
            assert given["desiredCount"] == 1 and given["deploymentConfiguration"]["maximumPercent"] == 100
            continue
        for container in given["containerDefinitions"]:
            assert container["user"] == f"{USER}:{USER}" and container["readonlyRootFilesystem"], container["name"]
            if "keywatch:" in container["image"]:
                assert container["image"].endswith(f":{VERSION}"), container["image"]


def compose():
    for profile in ([], ["--profile", "litestream"], ["--profile", "sandbox"]):
        command = [BIN / "docker-compose", *profile, "config", "--format", "json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        # A warning is about a variable that is used and not set.
        assert done.returncode == 0 and not done.stderr, done.stderr
        for name, service in json.loads(done.stdout)["services"].items():
            assert service["read_only"] and service["cap_drop"] == ["ALL"], name
            image = service["image"]
            assert not image.startswith("keywatch:") or image.split(":")[1].removesuffix("-sandbox") == VERSION, image


def litestream():
    config = yaml.safe_load((ROOT / "deploy/litestream.yml").read_text())
    assert [database["path"] for database in config["dbs"]] == ["${KEYWATCH_DB}"]


def main():
    kubernetes()
    ecs()
    compose()
    litestream()
    print("deploy/ is as Kubernetes, ECS and Compose want it")


if __name__ == "__main__":
    main()
