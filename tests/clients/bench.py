#!/usr/bin/env python3
"""Times of the language server over its standard input and output, as an editor sees them.

    bench.py BASEQ [--rounds N] [--check]

Makes a project with a model of 500 tables and a program of 1,000 lines, edits it before every request, and prints the
median and the 95th percentile of each kind of request in milliseconds. Python's standard library is all it needs.
With --check it ends with 1 where a goal is missed.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

# Goals for a release build, 95th percentile in milliseconds.
GOALS = {
    "edit to diagnostics": 50,
    "completion": 30,
    "hover": 10,
    "definition": 10,
    "semantic tokens": 30,
    "semantic tokens, delta": 30,
    "document symbols": 30,
    "inlay hints": 30,
    "code lens": 30,
    "formatting": 50,
    "workspace symbols": 1000,
}
TABLES = 500
LINES = 1000


def model():
    text = ["model wide version 1\n"]
    many = "\n".join(f"  many rows_{n} : row_{n} by subject_id" for n in range(TABLES - 1))
    text.append(
        "entity subject (subjects) from table subject key subject_id linkage subject {\n"
        "  subject_id : id identifier\n  sex : female | male | unknown quasi\n  weight : decimal? general\n"
        f"{many}\n}}\n"
    )
    for n in range(TABLES - 1):
        text.append(
            f"entity row_{n} (rows_{n}) from table row_{n} key id linkage of subject via subject dated by on_day {{\n"
            f"  id : id identifier\n  subject_id : id identifier\n  on_day : date quasi\n  value_{n} : decimal? general\n"
            f"  kind_{n} : low < middle < high general\n  one subject : subject by subject_id\n}}\n"
        )
    return "\n".join(text)


def policy():
    granted = ", ".join(f"row_{n} (kind_{n}, value_{n}, on_day)" for n in range(TABLES - 1))
    return (
        'agreement "WIDE" version 1 {\n  recipient "Whoever measures"\n  purpose GENERAL\n'
        "  valid 2020-01-01 until 2100-01-01\n"
        f"  may test subject (sex, weight), {granted}\n  may show sex\n  level aggregate\n"
        "  release { min subjects 10, round to 5 }\n  formats csv\n}\n"
    )


def program():
    """A thousand lines: cohorts that read one another, and a last table that is edited."""
    lines = ['use agreement "WIDE"', "as of 2026-01-01", ""]
    number = 0
    while len(lines) < LINES - 8:
        n, source = number % (TABLES - 1), "subjects" if number == 0 else f"group_{number - 1}"
        lines += [
            f"--| Those with a row of table {n}.",
            f"cohort group_{number} =",
            f"  from {source}",
            f"  where found_{number}: has row_{n} (kind_{n} >= middle and value_{n} > {number % 90})",
            f"  where weighed_{number}: weight > {number % 70} or sex = female",
            "",
        ]
        number += 1
    lines += ["table last =", f"  from group_{number - 1}", "  group by sex", "  show people = count(subjects), heavy = count(subjects if weight > 70)"]
    return "\n".join(lines) + "\n"


class Server:
    def __init__(self, binary, folder):
        self.process = subprocess.Popen(
            [binary, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        )
        self.asked = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self):
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return json.loads(self.process.stdout.read(length))

    def tell(self, method, params):
        self.send({"method": method, "params": params})

    def ask(self, method, params):
        self.asked += 1
        self.send({"id": self.asked, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.asked and "method" not in message:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']}")
                return message["result"]


def main():
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    rounds = int(sys.argv[sys.argv.index("--rounds") + 1]) if "--rounds" in sys.argv else 30
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder).resolve()
        (root / "queries").mkdir()
        (root / "baseq.toml").write_text('model = "model.bq"\n\n[warehouse.main]\nurl = "duckdb:none.duckdb"\n')
        (root / "model.bq").write_text(model())
        (root / "policy").mkdir()
        (root / "policy" / "wide.bq").write_text(policy())
        text = program()
        (root / "queries" / "long.bq").write_text(text)
        begun = time.perf_counter()
        server = Server(binary, folder)
        capabilities = {"general": {"positionEncodings": ["utf-8"]}, "textDocument": {"diagnostic": {}}}
        folders = [{"uri": root.as_uri(), "name": "wide"}]
        server.ask(
            "initialize",
            {"processId": None, "rootUri": root.as_uri(), "capabilities": capabilities, "workspaceFolders": folders},
        )
        started = (time.perf_counter() - begun) * 1000
        server.tell("initialized", {})
        uri = (root / "queries" / "long.bq").as_uri()
        server.tell("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "bq", "version": 1, "text": text}})
        document = {"textDocument": {"uri": uri}}
        begun = time.perf_counter()
        report = server.ask("textDocument/diagnostic", document)
        first = (time.perf_counter() - begun) * 1000
        lines = text.split("\n")
        at = next(n for n, line in enumerate(lines) if line == "  group by sex")
        middle = next(n for n, line in enumerate(lines) if n > LINES // 2 and line.startswith("  where found_"))
        place = lambda line, column: {**document, "position": {"line": line, "character": column}}
        whole = {"start": {"line": 0, "character": 0}, "end": {"line": LINES, "character": 0}}
        version, tokens = 1, ""
        times = {}

        def edit():
            """A letter is written and taken back: the text is another one each time, and right in the end."""
            nonlocal version
            for letter, gone in [(" ", 0), ("", 1)]:
                version += 1
                start = {"line": at, "character": len(lines[at])}
                end = {"line": at, "character": len(lines[at]) + gone}
                changes = [{"range": {"start": start, "end": end}, "text": letter}]
                server.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes})

        requests = {
            "edit to diagnostics": ("textDocument/diagnostic", document),
            "completion": ("textDocument/completion", place(at, len("  group by s"))),
            "hover": ("textDocument/hover", place(middle, lines[middle].index("has row") + 6)),
            "definition": ("textDocument/definition", place(middle - 1, 9)),
            "semantic tokens": ("textDocument/semanticTokens/full", document),
            "semantic tokens, delta": ("textDocument/semanticTokens/full/delta", document),
            "document symbols": ("textDocument/documentSymbol", document),
            "inlay hints": ("textDocument/inlayHint", {**document, "range": whole}),
            "code lens": ("textDocument/codeLens", document),
            "formatting": ("textDocument/formatting", {**document, "options": {"tabSize": 2, "insertSpaces": True}}),
            "workspace symbols": ("workspace/symbol", {"query": "group_10"}),
        }
        for _ in range(rounds):
            for kind, (method, params) in requests.items():
                edit()
                if kind == "semantic tokens, delta":
                    params = {**params, "previousResultId": tokens}
                begun = time.perf_counter()
                result = server.ask(method, params)
                times.setdefault(kind, []).append((time.perf_counter() - begun) * 1000)
                if method.startswith("textDocument/semanticTokens"):
                    tokens = result["resultId"]
        server.ask("shutdown", None)
        server.tell("exit", None)
        server.process.wait(10)
    found = [item["message"].split("\n")[0] for item in report["items"]]
    print(f"{len(text.splitlines())} lines, {TABLES} tables, {rounds} rounds, an edit before each request")
    print(f"start {started:.0f} ms; first diagnostics {first:.0f} ms ({len(found)}: {found[:1]})")
    missed = []
    print(f"{'request':24} {'p50':>8} {'p95':>8} {'goal':>6}  ms")
    for kind, all_times in times.items():
        all_times.sort()
        p50, p95 = all_times[len(all_times) // 2], all_times[min(len(all_times) - 1, int(len(all_times) * 0.95))]
        if p95 > GOALS[kind]:
            missed.append(kind)
        print(f"{kind:24} {p50:8.1f} {p95:8.1f} {GOALS[kind]:6}{'  missed' if p95 > GOALS[kind] else ''}")
    return 1 if "--check" in sys.argv and missed else 0


if __name__ == "__main__":
    sys.exit(main())
