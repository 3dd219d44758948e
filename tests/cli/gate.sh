#!/usr/bin/env bash
# What a closed gate asks for can be given: an approval, and the acceptance of drift: gate.sh sqlite|postgresql|mysql
# shellcheck source=tests/cli/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
open_database "$1"
items
version=20260101000000
cat >"migrations/${version}_quantity.toml" <<'TOML'
[[change]]
kind  = "rename_column"
table = "item"
from  = "n"
to    = "quantity"

[gate]
approve = true

[pace]
batch_rows = 5000
sleep      = "0ms"
duty       = 1.0
TOML

check "nothing can be approved before it is applied" run 64 contract --approve "too early"
check "apply" run 0 apply
check "without an approval the gate is closed" run 3 contract
check "it names the command that helps" says_in out "\`sluice contract $version --approve \"REASON\"\`"
sql "ALTER TABLE item ADD COLUMN made_by_hand integer"
check "an approval does not open a gate that drift has closed" run 3 contract --approve "seen and agreed"
check "the approval is shown" says_in out "seen and agreed"
check "the drift is shown, with the command that helps" says_in out "\`sluice contract $version --accept-drift\`"
check "nothing was changed" equal "$(sql "SELECT count(n) FROM item")" "$item_rows"
check "with the drift accepted it contracts" run 0 contract --accept-drift
check "the ledger keeps both" run 0 log
check "the approval" says_in out "approve "
check "the acceptance" says_in out "accept-drift"
check "the way back is open" run 0 rollback
check "the old column is there again" equal "$(sql "SELECT count(n) FROM item WHERE n = id")" "$item_rows"
finish
