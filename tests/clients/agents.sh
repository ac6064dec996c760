#!/usr/bin/env bash
# Runs real coding agents and SDKs through Mercato against the fake upstream: each does a tool loop with its own shell, with a
# model of every host dialect. Not part of test.sh, because it installs the agents from npm (into the folder given).
# usage: tests/clients/agents.sh [FOLDER]      needs node 20, npm, python3 and a built solution
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${1:-$(mktemp -d)}
mkdir -p "$work"/{data,shell,home-claude,home-codex,home-qwen,home-opencode} && cd "$work" || exit 1
# Versions that this was written against.
[ -d node_modules ] || npm install --no-audit --no-fund @anthropic-ai/claude-code@2.1.197 @openai/codex@0.169.0 \
  opencode-ai@1.18.33 @qwen-code/qwen-code@0.15.10 openai@6.49.0 @anthropic-ai/sdk@1.12.0 ai@6 @ai-sdk/openai >npm.log 2>&1 || exit 1

gateway=http://127.0.0.1:5081 upstream=http://127.0.0.1:9931
trap 'kill $(jobs -p) 2>/dev/null' EXIT
"$root/artifacts/bin/Mercato.FakeUpstream/debug/Mercato.FakeUpstream" --port 9931 >fake.log 2>&1 &
urls=$gateway MERCATO_ADMIN_EMAIL=root@example.org MERCATO_ADMIN_PASSWORD=passphrase-1234 Mercato__DataDirectory=$work/data \
  Mercato__Ledger__WelcomeCredit=100 "$root/artifacts/bin/Mercato/debug/Mercato" >mercato.log 2>&1 &
for _ in $(seq 120); do curl -sf "$gateway/health/ready" >/dev/null && break; sleep 0.5; done

post() { curl -sf "$gateway/api/v1/$1" -H "authorization: Bearer ${token:-}" -H 'content-type: application/json' -d "$2"; }
field() { python3 -c "import json,sys; print(json.load(sys.stdin)['$1'])"; }
token=$(post auth/login '{"email":"root@example.org","password":"passphrase-1234"}' | field access_token)
key=$(post keys '{"name":"agents","limit":null}' | field key)
for dialect in openai-chat openai-responses anthropic gemini; do
  case $dialect in openai-*) address=$upstream/v1 ;; *) address=$upstream ;; esac
  post admin/providers "{\"id\":\"fake-$dialect\",\"name\":\"$dialect\",\"dialect\":\"$dialect\",\"base_url\":\"$address\",
    \"api_key\":\"k\",\"allow_private\":true,\"wildcard_models\":true,
    \"default_price\":{\"prompt\":\"0.000001\",\"completion\":\"0.000002\"}}" >/dev/null || echo "no provider for $dialect"
done

ask='Run the command printf MARK-%d 42 with your shell tool and tell me what it printed.'
claude() {
  HOME=$work/home-claude IS_SANDBOX=1 ANTHROPIC_BASE_URL=$gateway ANTHROPIC_API_KEY=$key ANTHROPIC_MODEL=$1 \
    ANTHROPIC_SMALL_FAST_MODEL=$1 DISABLE_TELEMETRY=1 DISABLE_AUTOUPDATER=1 DISABLE_ERROR_REPORTING=1 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 120 "$work/node_modules/.bin/claude" -p "$ask" --output-format json \
    --allowedTools Bash --max-turns 4
}
codex() {
  mkdir -p "$work/home-codex/.codex"
  printf '%s\n' "model = \"$1\"" 'model_provider = "gw"' '[model_providers.gw]' 'name = "gw"' "base_url = \"$gateway/v1\"" \
    'env_key = "GW_KEY"' 'wire_api = "responses"' 'supports_websockets = false' >"$work/home-codex/.codex/config.toml"
  HOME=$work/home-codex GW_KEY=$key timeout 120 "$work/node_modules/.bin/codex" exec --skip-git-repo-check \
    --dangerously-bypass-approvals-and-sandbox "$ask"
}
qwen() {
  HOME=$work/home-qwen OPENAI_API_KEY=$key OPENAI_BASE_URL=$gateway/v1 OPENAI_MODEL=$1 \
    timeout 120 "$work/node_modules/.bin/qwen" --auth-type openai --approval-mode yolo -p "$ask"
}
opencode() { # opencode PACKAGE MODEL
  printf '%s' "{\"model\":\"gw/$2\",\"small_model\":\"gw/$2\",\"permission\":{\"bash\":\"allow\"},\"provider\":{\"gw\":{\"npm\":\"$1\",
    \"name\":\"gw\",\"options\":{\"baseURL\":\"$gateway/v1\",\"apiKey\":\"$key\"},\"models\":{\"$2\":{\"name\":\"m\"}}}}}" >opencode.json
  HOME=$work/home-opencode OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 \
    timeout 180 "$work/node_modules/.bin/opencode" run "$ask"
}

failed=0
check() { # check NAME COMMAND...: the final text quotes what the shell really printed
  local name=$1; shift
  local said; said=$("$@" </dev/null 2>&1)
  if grep -qz 'tool said:.*MARK-42' <<<"$said"; then echo "ok    $name"; else echo "WRONG $name"; echo "$said" | tail -5; failed=1; fi
}
cd "$work/shell" || exit 1
for script in 'fake-shell' 'fake-shell;calls=2' 'fake-shell;reasoning=12;strict-thoughts' 'fake-shell;cached=15' 'fake-shell;status=429;retry-after=1;times=1'; do
  for dialect in openai-chat openai-responses anthropic gemini; do
    model="fake-$dialect/$script"
    check "claude   $model" claude "$model"
    check "codex    $model" codex "$model"
    check "qwen     $model" qwen "$model"
    check "opencode $model (chat)" opencode @ai-sdk/openai-compatible "$model"
    check "opencode $model (messages)" opencode @ai-sdk/anthropic "$model"
  done
done
exit $failed
