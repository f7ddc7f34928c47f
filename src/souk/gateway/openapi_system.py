"""What the gateway itself answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

SYSTEM_TAG = {"name": "system", "description": "System: whether the platform lives and serves."}
STATE = {
    "type": "object",
    "properties": {"status": {"type": "string", "enum": ["ok", "unavailable"]}},
    "required": ["status"],
}
READY = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["ok", "unavailable"]},
        "checks": {
            "type": "object",
            "description": "What this process stands on: `ok`, or what is wrong with it.",
            "additionalProperties": {"type": "string"},
        },
    },
    "required": ["status", "checks"],
}


def system_paths() -> dict[str, Any]:
    return {
        "/health": _get("health", "Whether the gateway answers", {"200": STATE}),
        "/health/live": _get("health_live", "Whether this process lives", {"200": STATE}),
        "/health/ready": _get(
            "health_ready",
            "Whether this process can serve, and what is away",
            {"200": READY, "503": READY},
        ),
        "/metrics": _get(
            "metrics",
            "Figures for Prometheus, for whoever has the token",
            {"200": {"type": "string"}, "403": {"type": "string"}},
            "text/plain",
        ),
    }


def _get(
    name: str, summary: str, answers: dict[str, Any], kind: str = "application/json"
) -> dict[str, Any]:
    said = {
        "200": "It is so.",
        "403": "It is not for you.",
        "503": "Something it stands on is away.",
    }
    return {
        "get": {
            "operationId": name,
            "tags": ["system"],
            "summary": summary,
            "security": [],
            "responses": {
                status: {"description": said[status], "content": {kind: {"schema": schema}}}
                for status, schema in answers.items()
            },
        }
    }
