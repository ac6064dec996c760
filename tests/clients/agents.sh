#!/usr/bin/env bash
# Runs real coding agents and SDKs through Mercato against the fake upstream: each does tool loops with its own shell, with a
# model of every host dialect. Not part of test.sh, because it installs the agents from npm (into the folder given).
# usage: tests/clients/agents.sh [FOLDER [PART...]]      needs node 20, npm, python3 and a built solution
# parts: loop turns overflow abort bill sdks (all)
set -uo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=${1:-$(mktemp -d)}
parts=${*:2}
parts=${parts:-loop turns overflow abort bill sdks}
mkdir -p "$work"/{data,shell,home-claude,home-codex,home-qwen,home-opencode} && cd "$work" || exit 1
# Versions that this was written against.
[ -d node_modules ] || npm install --no-audit --no-fund @anthropic-ai/claude-code@2.1.197 @openai/codex@0.169.0 \
  opencode-ai@1.18.33 @qwen-code/qwen-code@0.15.10 openai@6.49.0 @anthropic-ai/sdk@1.12.0 ai@6 @ai-sdk/openai >npm.log 2>&1 || exit 1

gateway=http://127.0.0.1:5081 upstream=http://127.0.0.1:9931
trap 'kill $(jobs -p) 2>/dev/null' EXIT
sonnet='fake-shell;in=3000;out=40;cached=1000'
"$root/artifacts/bin/Mercato.FakeUpstream/debug/Mercato.FakeUpstream" --port 9931 --alias "claude-sonnet-4-5=$sonnet" \
  --alias "claude-sonnet-4-5-20250929=$sonnet" >fake.log 2>&1 &
urls=$gateway MERCATO_ADMIN_EMAIL=root@example.org MERCATO_ADMIN_PASSWORD=passphrase-1234 Mercato__DataDirectory=$work/data \
  ANTHROPIC_API_KEY=k Mercato__Providers__anthropic__BaseUrl=$upstream Mercato__Providers__anthropic__AllowPrivate=true \
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
claude() { # claude MODEL [OPTION...]; the other agents likewise
  HOME=$work/home-claude IS_SANDBOX=1 ANTHROPIC_BASE_URL=$gateway ANTHROPIC_API_KEY=$key ANTHROPIC_MODEL=$1 \
    ANTHROPIC_SMALL_FAST_MODEL=$1 DISABLE_TELEMETRY=1 DISABLE_AUTOUPDATER=1 DISABLE_ERROR_REPORTING=1 \
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 timeout 120 "$work/node_modules/.bin/claude" -p "$ask" --output-format json \
    --allowedTools Bash --max-turns 4 "${@:2}"
}
codex() {
  mkdir -p "$work/home-codex/.codex"
  printf '%s\n' "model = \"$1\"" 'model_provider = "gw"' '[model_providers.gw]' 'name = "gw"' "base_url = \"$gateway/v1\"" \
    'env_key = "GW_KEY"' 'wire_api = "responses"' 'supports_websockets = false' >"$work/home-codex/.codex/config.toml"
  HOME=$work/home-codex GW_KEY=$key timeout 120 "$work/node_modules/.bin/codex" exec --skip-git-repo-check \
    --dangerously-bypass-approvals-and-sandbox "${@:2}" "$ask"
}
qwen() {
  HOME=$work/home-qwen OPENAI_API_KEY=$key OPENAI_BASE_URL=$gateway/v1 OPENAI_MODEL=$1 \
    timeout 120 "$work/node_modules/.bin/qwen" --auth-type openai --approval-mode yolo "${@:2}" -p "$ask"
}
opencode() { # opencode PACKAGE MODEL [OPTION...]
  printf '%s' "{\"model\":\"gw/$2\",\"small_model\":\"gw/$2\",\"permission\":{\"bash\":\"allow\"},\"provider\":{\"gw\":{\"npm\":\"$1\",
    \"name\":\"gw\",\"options\":{\"baseURL\":\"$gateway/v1\",\"apiKey\":\"$key\"},\"models\":{\"$2\":{\"name\":\"m\"}}}}}" >opencode.json
  HOME=$work/home-opencode OPENCODE_DISABLE_MODELS_FETCH=1 OPENCODE_DISABLE_AUTOUPDATE=1 \
    timeout 180 "$work/node_modules/.bin/opencode" run "${@:3}" "$ask"
}

chat() { opencode @ai-sdk/openai-compatible "$@"; }
messages() { opencode @ai-sdk/anthropic "$@"; }
agents='claude codex qwen chat messages' # the last two are opencode

