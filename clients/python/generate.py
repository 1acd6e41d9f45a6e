#!/usr/bin/env python3
"""generate.py [--check]: writes the types and paths of api/openapi.yaml into dayu.py, between its two marks.

--check changes nothing and fails when they are not what the contract says, or when an operation has no method.
Needs PyYAML (Debian: python3-yaml); dayu.py itself needs nothing.
"""

from __future__ import annotations

import difflib
import pathlib
import re
import sys
import textwrap
from typing import Any

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CONTRACT = HERE.parents[1] / "api/openapi.yaml"
CLIENT = HERE / "dayu.py"
BEGIN = "# --- generated from api/openapi.yaml by generate.py: do not edit\n"
END = "# --- end of what is generated\n"
SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
NOT_FOR_CLIENTS = {  # what agents say, and what people read
    "syncAgent", "giveContents", "pollReach", "readReachAsAgent", "writeReachAsAgent", "getContract", "readDocs",
}
NOT_TYPES = {"SyncRequest", "SyncReply"}


class Writer:
    """Collects the declarations, those that are needed first standing above."""

    def __init__(self, contract: dict[str, Any]) -> None:
        self.contract = contract
        self.schemas: dict[str, Any] = contract["components"]["schemas"]
        self.written: dict[str, str] = {}

    def schema(self, name: str) -> str:
        """Makes sure that the named schema is declared; returns its name."""
        if name not in self.written:
            self.written[name] = ""  # its place among those that it needs is found below
            text = self.declaration(name, self.schemas[name])
            del self.written[name]
            self.written[name] = text
        return name

    def declaration(self, name: str, schema: dict[str, Any]) -> str:
        parents, own = [], schema
        if "allOf" in schema:
            parents = [part["$ref"].rsplit("/", 1)[1] for part in schema["allOf"] if "$ref" in part]
            own = next((part for part in schema["allOf"] if "$ref" not in part), {})
            for parent in parents:
                self.schema(parent)
        if "properties" not in own:
            return f"{name} = {self.type_of(schema, name)}\n"
        required = set(own.get("required", []))
        lines = [f"class {name}({', '.join(parents) or 'TypedDict'}):"]
        if "description" in schema:
            about = " ".join(str(schema["description"]).split())
            lines += ['    """' + "\n    ".join(textwrap.wrap(about + '"""', 112)), ""]
        for key, value in own["properties"].items():
            of = self.type_of(value, name + "".join(word.title() for word in key.split("_")))
            lines.append(f"    {key}: {of}" if key in required else f"    {key}: NotRequired[{of}]")
        return "\n".join(lines) + "\n"

    def type_of(self, schema: dict[str, Any], name: str) -> str:
        """The annotation of a schema; an object with keys becomes a class of this name."""
        if "$ref" in schema:
            return self.schema(schema["$ref"].rsplit("/", 1)[1])
        if "oneOf" in schema:
            return " | ".join(self.type_of(each, name) for each in schema["oneOf"])
        if "allOf" in schema:
            return self.type_of(schema["allOf"][0], name)
        if "const" in schema or "enum" in schema:
            words = schema.get("enum", [schema.get("const")])
            literal = ", ".join(f'"{word}"' for word in words if word is not None)
            nothing = " | None" if None in words else ""
            if len(literal) > 80:
                literal = "\n    " + "\n    ".join(textwrap.wrap(literal, 112)) + "\n"
            return f"Literal[{literal}]{nothing}"
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(self.type_of({**schema, "type": each}, name) for each in kind)
        if kind == "array":
            item = self.type_of(schema["items"], name + "Item") if "items" in schema else "Any"
            return f"list[{item}]"
        if kind == "object" and "properties" in schema:
            self.written[name] = self.declaration(name, schema)
            return name
        if kind == "object":
            more = schema.get("additionalProperties")
            return f"dict[str, {self.type_of(more, name) if isinstance(more, dict) else 'Any'}]"
        return SCALARS[kind] if kind else "Any"

    def operations(self) -> list[tuple[str, str, str]]:
        found = []
        for path, item in self.contract["paths"].items():
            for method in ("get", "post", "put", "patch", "delete"):
                if method in item and item[method]["operationId"] not in NOT_FOR_CLIENTS:
                    found.append((item[method]["operationId"], method.upper(), path))
        return found

    def answers(self) -> None:
        """Answers whose schema has no name are named after their operation: ListJobsAnswer."""
        for operation, method, path in self.operations():
            for status, response in self.contract["paths"][path][method.lower()]["responses"].items():
                media = response.get("content", {}).get("application/json", {})
                schema = media.get("schema", {})
                if status.startswith("2") and "properties" in schema:
                    self.type_of(schema, operation[0].upper() + operation[1:] + "Answer")


def generated(contract: dict[str, Any]) -> str:
    writer = Writer(contract)
    for name in writer.schemas:
        if name not in NOT_TYPES:
            writer.schema(name)
    for response in contract["components"]["responses"].items():
        schema = response[1].get("content", {}).get("application/json", {}).get("schema", {})
        if "properties" in schema:
            writer.type_of(schema, response[0])
    writer.answers()
    parts: list[str] = []
    for text in writer.written.values():
        parts.append(("\n\n" if text.startswith("class") or (parts and "\n    " in parts[-1]) else "") + text)
    lines = [f'    "{operation}": ("{method}", "{path}"),' for operation, method, path in writer.operations()]
    table = "OPERATIONS: Final[dict[str, tuple[str, str]]] = {\n" + "\n".join(lines) + "\n}\n"
    version = contract["info"]["version"]
    return f'API_VERSION: Final = "{version}"\n' + "".join(parts) + "\n\n" + table + "\n\n"


def main() -> int:
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    now = CLIENT.read_text(encoding="utf-8")
    head, rest = now.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    fresh = head + BEGIN + generated(contract) + END + tail
    missing = [name for name, _, _ in Writer(contract).operations() if not re.search(f'"{name}"', head + tail)]
    if "--check" not in sys.argv:
        CLIENT.write_text(fresh, encoding="utf-8")
    elif fresh != now:
        sys.stdout.writelines(difflib.unified_diff(now.splitlines(True), fresh.splitlines(True), "dayu.py", "contract"))
        print("clients/python/dayu.py is older than api/openapi.yaml: run clients/python/generate.py")
        return 1
    for name in missing:
        print(f"clients/python/dayu.py has no method for the operation {name} yet")
    return 0


if __name__ == "__main__":
    sys.exit(main())
