#!/usr/bin/env bash
# Builds and tests everything. On Debian as root it installs what is missing (PostgreSQL, Chromium) through apt.
# usage: ./test.sh [--long]      --long runs the nightly lane too
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ "${1:-}" = "--long" ] && export MERCATO_TEST_LANE=long

need() { # need PACKAGE TEST-COMMAND
  eval "$2" >/dev/null 2>&1 && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "== installing $1"
    [ -n "${apt_ready:-}" ] || { apt-get update -qq; apt_ready=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
  else
    echo "$1 is missing and cannot be installed from here: the tests that need it will fail." >&2
  fi
}
need postgresql 'ls /usr/lib/postgresql/*/bin/initdb'
need chromium 'command -v chromium || command -v google-chrome'

echo "== build"
dotnet build Mercato.slnx -v quiet

passed=0 failed=0 status=0
run() { # run PROJECT: one test project after the other, two threads each
  echo "== $1"
  local log; log=$(mktemp)
  artifacts/bin/"$1"/debug/"$1" -maxThreads 2 -noColor 2>&1 | tee "$log" || status=1
  local line; line=$(grep -E '^ *[A-Za-z.]+ +Total: [0-9]+' "$log" | tail -n 1)
  [ -n "$line" ] || { echo "$1 gave no summary" >&2; status=1; return; }
  local total bad
  total=$(sed -E 's/.*Total: ([0-9]+).*/\1/' <<<"$line")
  bad=$(( $(sed -E 's/.*Errors: ([0-9]+).*/\1/' <<<"$line") + $(sed -E 's/.*Failed: ([0-9]+).*/\1/' <<<"$line") ))
  [ "$total" -gt 0 ] || { echo "$1 ran no test" >&2; status=1; }
  passed=$((passed + total - bad)); failed=$((failed + bad))
  rm -f "$log"
}
run Mercato.Wire.Tests
run Mercato.Tests
run Mercato.Browser.Tests

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && exit "$status" || exit 1
