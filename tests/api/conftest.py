import os
import pathlib
import sys

import pytest

import lk
import on_board

if os.environ.get("LATCHKEY_BOARD"):
    sys.path.insert(0, str(lk.ROOT / "tests" / "board"))
    from board_server import BoardServer

    lk.Server = BoardServer

SPEC = lk.Spec()
ROUTE_TESTS = {path.name for path in pathlib.Path(__file__).parent.glob("test_route_*.py")}


@pytest.fixture(scope="session")
def spec():
    return SPEC


@pytest.fixture(scope="module")
def server(request):
    """A server for the module, with the settings that its SETTINGS gives."""
    running = lk.Server(**getattr(request.module, "SETTINGS", {}))
    yield running
    running.close()


@pytest.fixture(autouse=True)
def same_time(request):
    """Both sides compare times: a server with a clock of its own is set right before each test."""
    if "server" in request.fixturenames:
        running = request.getfixturevalue("server")
        if isinstance(running, lk.Server):  # test_serving has one of its own, the engine alone
            running.set_clock()


@pytest.fixture(scope="module")
def client(server, spec):
    return lk.Client(server, spec)


@pytest.fixture(scope="module")
def admin(client):
    return client.admin()


@pytest.fixture
def owner(client):
    return client.signup()


@pytest.fixture
def other(client):
    return client.signup()


@pytest.fixture
def internal(server):
    """A service's token with the scopes named."""
    return server.internal_token


def pytest_collection_modifyitems(config, items):
    """Leaves out, on a board, what it has no file or process for."""
    if not os.environ.get("LATCHKEY_BOARD"):
        return
    gone = [item for item in items if on_board.reason(item)]
    config.hook.pytest_deselected(items=gone)
    items[:] = [item for item in items if item not in gone]


def pytest_sessionfinish(session, exitstatus):
    """A run of all route tests fails when an answer that openapi.json lists never came from its route."""
    run = {item.path.name for item in session.items}
    chosen = session.config.option.keyword or session.config.option.markexpr
    if exitstatus != 0 or chosen or not ROUTE_TESTS <= run:
        return
    missed = SPEC.never_seen()
    if missed:
        print("\nnever answered:", *(f"{status} {method} {path}" for method, path, status in missed), sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
