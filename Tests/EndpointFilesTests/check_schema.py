"""Judges JSON documents by a JSON Schema 2020-12: `check_schema.py SCHEMA DOCUMENTS VERDICTS`.

DOCUMENTS holds one a line; VERDICTS gets a line for each, empty where the document is valid, else the first fault.
The validator is the `jsonschema` package's, so that the schema is judged by a program that knows nothing of Turnout.
"""

import json
import re
import sys

from jsonschema import Draft202012Validator, ValidationError, validators


def translated(pattern):
    """ECMA 262's `$` is the text's end; Python's may stand before a last line break."""
    result, in_class, index = "", False, 0
    while index < len(pattern):
        char = pattern[index]
        if char == "\\":
            result += pattern[index : index + 2]
            index += 2
            continue
        if char in "[]":
            in_class = char == "["
        result += r"\Z" if char == "$" and not in_class else char
        index += 1
    return re.compile(result)


compiled = {}


def check_pattern(validator, pattern, instance, schema):
    if validator.is_type(instance, "string"):
        if pattern not in compiled:
            compiled[pattern] = translated(pattern)
        if not compiled[pattern].search(instance):
            yield ValidationError(f"{instance!r} does not match {pattern!r}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    Draft202012Validator.check_schema(schema)
    validator = validators.extend(Draft202012Validator, {"pattern": check_pattern})(schema)
    with open(sys.argv[2], encoding="utf-8") as documents, open(sys.argv[3], "w", encoding="utf-8") as verdicts:
        for line in documents:
            error = next(validator.iter_errors(json.loads(line)), None)
            verdicts.write((error.message.replace("\n", " ")[:300] if error else "") + "\n")


main()
