"""What the tests of pytest-lsp share: the program, a project, and editors as they say what they can do."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

BASEQ = os.environ["BASEQ"]


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A project without a warehouse: to check, complete and explain, its files are enough."""
    folder = tmp_path_factory.mktemp("study").resolve()
    source = pathlib.Path(os.environ["BASEQ_PROJECT"])
    for name in ["baseq.toml", "baseq.lock"]:
        shutil.copy(source / name, folder / name)
    for name in [".baseq", "policy", "queries"]:
        if (source / name).is_dir():
            shutil.copytree(source / name, folder / name)
    return folder
