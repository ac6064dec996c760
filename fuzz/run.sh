#!/usr/bin/env bash
# Throws bytes at the wire library. usage: fuzz/run.sh [MINUTES] [TARGET...]
# MINUTES for each target (default 10); without targets all of them. Two run at once, politely.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_TieredPGO=0
minutes=${1:-10}; shift || true
out=artifacts/fuzz
dotnet build fuzz/Mercato.Fuzz -c Release -v quiet -p:CompileAhead=false || exit 1
# Only a copy is instrumented: tests and the application keep the library as it was built.
mkdir -p "$out" && rm -rf "$out/bin" && cp -r artifacts/bin/Mercato.Fuzz/release "$out/bin"
artifacts/bin/Mercato.Fuzz/release/Mercato.Fuzz instrument "$out/bin/Mercato.Wire.dll" || exit 1
[ $# -gt 0 ] || set -- $("$out/bin/Mercato.Fuzz" list)
# An input that never ends is stopped from outside; it is then in findings/TARGET/last.
limit=$(awk "BEGIN { print int($minutes * 60) + 120 }")
printf '%s\n' "$@" | xargs -P 2 -I{} nice -n 19 timeout "$limit" "$out/bin/Mercato.Fuzz" run {} "$minutes" "$out"
