"""What a request is made of, as OpenAPI says it: parameters, headers, body."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, inspect

from souk.gateway.requests import NESTED_MAX, TOKEN, plain_type, struct_fields
from souk.gateway.route import Route
from souk.gateway.router import parameters_of
from souk.gateway.schemas import ONE_LINE, Schema, Schemas
from souk.gateway.uploads import FILE_PART
from souk.kernel.contract import Idempotency, Method, Upload

HEADER_TEXT = "^([!-~]([ -~]*[!-~])?)?$"
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The client's own name for this request; a retry with it has no second effect.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
    },
}
STREAM_TOKEN = {
    "name": TOKEN,
    "in": "query",
    "description": "The access token, for clients that cannot set headers.",
    "schema": {"type": "string"},
}


class Asks:
    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def parameters(self, route: Route) -> list[dict[str, Any]]:
        method = route.method
        in_path = parameters_of(route.http.path)
        fields = {field.encode_name: field for field in struct_fields(method.request)}
        found = [self._parameter(fields[name], "path", name) for name in in_path]
        for name, header in method.headers.items():
            found.append(self._parameter(fields[name], "header", header))
        if method.idempotent is not Idempotency.NONE:
            found.append({**KEY, "required": method.idempotent is Idempotency.REQUIRED})
        taken = {*in_path, *method.headers, *filled_by_file(method)}
        if method.raw is None and (method.upload is not None or route.http.body != "*"):
            found += self._query(method.request, frozenset(taken))
        if method.streams and not method.access.public:
            found.append(STREAM_TOKEN)
        return found

    def body(self, route: Route) -> dict[str, Any] | None:
        method = route.method
        if method.raw is not None:
            return {"description": "Whatever the provider sends.", "content": {"*/*": {}}}
        if method.upload is not None:
            return self._form(method, method.upload)
        if route.http.body != "*":
            return None
        taken = frozenset((*parameters_of(route.http.path), *method.headers))
        schema = self._schemas.sent_without(method.request, taken, method.request.__name__)
        required = any(
            field.required and field.encode_name not in taken
            for field in struct_fields(method.request)
        )
        return {"required": required, "content": {"application/json": {"schema": schema}}}

    def _query(
        self, kind: type[Struct], taken: frozenset[str], above: str = ""
    ) -> list[dict[str, Any]]:
        found = []
        for field in struct_fields(kind):
            name = above + field.encode_name
            inner = plain_type(field.type)
            if name in taken:
                continue
            if isinstance(inner, inspect.StructType) and name.count(".") < NESTED_MAX:
                found += self._query(inner.cls, taken, f"{name}.")
            elif not isinstance(inner, inspect.DictType):
                found.append(self._parameter(field, "query", name, is_inner=bool(above)))
        return found

    def _parameter(
        self, field: inspect.Field, where: str, name: str, *, is_inner: bool = False
    ) -> dict[str, Any]:
        schema = without_null(self._schemas.field(field, is_sent=True))
        described = schema.pop("description", "")
        required = where == "path" or (field.required and not is_inner)
        found: dict[str, Any] = {"name": name, "in": where, "required": required}
        if described:
            found["description"] = described
        if where == "path" and schema.get("type") == "string":
            schema.setdefault("minLength", 1)
        if where == "header" and schema.get("pattern") == ONE_LINE:
            schema["pattern"] = HEADER_TEXT
        return found | {"schema": schema}

    def _form(self, method: Method, upload: Upload) -> dict[str, Any]:
        file: Schema = {"type": "string", "format": "binary"}
        if upload.max_bytes:
            file["description"] = f"At most {upload.max_bytes >> 20} MiB."
        form = {"type": "object", "properties": {FILE_PART: file}, "required": [FILE_PART]}
        fields = {field.encode_name: field for field in struct_fields(method.request)}
        required = fields[upload.field].required
        return {"required": required, "content": {"multipart/form-data": {"schema": form}}}


def filled_by_file(method: Method) -> list[str]:
    upload = method.upload
    if upload is None:
        return []
    return [upload.field, upload.name_field, upload.content_type_field]


def without_null(schema: Schema) -> Schema:
    """In an address nothing is null: what is not given is left out."""
    rest = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if not rest:
        return dict(schema)
    others = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest[0], **others} if len(rest) == 1 else {"anyOf": rest, **others}
