"""A client for abintel model servers: ``Client``, its answers, jobs and exceptions."""

from abintel_client.answers import Answer, Answers
from abintel_client.client import Client
from abintel_client.errors import (
    AbintelError,
    BadRequest,
    Busy,
    Conflict,
    Fault,
    Forbidden,
    NotFound,
    Problem,
    ServerFailed,
    TooLarge,
    Unauthorized,
    Unreachable,
)
from abintel_client.jobs import Job, JobCancelled
from abintel_client.pictures import Picture
from abintel_client.tables import TableRows, UnreadableTable

__all__ = [
    "AbintelError",
    "Answer",
    "Answers",
    "BadRequest",
    "Busy",
    "Client",
    "Conflict",
    "Fault",
    "Forbidden",
    "Job",
    "JobCancelled",
    "NotFound",
    "Picture",
    "Problem",
    "ServerFailed",
    "TableRows",
    "TooLarge",
    "Unauthorized",
    "Unreachable",
    "UnreadableTable",
]