failed=0 seed=0
wrong() { echo "WRONG $1"; tail -5 <<<"$2"; failed=1; }
expect() { # expect PATTERN NAME COMMAND...: the agent ends, and says that
  local pattern=$1 name=$2 said
  said=$("${@:3}" </dev/null 2>&1)
  local code=$?
  if [ $code != 124 ] && grep -qizE "$pattern" <<<"$said"; then echo "ok    $name"; else wrong "$name (exit $code)" "$said"; fi
}
has() { [[ " $parts " == *" $1 "* ]]; }
quoted='tool said:.*MARK-42' # the final text quotes what the shell really printed
cd "$work/shell" || exit 1

has loop && for script in 'fake-shell' 'fake-shell;calls=2' 'fake-shell;reasoning=12;strict-thoughts' 'fake-shell;cached=15' 'fake-shell;status=429;retry-after=1;times=1'; do
  for dialect in openai-chat openai-responses anthropic gemini; do
    # A script that fails at first must be each agent's own.
    for agent in $agents; do expect "$quoted" "loop $agent $dialect $script" $agent "fake-$dialect/$script;seed=$((++seed))"; done
  done
done

# Three turns of one conversation, each with its tool loop; the history goes through Mercato again and again.
has turns && for dialect in openai-chat anthropic gemini; do
  for agent in $agents; do
    case $agent in codex) again='resume --last' ;; *) again=-c ;; esac
    model="fake-$dialect/fake-shell;reasoning=12;strict-thoughts;seed=$((++seed))"
    expect "$quoted" "turn 1 $agent $dialect" $agent "$model"
    expect "$quoted" "turn 2 $agent $dialect" $agent "$model" $again
    expect "$quoted" "turn 3 $agent $dialect" $agent "$model" $again
  done
done

# The agent understands that its conversation is too long: it says so, and does not try for ever.
has overflow && for dialect in openai-chat openai-responses anthropic gemini; do
  for agent in $agents; do
    model="fake-$dialect/fake-shell;overflow;seed=$((++seed))"
    expect 'too long|context|too large|exceed' "overflow $agent $dialect" $agent "$model"
    asked=$(curl -s "$upstream/_journal" | grep -o "overflow;seed=$seed\"" | wc -l)
    [ "$asked" -le 40 ] || wrong "overflow $agent $dialect" "asked $asked times"
  done
done

# Stopped in mid-stream: the provider sees it, nothing stays held.
held() { curl -sf "$gateway/api/v1/credits" -H "authorization: Bearer $token" | python3 -c "import json,sys; print(json.load(sys.stdin)['data']['held'])"; }
ending() { # ending SEED: how the fake's first call of that script ended
  curl -s "$upstream/_journal" | python3 -c "
import json,sys
calls = json.load(sys.stdin); calls = calls if isinstance(calls, list) else calls['calls']
print(next((c['ending'] for c in calls if 'seed=$1' in (c.get('model') or '')), 'none'))"
}
has abort && for dialect in openai-chat anthropic gemini; do
  for agent in $agents; do
    name="abort $agent $dialect"
    $agent "fake-$dialect/fake-ok;out=400;events=200;pace=150;seed=$((++seed))" </dev/null >agent.log 2>&1 &
    agent_job=$!
    for _ in $(seq 120); do [ "$(ending $seed)" = running ] && break; sleep 0.5; done
    sleep 1
    pkill -INT -P $agent_job; sleep 1; pkill -KILL -f "$work/node_modules" ; wait $agent_job 2>/dev/null
    for _ in $(seq 20); do [ "$(ending $seed)" != running ] && [ "$(held)" = 0 ] && break; sleep 0.25; done
    if [ "$(ending $seed)" = client_left ] && [ "$(held)" = 0 ]; then echo "ok    $name"; else wrong "$name" "$(ending $seed), held $(held)"; fi
  done
done

# What Claude Code prints is what Mercato charged, to the nano-dollar of its own price table.
if has bill; then
  key=$(post keys '{"name":"bill","limit":null}' | field key)
  printed=$(claude claude-sonnet-4-5-20250929 </dev/null)
  charged=$(curl -sf "$gateway/api/v1/key" -H "authorization: Bearer $key" | python3 -c "import json,sys; print(json.load(sys.stdin)['data']['usage'])")
  said=$(python3 -c "import json,sys; print(json.loads(sys.argv[1])['total_cost_usd'])" "$printed")
  if python3 -c "import sys; sys.exit(abs(float('$said') - float('$charged')) > 1e-9 or float('$charged') == 0)"; then
    echo "ok    bill: Claude Code prints $said, charged $charged"
  else
    wrong "bill: Claude Code prints $said, charged $charged" "$printed"
  fi
fi

has sdks && for dialect in openai-chat openai-responses anthropic gemini; do
  cp "$root/tests/clients/sdks.mjs" "$work/" && (cd "$work" && node sdks.mjs "$gateway" "$key" "fake-$dialect/fake-tools") || failed=1
done
exit $failed
