"""The servers and clients of tests/api."""
import importlib.util

import lk

_file = lk.ROOT / "tests/api/conftest.py"
_spec = importlib.util.spec_from_file_location("api_conftest", _file)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
spec, server, client = _module.spec, _module.server, _module.client
