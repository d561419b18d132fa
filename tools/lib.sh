# Shell helpers that the scripts beside this file share. Sourced, never run.

root=$(cd "$(dirname "$0")/.." && pwd)

# Debian's interpreter: another python3 earlier on PATH would lack Debian's modules.
PYTHON=/usr/bin/python3
export PYTHON

say() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
    say "$*"
    exit 1
}

# build_preset PRESET [TARGET]: configures and builds; CMake and ninja do nothing where nothing changed.
build_preset() {
    (cd "$root" && cmake --preset "$1" --log-level=WARNING && cmake --build --preset "$1" ${2:+--target "$2"})
}
