"""Tells with which keys the API is asked, as a program: `dlt` reads a project's files only once.

Its arguments are a folder to work in and a JSON list of steps, each with environment `variables`
and `arguments` of the source; it prints a JSON list of the keys that each step used.
"""

import json
import os
import sys
from pathlib import Path

from tests.support.scripted_server import ScriptedServer, answer
from tests.test_settings import keys_used

if __name__ == "__main__":
    folder, steps = sys.argv[1:]
    answers = {
        "/v1/projects": [answer(body=b'[{"id":"p-1","name":"acme"}]')],
        "/v1/projects/p-1/integrations": [answer()],
    }
    used = []
    with ScriptedServer(answers) as api:
        for step in json.loads(steps):
            os.environ.update(step["variables"])
            used.append(keys_used(api, Path(folder), base_url=api.url, **step["arguments"]))
            for name in step["variables"]:
                del os.environ[name]
    sys.stdout.write(json.dumps(used))
