#!/bin/sh
# Does the contract still keep what it promised? Compares it with the last release, or with main while there is none. What stands on main
# itself is compared with the commit before it: main compared with main would always be fine.
set -eu

cd "$(dirname "$0")/.."
contract=proto/tallystick

# A commit without the contract promises nothing.
has_contract() {
    git cat-file -e "$1:$contract" 2>/dev/null && git cat-file -e "$1:buf.yaml" 2>/dev/null
}

find_promise() {
    tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)
    head=$(git rev-parse --verify --quiet HEAD || true)
    for revision in ${tag:+"refs/tags/$tag"} refs/heads/main refs/remotes/origin/main HEAD^; do
        is_it_head=$(git rev-parse --verify --quiet "$revision^{commit}" || true)
        if has_contract "$revision" && [ "$is_it_head" != "$head" ]; then
            echo "$revision"
            return
        fi
    done
}

if ! git rev-parse --git-dir >/dev/null 2>&1; then
    echo "This is no git checkout, so there is no earlier contract to compare with."
    exit 0
fi

promise=$(find_promise)
if [ -z "$promise" ]; then
    echo "No earlier commit has the contract, so nothing can be broken yet."
    exit 0
fi

echo "Comparing the contract with $promise."
# An archive and not a clone: a shallow checkout cannot be cloned. Only our own module is compared: the vendored
# ones are others' promises.
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
git archive --output "$before/contract.tar" "$promise" buf.yaml proto
buf breaking --against "$before/contract.tar" --path "$contract"
