"""An SNS topic in moto whose messages can be read again, from a queue that is subscribed to it.

    python topic.py ENDPOINT_URL create REGION      prints {"topic_arn": …}
    python topic.py ENDPOINT_URL read TOPIC_ARN     prints a list of {"subject", "message", "attributes"}

The credentials come from the environment.
"""

import json
import sys

import boto3

QUEUE = "readers"


def client(service: str, endpoint_url: str, region: str):
    return boto3.client(service, endpoint_url=endpoint_url, region_name=region)


def create(endpoint_url: str, region: str) -> dict:
    sqs, sns = client("sqs", endpoint_url, region), client("sns", endpoint_url, region)
    queue = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="keywatch")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return {"topic_arn": topic}


def read(endpoint_url: str, topic: str) -> list:
    sqs = client("sqs", endpoint_url, topic.split(":")[3])
    queue = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    found = []
    for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
        body = json.loads(message["Body"])
        attributes = {name: value["Value"] for name, value in body.get("MessageAttributes", {}).items()}
        found.append({"subject": body.get("Subject"), "message": body["Message"], "attributes": attributes})
    return found


def main() -> None:
    endpoint_url, command, argument = sys.argv[1:]
    print(json.dumps({"create": create, "read": read}[command](endpoint_url, argument)))


if __name__ == "__main__":
    main()
